"""The data directory: its sizes, a check of its database, and overwriting of deleted data."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from adapters.persistence.engine import set_up
from adapters.storage.room import UNLIMITED, DiskRoom
from application.ports.system import StorageUse
from domain.errors import Conflict

REBUILT_AT_ONCE = 64_000_000
"""Bytes up to which a deletion rebuilds the database immediately, which takes about a second."""


@dataclass(frozen=True, slots=True)
class LocalStorage:
    """Implements Storage for the data directory and its database."""

    folder: Path
    engine: Engine
    room: DiskRoom = UNLIMITED

    def use(self) -> StorageUse:
        disk = shutil.disk_usage(self.folder)
        sizes = _sizes(self.folder)
        parts = {name: sizes.pop(name, 0) for name in ("uploads", "results", "models", "trash")}
        database = sum(sizes.pop(name) for name in list(sizes) if name.startswith("netone.db"))
        return StorageUse(
            database=database or self._server_size(),
            other=sum(sizes.values()),
            disk_free=disk.free,
            disk_total=disk.total,
            **parts,
        )

    def keep_reserve(self) -> None:
        self.room.refill()

    def check_database(self) -> str | None:
        if self.engine.dialect.name != "sqlite":
            return None
        try:
            with self.engine.connect() as connection:
                verdict = connection.execute(text("PRAGMA quick_check(1)")).scalar()
        except DatabaseError as error:
            return str(error.orig)
        return None if verdict == "ok" else str(verdict)

    def discard_scratch(self, *, before: datetime) -> int:
        limit = before.timestamp()
        discarded = 0
        for path in (self.folder / "tmp").glob("*"):
            with suppress(FileNotFoundError):  # the process that made it may delete it at the same time
                if path.lstat().st_mtime < limit:
                    _remove(path)
                    discarded += 1
        return discarded

    def forget_deleted(self) -> None:
        """Rebuild the database and delete scratch files, so that no deleted data remains on disk. Raises Conflict.

        SQLite overwrites deleted rows, but it also moves rows, so old copies can remain until the file is rebuilt.
        Scratch files are unfinished copies of data that may have been deleted.
        """
        for path in (self.folder / "tmp").glob("*"):
            _remove(path)
        if not self._overwritten(rebuild=True):
            raise Conflict(
                "The database is in use. The customer was deleted, but traces can remain in its file. "
                "Wait a moment, then erase again."
            )

    def overwrite_deleted(self) -> bool:
        """Rebuild a small database. Only empty the WAL of a large one, because rebuilding it takes too long."""
        size = sum(_bytes(file) for file in self.folder.glob("netone.db*"))
        return self._overwritten(rebuild=size <= REBUILT_AT_ONCE)

    def _overwritten(self, *, rebuild: bool) -> bool:
        if self.engine.dialect.name != "sqlite":
            return True
        with closing(self.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            try:
                set_up(connection, query_only=0)
                if rebuild:
                    cursor.execute("VACUUM")
                (busy, _, _) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError:  # another process held the write lock longer than the timeout
                return False
            finally:
                cursor.close()
        return not busy

    def _server_size(self) -> int:
        if self.engine.dialect.name != "postgresql":
            return 0
        with self.engine.connect() as connection:
            return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar() or 0)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _sizes(folder: Path) -> dict[str, int]:
    """Bytes of each file and folder in `folder`, contents included. Files deleted during the count have 0 bytes."""
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return {}
    return {entry.name: _size(entry) for entry in entries}


def _size(entry: os.DirEntry[str]) -> int:
    try:
        if entry.is_dir(follow_symlinks=False):
            return sum(_sizes(Path(entry.path)).values())
        return entry.stat(follow_symlinks=False).st_size if entry.is_file(follow_symlinks=False) else 0
    except OSError:
        return 0


def _bytes(file: Path) -> int:
    """Size of a file; 0 if it was deleted in the meantime."""
    try:
        return file.stat().st_size if file.is_file() else 0
    except OSError:
        return 0
