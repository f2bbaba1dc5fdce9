"""Backs up and restores an SQLite database while other processes use it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from adapters.durable import atomic_write, publish
from adapters.persistence.engine import BUSY_TIMEOUT
from adapters.persistence.schema_version import known_revisions
from adapters.storage.hashing import sha256_of
from domain.errors import Conflict, InvalidInput

NOT_SQLITE = "Only an SQLite database is backed up here. For PostgreSQL, use pg_dump and pg_restore."


def backup(engine: Engine, path: Path) -> None:
    """Write a compact, consistent copy of the database to a new file, readable by its owner only.

    Raises Conflict if the file exists, InvalidInput for a database other than SQLite.
    """
    if engine.dialect.name != "sqlite" or not engine.url.database:
        raise InvalidInput(NOT_SQLITE)
    if path.exists():
        raise Conflict(f"There is already a file called {path.name}. Choose another name.")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(_connect(Path(engine.url.database))) as source:
            source.execute("VACUUM INTO ?", (str(partial),))
        check(partial)
        hash_file = hash_file_of(path)
        # The draft's name begins with the backup's name, so it is removed together with an unfinished archive.
        with atomic_write(hash_file, draft=path.with_name(f"{hash_file.name}.partial")) as file:
            file.write(f"{sha256_of(partial)}  {path.name}\n".encode())
        publish(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def restore(path: Path, database: Path) -> None:
    """Replace a database's content with a backup in one transaction. Open connections see the restored content.

    Raises InvalidInput, with nothing changed, if the file is not a valid backup of this product in a known version.
    Upgrade the schema afterwards: an older backup has an older schema.
    """
    check(path)
    database.parent.mkdir(parents=True, exist_ok=True)
    if not database.exists():
        os.close(os.open(database, os.O_CREAT | os.O_RDWR, 0o600))
    try:
        with closing(_connect(path)) as source, closing(_connect(database)) as target:
            source.backup(target)
    except sqlite3.DatabaseError as error:
        raise InvalidInput(f"The database could not be overwritten: {error}.") from error


def check(path: Path) -> None:
    """Raises InvalidInput unless the file is an undamaged database of this product in a known version."""
    if not path.is_file():
        raise InvalidInput(f"There is no file {path.name}.")
    try:
        with closing(_connect(path)) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            revision = _revision(connection)
    except sqlite3.DatabaseError as error:
        raise InvalidInput(f"{path.name} is damaged or not a database: {error}.") from error
    if verdict != "ok":
        raise InvalidInput(f"{path.name} is damaged: {verdict}.")
    if revision is None:
        raise InvalidInput(f"{path.name} is not a backup of this product.")
    if revision not in known_revisions():
        raise InvalidInput(f"{path.name} was made by a newer version of this product. Update it first.")
    must_match_hash(path)


def revision_in(path: Path) -> str:
    """The current migration of a database file; empty if it was never migrated."""
    with closing(_connect(path)) as connection:
        return _revision(connection) or ""


def leave_wal_mode(path: Path) -> None:
    """Merge the WAL of an unused database into it, so that one file holds everything."""
    with closing(_connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()


def hash_file_of(backup: Path) -> Path:
    """The file with a backup's SHA-256, in the format of sha256sum."""
    return backup.with_name(f"{backup.name}.sha256")


def must_match_hash(backup: Path) -> None:
    """Raises InvalidInput if a backup's hash differs. SQLite's integrity check misses most single-bit errors."""
    try:
        expected = hash_file_of(backup).read_text("utf-8").split()[:1]
    except (FileNotFoundError, UnicodeDecodeError):
        return
    if expected != [sha256_of(backup)]:
        raise InvalidInput(
            f"{backup.name} is damaged: it differs from what was written. Nothing was changed. Use another backup."
        )


def _revision(connection: sqlite3.Connection) -> str | None:
    tables = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    if not connection.execute(tables).fetchone()[0]:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT / 1000, isolation_level=None)
