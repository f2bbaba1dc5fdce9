"""The two halves of an installation, database and data directory, before anything else is read from them."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from domain.installation import Contents, InstallationId


class SchemaState(StrEnum):
    """How the schema of a database compares to this program's."""

    MISSING = "missing"
    """No database, or one without tables."""
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


class DatabaseFile(Protocol):
    """The database from outside. Only `upgrade` creates or changes anything."""

    def schema(self) -> SchemaState: ...
    def installation(self) -> InstallationId | None:
        """None where the database is missing, or was made by a version without ids."""

    def contents(self) -> Contents: ...
    def upgrade(self) -> bool:
        """Create the database or bring its schema up to date; whether anything was missing."""


class DataDirectory(Protocol):
    """The data directory as one thing. Reading never creates anything."""

    def installation(self) -> InstallationId | None: ...
    def contents(self) -> Contents: ...
    def give(self, installation: InstallationId, *, replace: bool = False) -> InstallationId:
        """Write the id down unless there is one; the id that is there afterwards. Safe between processes."""

    def mark(self) -> int:
        """The highest sequence number of the database that was noted here; 0 where none was."""

    def raise_mark(self, sequence: int) -> None:
        """Note a sequence number that the database has reached; a lower one than before is ignored."""
