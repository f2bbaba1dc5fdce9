"""New databases that are migrated by the statements that the migrations sent once: that is ten times quicker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from sqlalchemy import Connection, event


class KeptMigrations:
    """Migrates the first new database of the test run by the migrations, and notes each statement that they send.

    Migrations depend on nothing but the database, so the same statements build every other new database. A database
    that holds something is migrated by the migrations.
    """

    def __init__(self) -> None:
        from adapters.persistence import schema_version  # only here: collecting tests needs no database

        self.by_migrations = schema_version.migrate
        self.statements: list[tuple[str, Any]] = []

    def __call__(self, connection: Connection) -> None:
        if not _is_new(connection):
            self.by_migrations(connection)
        elif self.statements:
            for statement, parameters in self.statements:
                connection.exec_driver_sql(statement, parameters or None)
        else:
            self.statements = self._noted(connection)

    def _noted(self, connection: Connection) -> list[tuple[str, Any]]:
        noted: list[tuple[str, Any]] = []

        def note(_connection: Connection, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
            if statement.split()[0] not in ("SELECT", "PRAGMA"):
                noted.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", note)
        try:
            self.by_migrations(connection)
        finally:
            event.remove(connection, "before_cursor_execute", note)
        return noted


def _is_new(connection: Connection) -> bool:
    if connection.dialect.name != "sqlite":
        return False
    return connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0


@contextmanager
def migrations_noted_once() -> Iterator[None]:
    from adapters.persistence import schema_version

    with mock.patch.object(schema_version, "migrate", KeptMigrations()):
        yield


@contextmanager
def migrations_run_each_time() -> Iterator[None]:
    """Within the other: also a new database is migrated by the migrations."""
    from adapters.persistence import schema_version

    assert isinstance(schema_version.migrate, KeptMigrations)
    with mock.patch.object(schema_version, "migrate", schema_version.migrate.by_migrations):
        yield
