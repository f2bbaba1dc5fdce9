"""Scratch files of killed requests: the fake and the local data directory delete the old ones alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from adapters.persistence.storage import LocalStorage
from application.ports.system import Storage
from application.use_cases.maintenance.scheduled_tasks import DiscardScratch
from tests.fakes.system import FakeStorage

NOON = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)

Scratch = tuple[Storage, Callable[[str, datetime], None], Callable[[], set[str]]]


class Noon:
    def now(self) -> datetime:
        return NOON

    def monotonic(self) -> float:
        return 0.0


def in_memory() -> Scratch:
    storage = FakeStorage()
    return storage, storage.scratch.__setitem__, lambda: set(storage.scratch)


def on_disk(folder: Path, engine: Engine) -> Scratch:
    (folder / "tmp").mkdir()

    def put(name: str, at: datetime) -> None:
        path = folder / "tmp" / name
        path.write_text("customers")
        os.utime(path, (at.timestamp(), at.timestamp()))

    return LocalStorage(folder, engine), put, lambda: {path.name for path in (folder / "tmp").iterdir()}


@pytest.fixture(params=["fake", "local"])
def scratch(request: pytest.FixtureRequest, tmp_path: Path) -> Scratch:
    return in_memory() if request.param == "fake" else on_disk(tmp_path, create_engine("sqlite://"))


def test_scratch_files_older_than_an_hour_are_deleted(scratch: Scratch) -> None:
    storage, put, names = scratch
    put("killed.xlsx", datetime(2026, 11, 29, 10, 59, 59, tzinfo=UTC))
    put("in use.xlsx", datetime(2026, 11, 29, 11, 0, 1, tzinfo=UTC))

    assert DiscardScratch(storage, Noon())() == 1

    assert names() == {"in use.xlsx"}


def test_a_data_directory_without_scratch_files_is_accepted(tmp_path: Path) -> None:
    assert LocalStorage(tmp_path, create_engine("sqlite://")).discard_scratch(before=NOON) == 0
