"""What a hostile file is, and what has to come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.integration.any_file.scoring import as_csv

Rows = list[list[str]]


@dataclass(frozen=True)
class Refused:
    """Before or while it is read, in a sentence that begins so."""

    begins: str


@dataclass(frozen=True)
class Scored:
    """All rows accounted for: so many in the file, so many of them rejected.

    `alike`: the plain file's customers come first, and score as they do there.
    """

    rows: int
    rejected: int = 0
    alike: bool = False


@dataclass(frozen=True)
class Either:
    """A sentence or a full account: what is torn so badly may be read in more than one way."""


@dataclass(frozen=True)
class Hostile:
    made: bytes | Callable[[], bytes]
    comes: Refused | Scored | Either
    name: str = "customers.csv"

    @property
    def content(self) -> bytes:
        """Large ones are made when they are needed."""
        return self.made() if callable(self.made) else self.made


EMPTY = Refused("The file is empty.")
NUL = Refused("The file is damaged or not a text file")
UNKNOWN = Refused("None of the columns")
ONE_COLUMN = Refused("The file has one column")
NO_HEADER = Refused("The first line contains values, not column names.")
DAMAGED = Refused("The compressed file is damaged or incomplete.")
UNCLOSED = Refused("A quote that is opened on line")
IMPOSSIBLE = Refused("60 of 60 rows could not be read, for example “")

Case = tuple[str, str | bytes | Callable[[], bytes], Refused | Scored | Either]
Change = Callable[[list[str], int], list[str]]


def changed(table: Rows, change: Change) -> bytes:
    """The customers with each row changed; the change gets the row and its number from 0."""
    return as_csv([table[0], *(change(list(row), place) for place, row in enumerate(table[1:]))]).encode()


def with_cell(table: Rows, column: str, value: Callable[[int], str]) -> bytes:
    at = table[0].index(column)
    return changed(table, lambda row, place: [*row[:at], value(place), *row[at + 1 :]])
