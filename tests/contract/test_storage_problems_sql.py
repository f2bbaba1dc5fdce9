"""What a real SQLite file says when it is full, held by another process, or read-only, in the domain's words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from adapters.persistence.engine import Access, make_engine
from adapters.persistence.schema_version import upgrade
from adapters.persistence.unit_of_work import SqlUnitOfWork
from domain.errors import StorageBusy, StorageFull, StorageReadOnly
from tests.builders import a_run, an_account


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = make_engine(f"sqlite:///{tmp_path / 'netone.db'}")
    upgrade(engine)
    with SqlUnitOfWork(engine) as uow:
        uow.accounts.add(an_account())
        uow.commit()
    yield engine
    engine.dispose()


def test_a_full_disk_is_reported_as_a_storage_problem(engine: Engine) -> None:
    with SqlUnitOfWork(engine) as uow, pytest.raises(StorageFull):  # noqa: PT012
        pages = uow.audit.connection.execute(text("PRAGMA page_count")).scalar()
        uow.audit.connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        for number in range(1_000):
            uow.runs.add(a_run(id=f"run-{number}", file_name="x" * 200))
        uow.commit()


def test_a_database_that_another_process_holds_is_busy(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.persistence.engine._PRAGMAS", ("PRAGMA busy_timeout = 50",))
    engine.dispose()
    with closing(sqlite3.connect(str(engine.url.database))) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageBusy), SqlUnitOfWork(engine):
            pass
    with SqlUnitOfWork(engine) as uow:  # and is not by this thread, once the other is done
        uow.commit()


def test_a_read_only_database_is_reported_as_a_storage_problem(engine: Engine, tmp_path: Path) -> None:
    engine.dispose()
    read_only = make_engine(f"sqlite:///file:{tmp_path / 'netone.db'}?mode=ro&uri=true")
    try:
        with pytest.raises(StorageReadOnly), SqlUnitOfWork(read_only) as uow:
            uow.accounts.add(an_account(id="account-2"))
    finally:
        read_only.dispose()


def test_the_space_reserve_is_checked_before_writing_transactions_only(engine: Engine) -> None:
    made: list[str] = []
    with SqlUnitOfWork(engine, make_room=lambda: made.append("room")):
        pass
    with SqlUnitOfWork(engine, access=Access.READING, make_room=lambda: made.append("room")):
        pass
    assert made == ["room"]
