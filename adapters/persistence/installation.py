"""The installation's row, and read access to a database that may not be migrated yet."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Inspector, insert, inspect, select, text, update

from adapters.persistence.schema_version import known_revisions, newest_revision, revision_of, upgrade
from adapters.persistence.tables.installation_tables import installation
from application.ports.installation import DataDirectory, SchemaState
from domain.errors import InstallationMismatch
from domain.installation import Contents, InstallationId

ONLY_ROW = 1
IN_MEMORY = (None, "", ":memory:")


@dataclass(frozen=True, slots=True)
class SqlInstallation:
    """The one row of the table `installation`."""

    connection: Connection

    def get(self) -> InstallationId | None:
        identifier = self.connection.execute(select(installation.c.installation_id)).scalar()
        return None if identifier is None else InstallationId(identifier)

    def begin(self, proposed: InstallationId) -> InstallationId:
        """The stored id; if there is none, stores `proposed`.

        On PostgreSQL the key decides between concurrent calls.
        """
        stored = self.get()
        if stored is None:
            row = {"id": ONLY_ROW, "installation_id": proposed, "sequence": 0}
            statement = insert(installation).values(row)
            if self.connection.dialect.name == "postgresql":
                from sqlalchemy.dialects.postgresql import insert as insert_unless_there

                statement = insert_unless_there(installation).values(row).on_conflict_do_nothing()
            self.connection.execute(statement)
        return self.get() or proposed

    def sequence(self) -> int:
        return int(self.connection.execute(select(installation.c.sequence)).scalar() or 0)

    def advance(self, *, beyond: int = 0) -> int:
        """Raise the sequence by one, or to one above `beyond` if that is higher. Returns the new number."""
        sequence = max(self.sequence(), beyond) + 1
        self.connection.execute(update(installation).values(sequence=sequence))
        return sequence


@dataclass(frozen=True, slots=True)
class SqlDatabaseFile:
    """Implements DatabaseFile. Uses plain SQL, so that it can read databases of older versions."""

    engine: Engine

    def schema(self) -> SchemaState:
        if not self._exists():
            return SchemaState.MISSING
        with self.engine.connect() as connection:
            revision = revision_of(connection)
        if revision is None:
            return SchemaState.MISSING
        if revision not in known_revisions():
            return SchemaState.NEWER
        return SchemaState.CURRENT if revision == newest_revision() else SchemaState.OLDER

    def installation(self) -> InstallationId | None:
        if not self._exists():
            return None
        with self.engine.connect() as connection:
            return _id_of(connection, inspect(connection))

    def contents(self) -> Contents:
        if not self._exists():
            return Contents()
        with self.engine.connect() as connection:
            tables = inspect(connection)
            files = [_ids(connection, tables, name) for name in ("runs", "trainings", "uploads")]
            models = _ids(connection, tables, "model_versions")
            return Contents(_id_of(connection, tables), frozenset().union(*files), models)

    def upgrade(self) -> bool:
        return upgrade(self.engine)

    def _exists(self) -> bool:
        """Whether the database exists. Checked first, because connecting would create a missing SQLite file."""
        if self.engine.dialect.name != "sqlite" or self.engine.url.database in IN_MEMORY:
            return True
        return Path(str(self.engine.url.database)).is_file()


def must_be_of_this_installation(backup: Path, directory: DataDirectory) -> None:
    """Raises InstallationMismatch if the backup and the data directory have different ids."""
    backup_id, directory_id = _read(backup, "installation_id"), directory.installation()
    if backup_id is not None and directory_id is not None and backup_id != directory_id:
        raise InstallationMismatch(
            f"{backup.name} is a backup of another installation. Nothing was changed. Restore it into the data "
            "directory that it was made from, or into an empty one with --data-dir."
        )


def sequence_of(backup: Path) -> int:
    """The sequence in a backup; 0 for a version without installation ids."""
    return int(_read(backup, "sequence") or 0)


def _read(database: Path, column: str) -> Any:
    """Read a value of the installation's row from an SQLite file, opened read-only; None if there is none."""
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        tables = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'installation'"
        if not connection.execute(tables).fetchone()[0]:
            return None
        row = connection.execute(f"SELECT {column} FROM installation").fetchone()  # noqa: S608 - names of our own
        return row[0] if row else None


def _id_of(connection: Connection, tables: Inspector) -> InstallationId | None:
    if not tables.has_table("installation"):
        return None
    identifier = connection.execute(text("SELECT installation_id FROM installation")).scalar()
    return None if identifier is None else InstallationId(str(identifier))


def _ids(connection: Connection, tables: Inspector, name: str) -> frozenset[str]:
    if not tables.has_table(name):
        return frozenset()
    return frozenset(connection.execute(text(f"SELECT id FROM {name}")).scalars())  # noqa: S608 - names of our own
