"""The do-not-contact list of the installation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from domain.customer import CustomerId
from domain.do_not_contact import Entry


class DoNotContact(Protocol):
    """Customers whom no campaign may contact. Ids are compared exactly: see `domain.customer.stored_id`."""

    def add_many(self, entries: Iterable[Entry]) -> int:
        """Add customers; those already listed keep their entry. Returns how many were new. Takes millions."""

    def remove(self, customer_id: str) -> bool:
        """Returns whether the customer was listed."""

    def get(self, customer_id: str) -> Entry | None: ...
    def contains(self, customer_id: str) -> bool: ...
    def among(self, customer_ids: Iterable[str]) -> frozenset[str]:
        """Those of these customers who are listed. Takes thousands."""

    def count(self) -> int: ...
    def latest(self) -> datetime | None:
        """When the newest entry was added; None for an empty list."""

    def page(self, search: str, *, offset: int = 0, limit: int = 50) -> tuple[Sequence[Entry], int]:
        """Entries whose id contains the text, ignoring case; all for "". Newest first, equal times by descending id.

        Returns one page and the total number of matches.
        """

    def ids(self) -> Iterator[str]:
        """Every id, ascending, read in parts. Use it within the unit of work."""

    def entries(self) -> Iterator[Entry]:
        """Every entry by ascending id, read in parts. Use it within the unit of work."""

    def erase_customer(self, customer_id: str) -> bool:
        """Reduce the customer's entry to what the wish needs, and redact the id in other notes.

        Returns whether the customer is listed; the id stays on the list then.
        """


@dataclass(frozen=True, slots=True)
class FaultyLine:
    """A line of a file without an id that can be used: its number from 1, and why, such as "has no id"."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class IdList:
    """The ids of a file, each once and in its order, as results store ids.

    `column` is the heading of the ids, None for a plain list. `repeated` counts lines with an id of an earlier line;
    `faults` counts all faulty lines, of which `faulty` holds the first.
    """

    ids: tuple[CustomerId, ...]
    column: str | None = None
    repeated: int = 0
    faults: int = 0
    faulty: tuple[FaultyLine, ...] = ()

    @property
    def unlisted_faults(self) -> int:
        return self.faults - len(self.faulty)


class IdFiles(Protocol):
    """Reads files of customers' ids: one id on each line, or a table with a column of ids."""

    def read(self, path: Path) -> IdList:
        """Raises FileRefused for another kind of file, a table without a recognised column of ids, and too many ids."""
