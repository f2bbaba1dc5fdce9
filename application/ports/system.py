"""The clock, new ids, and the data directory as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """UTC, with its zone."""

    def monotonic(self) -> float:
        """Seconds since some moment of this process. Never goes back, whatever happens to the machine's clock."""


class Ids(Protocol):
    def new(self) -> str:
        """A UUIDv7: unique, rising with time."""


@dataclass(frozen=True, slots=True)
class StorageUse:
    """Bytes by kind of data, and of the disk that they stand on."""

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
        """Set space aside that a full disk can give back for deletions, where there is enough."""

    def check_database(self) -> str | None:
        """What is wrong with the database's file, in its own words; None where nothing is."""

    def forget_deleted(self) -> None:
        """Leave nothing of what was deleted in scratch and database files. Raises Conflict while others use them."""

    def overwrite_deleted(self) -> bool:
        """Overwrite what was deleted in the database and its journal as far as that is quick; whether that was done."""
