"""Files that have no record in the database, and the trash to which they are moved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class FileGroup(StrEnum):
    """What a file or folder of the data directory holds."""

    RESULTS = "results"
    UPLOAD = "upload"
    REJECTED = "rejected rows"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class StoredItem:
    """A complete file or folder of a run, training or model version. `written` is the time of the last change."""

    group: FileGroup
    id: str
    size: int
    written: datetime


@dataclass(frozen=True, slots=True)
class TrashedItem:
    """A stored item in the trash, and when it was moved there. `name` identifies it within the trash."""

    name: str
    item: StoredItem
    moved: datetime


class Leftovers(Protocol):
    """All complete files of the data directory, with or without a record, and the trash."""

    def stored(self) -> Sequence[StoredItem]:
        """All files, ordered by group, then id. Partial files are not included."""

    def move_to_trash(self, items: Collection[StoredItem], *, at: datetime) -> int:
        """Returns how many items were moved. Items that no longer exist are skipped."""

    def trash(self) -> Sequence[TrashedItem]:
        """Oldest first."""

    def is_damaged(self, name: str) -> bool:
        """Whether results in the trash differ from what was written; False if that cannot be determined."""

    def restore(self, name: str) -> StoredItem:
        """Move an item back. Raises NotFound, or Conflict if something else is stored there now."""

    def expire(self, before: datetime) -> int:
        """Permanently delete items that were moved to the trash before this time. Returns how many."""

    def erase_customer(self, customer_id: str, unlisted: Collection[StoredItem], *, id_columns: Sequence[str]) -> int:
        """Erase a customer from the trash and from these unlisted items. Returns how many items named the customer.

        A file that names the customer is deleted if the customer's rows cannot be identified in it. Databases that a
        restore moved to the trash are deleted.
        """
