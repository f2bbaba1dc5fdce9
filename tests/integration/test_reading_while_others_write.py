"""A page is read while another process holds the database's write lock."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.persistence.engine import BUSY_TIMEOUT, Access, make_engine
from adapters.persistence.schema_version import upgrade
from adapters.persistence.unit_of_work import SqlUnitOfWork
from adapters.security.tokens import RandomSecrets
from application.use_cases.accounts.sessions import SEEN_EVERY, ReadSession
from domain.account import LoginSession
from domain.errors import StorageBusy
from tests import builders as a
from tests.builders import at
from tests.fakes.security import FixedClock


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "netone.db"


def test_a_session_is_read_without_waiting_for_another_writer(database: Path) -> None:
    engine, secrets, clock = make_engine(f"sqlite:///{database}"), RandomSecrets(), FixedClock()
    upgrade(engine)
    person, now = a.an_account(), clock.now()
    long_ago = now - SEEN_EVERY - timedelta(seconds=1)
    session = LoginSession(secrets.digest("secret"), person.id, long_ago, long_ago, "", "")
    with SqlUnitOfWork(engine) as uow:
        uow.accounts.add(person)
        uow.sessions.add(session)
        uow.commit()
    read = ReadSession(
        lambda: SqlUnitOfWork(engine, access=Access.NOTING),
        lambda: SqlUnitOfWork(engine, access=Access.READING),
        secrets,
        clock,
    )

    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        authenticated = read("secret")
        waited = time.monotonic() - began
        other.execute("ROLLBACK")

    assert authenticated is not None
    assert authenticated[0] == person
    assert waited < BUSY_TIMEOUT / 1000 / 2
    assert read("secret") is not None
    with SqlUnitOfWork(engine, access=Access.READING) as uow:
        noted = uow.sessions.get(session.token_hash)
    engine.dispose()
    assert noted is not None
    assert noted.seen_at == now, "the next page notes it"


def test_an_optional_write_fails_at_once_and_later_writers_wait_again(database: Path) -> None:
    engine = make_engine(f"sqlite:///{database}")
    upgrade(engine)
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageBusy), SqlUnitOfWork(engine, access=Access.NOTING):
            pass
        other.execute("ROLLBACK")
    with SqlUnitOfWork(engine, access=Access.NOTING) as uow:
        uow.workers.heartbeat("worker", at=at())
        uow.commit()
    with SqlUnitOfWork(engine) as uow:
        timeout = uow.workers.connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
    engine.dispose()
    assert timeout == BUSY_TIMEOUT
