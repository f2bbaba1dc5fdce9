"""Converts errors of disks and databases to domain errors."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from domain.errors import StorageBusy, StorageFailing, StorageFull, StorageProblem, StorageReadOnly

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
BY_SQLITE_CODE: dict[int, Callable[[], StorageProblem]] = {
    sqlite3.SQLITE_FULL: StorageFull,
    sqlite3.SQLITE_BUSY: StorageBusy,
    sqlite3.SQLITE_LOCKED: StorageBusy,
    sqlite3.SQLITE_READONLY: StorageReadOnly,
    sqlite3.SQLITE_IOERR: StorageFailing,
    sqlite3.SQLITE_CANTOPEN: StorageFailing,
}
PRIMARY_CODE = 0xFF
BY_SQLSTATE: dict[str, Callable[[], StorageProblem]] = {
    "53100": StorageFull,  # disk_full
    "53200": StorageBusy,  # out_of_memory
    "53300": StorageBusy,  # too_many_connections
    "55P03": StorageBusy,  # lock_not_available
    "57P01": StorageBusy,  # admin_shutdown
    "57P03": StorageBusy,  # cannot_connect_now
    "58030": StorageFailing,  # io_error
}


def problem_of(error: BaseException) -> StorageProblem | None:
    """The StorageProblem for an error of the system, SQLite or PostgreSQL; None if it is not a storage problem."""
    if isinstance(error, OSError):
        return _of_system(error.errno)
    if isinstance(error, sqlite3.Error):
        make_problem = BY_SQLITE_CODE.get((getattr(error, "sqlite_errorcode", None) or 0) & PRIMARY_CODE)
        return make_problem() if make_problem else None
    make_problem = BY_SQLSTATE.get(str(getattr(error, "sqlstate", None)))
    return make_problem() if make_problem else None


def _of_system(number: int | None) -> StorageProblem | None:
    if number in FULL:
        return StorageFull()
    if number == errno.EROFS:
        return StorageReadOnly()
    return StorageFailing() if number == errno.EIO else None


@contextmanager
def storage_problems() -> Iterator[None]:
    """Raise storage errors of a block as StorageProblem. Can also decorate a function."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        problem = problem_of(error)
        if problem is None:
            raise
        raise problem from error
