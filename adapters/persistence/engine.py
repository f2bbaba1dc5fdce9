"""Engines, and how a transaction begins on them. Nothing is set on the Engine class: each engine is prepared alone.

Values never come with an error's text (`hide_parameters`): it ends in a log, where no person's data belongs.
"""

from __future__ import annotations

import os
import sqlite3
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event

from adapters.storage.problems import problem_of
from domain.errors import StorageBusy, StorageProblem, StorageReadOnly

BUSY_TIMEOUT = 10_000
"""Milliseconds that SQLite waits for another writer."""
NOTE_TIMEOUT = 20
"""Milliseconds that a note waits for another writer."""
ACCESS = "netone_access"
"""The execution option that says what a connection's transaction is for."""

_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)
_AUDIT_LOG = "audit_log"
_IN_MEMORY = (None, "", ":memory:")


class Access(Enum):
    """What a transaction is for. On SQLite, WRITING takes the one write lock at once; READING refuses to write."""

    READING = "reading"
    WRITING = "writing"
    NOTING = "noting"
    """As WRITING, but raises StorageBusy instead of waiting: for what can be left out or written later."""


def make_engine(url: str) -> Engine:
    """An engine for this URL, prepared. Connects, and makes the database file, when first used."""
    return prepared(create_engine(url, hide_parameters=True))


def prepared(engine: Engine) -> Engine:
    """The same engine with everything set that the database needs; on SQLite, before its first connection."""
    event.listen(engine, "handle_error", _storage_problem)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _make_private_file)
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    return engine


def _storage_problem(context: ExceptionContext) -> StorageProblem | None:
    """Raised instead of SQLAlchemy's own error: a full disk, a lock, a lost server. None leaves the error as it is."""
    problem = problem_of(context.original_exception)
    connection = context.connection
    reading = connection is not None and connection.get_execution_options().get(ACCESS) is Access.READING
    if reading and isinstance(problem, StorageReadOnly):
        return None  # our own fault: a transaction that was declared to read only
    if problem is None and context.is_disconnect:
        return StorageBusy("The database does not answer.")
    return problem


def _make_private_file(_dialect: Any, _record: Any, arguments: Any, options: Any) -> None:
    """Let the file exist for its owner alone before SQLite opens it; its -wal and -shm take over the mode."""
    name = arguments[0] if arguments else options.get("database")
    if name in _IN_MEMORY or str(name).startswith("file:"):
        return
    path = Path(str(name))
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _set_pragmas(connection: Any, _record: Any) -> None:
    # The driver would begin transactions late and only for some statements: it is told to leave that to us.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma).close()
    connection.set_authorizer(_keep_audit_log)


def _keep_audit_log(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """The audit log's triggers keep its entries; this keeps the triggers, whatever SQL is sent.

    A migration that has to change the table needs a connection of its own.
    """
    if action in (sqlite3.SQLITE_DROP_TRIGGER, sqlite3.SQLITE_DROP_TABLE) and str(first).startswith(_AUDIT_LOG):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_ALTER_TABLE and second == _AUDIT_LOG:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and str(first).lower() == "writable_schema":
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _begin(connection: Connection) -> None:
    access = connection.get_execution_options().get(ACCESS)
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if access is Access.READING else 'OFF'}")
    timeout = NOTE_TIMEOUT if access is Access.NOTING else BUSY_TIMEOUT
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {timeout}").close()
    # A reader that turns writer fails when another wrote meanwhile; a writer therefore says so first.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if access in (Access.WRITING, Access.NOTING) else "BEGIN")
