"""What a worker does every few seconds and every hour, on the real application."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bench.ports import ports_of
from entrypoints import worker
from entrypoints.bootstrap import build_inline
from entrypoints.settings import Settings


class Enough(BaseException):
    """Ends the endless loop."""


def once(_: float) -> None:
    raise Enough


def test_all_scheduled_tasks_run_without_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    application = build_inline(Settings(data_dir=tmp_path, bcrypt_cost=4))
    application.maintenance.upgrade_database()
    monkeypatch.setattr(worker.time, "sleep", once)

    with pytest.raises(Enough):
        worker._run_maintenance(application, "worker", worker.Pace())

    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    with ports_of(application).new_reading() as uow:
        assert uow.workers.last_seen() is not None
