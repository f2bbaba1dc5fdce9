"""Database and data directory: checks made before anything else is read from them."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from domain.installation import Contents, InstallationId


class SchemaState(StrEnum):
    """The schema version of a database compared with this program's."""

    MISSING = "missing"
    """No database, or one without tables."""
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


class DatabaseFile(Protocol):
    """The database as a file. Only `upgrade` creates or changes anything."""

    def schema(self) -> SchemaState: ...
    def installation(self) -> InstallationId | None:
        """None if the database is missing, or was created by a version without ids."""

    def contents(self) -> Contents: ...
    def upgrade(self) -> bool:
        """Create the database or upgrade its schema. Returns whether anything was changed."""


class DataDirectory(Protocol):
    """The data directory. Reading never creates anything."""

    def installation(self) -> InstallationId | None: ...
    def contents(self) -> Contents: ...
    def give(self, installation: InstallationId, *, replace: bool = False) -> InstallationId:
        """Store the id unless the directory has one. Returns the stored id. Safe to call from several processes."""

    def mark(self) -> int:
        """The highest database sequence number recorded in the directory; 0 if there is none."""

    def raise_mark(self, sequence: int) -> None:
        """Record a sequence number that the database has reached. A lower one than before is ignored."""
