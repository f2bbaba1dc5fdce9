"""The clock, new ids, and the data directory as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The current time in UTC, time-zone aware."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary start. Never decreases, even if the system clock is changed."""


class Ids(Protocol):
    def new(self) -> str:
        """A UUIDv7: unique and increasing with time."""


@dataclass(frozen=True, slots=True)
class StorageUse:
    """Bytes by kind of data; free and total bytes of the disk."""

    database: int
    uploads: int
    results: int
    models: int
    trash: int
    other: int
    disk_free: int
    disk_total: int

    @property
    def together(self) -> int:
        return self.database + self.uploads + self.results + self.models + self.trash + self.other


class Storage(Protocol):
    """The data directory as a whole."""

    def use(self) -> StorageUse: ...
    def keep_reserve(self) -> None:
        """Reserve disk space that is released for deletions when the disk is full, if there is enough space."""

    def check_database(self) -> str | None:
        """The database engine's description of damage to the file; None if there is none."""

    def discard_scratch(self, *, before: datetime) -> int:
        """Delete temporary files of interrupted requests, last written before this time. Returns how many."""

    def forget_deleted(self) -> None:
        """Remove all deleted data from temporary and database files. Raises Conflict while others use the files."""

    def overwrite_deleted(self) -> bool:
        """Overwrite deleted data in the database and its journal as far as that is fast; whether it was done."""
