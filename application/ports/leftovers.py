"""Files that no record stands for, and the trash that they are moved to."""

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
    """A whole file or folder under the id of its run, training or model version. `written`: last change."""

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
    """All whole files of the data directory, listed or not, and the trash."""

    def stored(self) -> Sequence[StoredItem]:
        """By group, then id. Half-written files are not among them."""

    def move_to_trash(self, items: Collection[StoredItem], *, at: datetime) -> int:
        """How many were moved; what vanished meanwhile is skipped."""

    def trash(self) -> Sequence[TrashedItem]:
        """Oldest first."""

    def is_damaged(self, name: str) -> bool:
        """Whether results in the trash are not as they were written; False where that cannot be told."""

    def restore(self, name: str) -> StoredItem:
        """Move an item back. Raises NotFound, or Conflict where its place is taken."""

    def expire(self, before: datetime) -> int:
        """Delete for good what was moved earlier; how many items."""

    def erase_customer(self, customer_id: str, unlisted: Collection[StoredItem], *, id_columns: Sequence[str]) -> int:
        """Erase a customer from the trash and from these unlisted items; how many items named them.

        A file in which the customer's rows cannot be told apart is deleted when it names them. Databases that a
        restore put into the trash are deleted.
        """
