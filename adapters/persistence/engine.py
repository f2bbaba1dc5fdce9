"""Creates engines and begins transactions on them. Listeners are set on each engine, never on the Engine class.

`hide_parameters` keeps values out of error messages, because these are logged and logs must not hold personal data.
"""

from __future__ import annotations

import os
import sqlite3
import time
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, PoolProxiedConnection, create_engine, event

from adapters.storage.problems import problem_of
from domain.errors import StorageBusy, StorageProblem, StorageReadOnly

BUSY_TIMEOUT = 10_000
"""Milliseconds that SQLite waits for another writer."""
NOTE_TIMEOUT = 20
"""Milliseconds that a NOTING transaction waits for another writer."""
_PAUSE = 0.01
"""Seconds between two attempts to switch a new database to write-ahead logging."""
ACCESS = "netone_access"
"""The execution option with the access mode of a connection's transaction."""

_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT}",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)
_AUDIT_LOG = "audit_log"
_GUARDED = frozenset(
    {sqlite3.SQLITE_DROP_TRIGGER, sqlite3.SQLITE_DROP_TABLE, sqlite3.SQLITE_ALTER_TABLE, sqlite3.SQLITE_PRAGMA}
)
"""The actions of which some are rejected."""
_IN_MEMORY = (None, "", ":memory:")


class Access(Enum):
    """Access mode of a transaction. On SQLite, WRITING takes the write lock at once; READING cannot write."""

    READING = "reading"
    WRITING = "writing"
    NOTING = "noting"
    """Like WRITING, but raises StorageBusy instead of waiting. For writes that can be skipped or postponed."""


def make_engine(url: str) -> Engine:
    """A prepared engine for this URL. It connects, and creates the database file, on first use."""
    return prepared(create_engine(url, hide_parameters=True))


def prepared(engine: Engine) -> Engine:
    """Add the listeners that the database needs and return the engine.

    On SQLite, call it before the first connection.
    """
    event.listen(engine, "handle_error", _storage_problem)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _make_private_file)
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    return engine


def _storage_problem(context: ExceptionContext) -> StorageProblem | None:
    """The error to raise instead of SQLAlchemy's: full disk, lock or lost server. None keeps the original error."""
    problem = problem_of(context.original_exception)
    connection = context.connection
    reading = connection is not None and connection.get_execution_options().get(ACCESS) is Access.READING
    if reading and isinstance(problem, StorageReadOnly):
        return None  # a programming error: a write in a transaction that was declared read-only
    if problem is None and context.is_disconnect:
        return StorageBusy("The database does not answer.")
    return problem


def _make_private_file(_dialect: Any, _record: Any, arguments: Any, options: Any) -> None:
    """Create the file with owner-only access before SQLite opens it. Its -wal and -shm files get the same mode."""
    name = arguments[0] if arguments else options.get("database")
    if name in _IN_MEMORY or str(name).startswith("file:"):
        return
    path = Path(str(name))
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _set_pragmas(connection: Any, _record: Any) -> None:
    # By default the driver begins transactions late and only for some statements. None leaves BEGIN to `_begin`.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma).close()
    _use_wal(connection)
    connection.set_authorizer(_protect_audit_log)


def _use_wal(connection: Any) -> None:
    """Switch the database to write-ahead logging, which it then keeps.

    While another process switches a new database, SQLite refuses at once, whatever the busy timeout is, so this tries
    again until that time is over.
    """
    until = time.monotonic() + BUSY_TIMEOUT / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _protect_audit_log(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """Reject any SQL that would remove the audit log's triggers, which protect its entries.

    A migration that has to change the table needs a connection without this authorizer.
    """
    if action not in _GUARDED:  # asked for every column of every statement
        return sqlite3.SQLITE_OK
    if action in (sqlite3.SQLITE_DROP_TRIGGER, sqlite3.SQLITE_DROP_TABLE) and str(first).startswith(_AUDIT_LOG):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_ALTER_TABLE and second == _AUDIT_LOG:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and str(first).lower() == "writable_schema":
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _begin(connection: Connection) -> None:
    access = connection.get_execution_options().get(ACCESS)
    reading, timeout = access is Access.READING, NOTE_TIMEOUT if access is Access.NOTING else BUSY_TIMEOUT
    set_up(connection.connection, query_only=int(reading), busy_timeout=timeout)
    # A transaction that reads first and writes later fails if another one wrote in between, so writers begin as
    # writers.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if access in (Access.WRITING, Access.NOTING) else "BEGIN")


def set_up(connection: PoolProxiedConnection, **pragmas: int) -> None:
    """Set what a transaction needs on a connection to SQLite, as far as its last transaction needed something else."""
    for pragma, value in pragmas.items():
        if connection.info.get(pragma) != value:
            connection.info.pop(pragma, None)  # unknown, should setting it fail
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA {pragma} = {value}")
            cursor.close()
            connection.info[pragma] = value
