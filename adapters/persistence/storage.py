"""The data directory as a whole: how much stands in it, whether its database is sound, and that deleted is deleted."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from adapters.storage.room import UNLIMITED, DiskRoom
from application.ports.system import StorageUse
from domain.errors import Conflict

REBUILT_AT_ONCE = 64_000_000
"""Bytes of a database up to which a deletion rebuilds it there and then: about a second."""


@dataclass(frozen=True, slots=True)
class LocalStorage:
    """The folder that holds everything; with a database server, its part is not measured here."""

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
                said = connection.execute(text("PRAGMA quick_check(1)")).scalar()
        except DatabaseError as error:
            return str(error.orig)
        return None if said == "ok" else str(said)

    def forget_deleted(self) -> None:
        """SQLite overwrites what it deletes, but moves rows about as it works: only a rebuilt file is surely clean.

        Scratch files go too: they are half-made copies of what may have been deleted.
        """
        for left in (self.folder / "tmp").glob("*"):
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
        if not self._overwritten(rebuild=True):
            raise Conflict("The database is in use. What was deleted is gone, but wait a moment and erase once more.")

    def overwrite_deleted(self) -> bool:
        """Rebuilding takes long where the database is large: there the journal alone is emptied."""
        size = sum(_bytes(file) for file in self.folder.glob("netone.db*"))
        return self._overwritten(rebuild=size <= REBUILT_AT_ONCE)

    def _overwritten(self, *, rebuild: bool) -> bool:
        if self.engine.dialect.name != "sqlite":
            return True
        with closing(self.engine.raw_connection()) as connection:
            cursor = connection.cursor()
            try:
                cursor.execute("PRAGMA query_only = OFF")
                if rebuild:
                    cursor.execute("VACUUM")
                (busy, _, _) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except sqlite3.OperationalError:  # somebody else writes for longer than one waits
                return False
            finally:
                cursor.close()
        return not busy

    def _server_size(self) -> int:
        if self.engine.dialect.name != "postgresql":
            return 0
        with self.engine.connect() as connection:
            return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar() or 0)


def _sizes(folder: Path) -> dict[str, int]:
    """Bytes by name of each file and folder in it, contents included; what vanishes meanwhile counts as nothing."""
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
    """A file may vanish while it is being measured."""
    try:
        return file.stat().st_size if file.is_file() else 0
    except OSError:
        return 0
