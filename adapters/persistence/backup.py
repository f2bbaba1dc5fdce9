"""Backups of an SQLite database, made and put back while others go on using it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from adapters.durable import flush
from adapters.persistence.engine import BUSY_TIMEOUT
from adapters.persistence.schema_version import known_revisions
from adapters.storage.hashing import sha256_of
from domain.errors import Conflict, InvalidInput

NOT_SQLITE = "Only an SQLite database is backed up here. For PostgreSQL, use pg_dump and pg_restore."


def backup(engine: Engine, path: Path) -> None:
    """Write a compact, consistent copy of the database to a new file, readable by its owner alone.

    Raises Conflict where there is a file already, InvalidInput for a database other than SQLite.
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
        with closing(_opened(Path(engine.url.database))) as source:
            source.execute("VACUUM INTO ?", (str(partial),))
        check(partial)
        flush(partial)
        hash_file_of(path).write_text(f"{sha256_of(partial)}  {path.name}\n", "utf-8")
        flush(hash_file_of(path))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def restore(path: Path, database: Path) -> None:
    """Put a backup in place of a database's content, in one transaction; who has it open sees the restored one.

    Raises InvalidInput, with nothing changed, where the file is no sound backup of this product or of a newer one.
    Upgrade the schema afterwards: an older backup brings an older one.
    """
    check(path)
    database.parent.mkdir(parents=True, exist_ok=True)
    if not database.exists():
        os.close(os.open(database, os.O_CREAT | os.O_RDWR, 0o600))
    try:
        with closing(_opened(path)) as source, closing(_opened(database)) as target:
            source.backup(target)
    except sqlite3.DatabaseError as error:
        raise InvalidInput(f"The database could not be overwritten: {error}.") from error


def check(path: Path) -> None:
    """Raises InvalidInput unless the file is a sound database of this product, of a version known here."""
    if not path.is_file():
        raise InvalidInput(f"There is no file {path.name}.")
    try:
        with closing(_opened(path)) as connection:
            (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            revision = _revision(connection)
    except sqlite3.DatabaseError as error:
        raise InvalidInput(f"{path.name} is no database, or a damaged one: {error}.") from error
    if verdict != "ok":
        raise InvalidInput(f"{path.name} is damaged: {verdict}.")
    if revision is None:
        raise InvalidInput(f"{path.name} is no backup of this product.")
    if revision not in known_revisions():
        raise InvalidInput(f"{path.name} was made by a newer version of this product. Update it first.")
    must_match_hash(path)


def revision_in(path: Path) -> str:
    """The migration that a database file is at; empty where it was never migrated."""
    with closing(_opened(path)) as connection:
        return _revision(connection) or ""


def leave_wal_mode(path: Path) -> None:
    """Write the journal of a database that nobody uses into it, so that one file holds everything."""
    with closing(_opened(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()


def hash_file_of(backup: Path) -> Path:
    """Where a backup's SHA-256 stands, in the format of sha256sum."""
    return backup.with_name(f"{backup.name}.sha256")


def must_match_hash(backup: Path) -> None:
    """Raises InvalidInput where a backup is not as it was written. SQLite's own check misses most single bits."""
    try:
        expected = hash_file_of(backup).read_text("utf-8").split()[:1]
    except (FileNotFoundError, UnicodeDecodeError):
        return
    if expected != [sha256_of(backup)]:
        raise InvalidInput(
            f"{backup.name} is damaged: it is not as it was written. Nothing was changed. Use another backup."
        )


def _revision(connection: sqlite3.Connection) -> str | None:
    tables = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    if not connection.execute(tables).fetchone()[0]:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=BUSY_TIMEOUT / 1000, isolation_level=None)
