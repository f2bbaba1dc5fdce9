"""Monthly files of one customer base, joined by customer: who of one month is in another, and what changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from application.ports.columns import CustomerColumns
from domain.dates import DateForm
from domain.file_format import FileFormat
from domain.presence import Presence


@dataclass(frozen=True, slots=True)
class SnapshotFile:
    """How one file is read. Columns are positions in `header`.

    All rows belong to `month` ("YYYY-MM"), unless a column holds the month of each row. `days` are columns of dates
    that are compared with other days, with their form.
    """

    path: Path
    format: FileFormat
    header: tuple[str, ...]
    id_position: int
    month: str | None = None
    month_position: int | None = None
    days: Mapping[int, DateForm] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileRows:
    """What was read of a file. rows = read + rejected. `blank_ids` and `undated` rows are not used.

    `months` are the rows used of each month. Every row has another customer, or repeats one of its month.
    """

    rows: int
    rejected: int
    blank_ids: int
    undated: int
    months: Mapping[str, int]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoneByValue:
    """Customers have left whose `column` holds one of these values, trimmed and in any case."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GoneByDay:
    """Customers have left whose day in `column` is at least `days` before the reference, a day since 1970-01-01.

    `reference` applies to all months; None: the newest day of the column in each month that is not after its end.
    A customer without a day is unsaid, or has stayed if `blank_stays`.
    """

    column: str
    days: int
    reference: int | None = None
    blank_stays: bool = False


Gone = GoneByValue | GoneByDay


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two months of a base. `customers` of the earlier one, of whom the later contains `found`; `new` are in it only.

    `respelled` are missing customers whose id is among the new ones in another spelling: other case, separators,
    leading zeros, or a trailing ".0". `example` is one such id in both spellings.
    """

    customers: int
    found: int
    new: int
    respelled: int = 0
    example: tuple[str, str] | None = None

    @property
    def missing(self) -> int:
        return self.customers - self.found


@dataclass(frozen=True, slots=True)
class ValueChange:
    """How many customers of both months have this value in the earlier and in the later one. None: an empty cell."""

    before: str | None
    after: str | None
    customers: int


@dataclass(frozen=True, slots=True)
class LevelLoss:
    """The customers of a month with one value, and how many of them are missing in the next month."""

    month: str
    column: str
    value: str
    customers: int
    missing: int


@dataclass(frozen=True, slots=True)
class Falls:
    """In how many of the compared customers a number is lower in the later month than in the earlier one."""

    compared: int
    fell: int


@dataclass(frozen=True, slots=True)
class IdleCount:
    """The customers of a month whose last activity is so many days before the month's reference.

    `followed` of them have a row in a later month or are missing there, and `returned` were active again in one.
    """

    month: str
    days: int
    customers: int
    followed: int
    returned: int


@dataclass(frozen=True, slots=True)
class LabelTable:
    """What a training file contains: `columns` by their names in the files, besides id, month and label.

    `labels` says for each presence which rows are labelled: by month, True for a customer who left. `id_name`,
    `month_name` and `label_name` are the names of those columns; `month_name` is None to leave the month out.
    `every`: only customers of whom one in so many is drawn, by a hash of the id.
    """

    columns: tuple[str, ...]
    labels: Mapping[Presence, Mapping[str, bool]]
    id_name: str
    month_name: str | None
    label_name: str
    every: int = 1


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Scored customers with what became of them, in the order of their file, as buffers of equal length.

    `probability` float64 · `left` bool · `treated` bool: among the ids that were asked for.
    """

    customers: int
    probability: Any
    left: Any
    treated: Any


class Snapshots(Protocol):
    """The months of one base. Customers are compared by their whole ids; nothing is held in Python per customer.

    Of several rows of a customer in one month, the first one counts. Raises FileRefused for a file that is unusable.
    """

    def add(self, file: SnapshotFile, *, on_rows: Callable[[int], None] = lambda _: None) -> FileRows:
        """Read a whole file. `on_rows` is called with the number of rows so far."""

    def add_scored(self, customers: Iterable[CustomerColumns], *, month: str, by_month: bool = False) -> FileRows:
        """Take the customers of a run as the rows of this month, with their probabilities; once in a base.

        `by_month`: the run has months, and only its rows of this one are taken. Customers whose own file says that
        they have left count as gone. Their columns are the attributes, by the names in the file.
        """

    def months(self) -> tuple[str, ...]:
        """All months with rows, ascending."""

    def repeated(self) -> Mapping[str, int]:
        """The rows of each month that repeat a customer of that month."""

    def presences(self, gone: Gone | None = None) -> Mapping[Presence, int]:
        """The number of customers of each pattern. `gone` tells which rows say that the customer has left."""

    def compare(self, earlier: str, later: str) -> Comparison: ...
    def changes(self, column: str, earlier: str, later: str, *, most: int = 50) -> Sequence[ValueChange]:
        """The most frequent pairs of values of the customers in both months, most frequent first."""

    def falls(self, column: str, earlier: str, later: str, *, sample: int) -> Falls:
        """Compares a column of plain numbers for about `sample` customers of both months."""

    def lost_values(self, *, at_least: int, kept: float) -> Sequence[LevelLoss]:
        """Values with so many customers in a month, of which at most the share `kept` is left in the next month."""

    def idle(self, column: str, *, reference: int | None = None) -> Sequence[IdleCount]:
        """By month and days since the last activity, a day of `column`, ascending. Customers need a day to count.

        Without a `reference` for all months, that of a month is the newest day in it that is not after its end.
        """

    def write(self, target: Path, table: LabelTable, *, on_rows: Callable[[int], None] = lambda _: None) -> int:
        """Write the labelled rows as CSV: the files by their first months, each in its order. Returns the rows.

        The presences in the table are those of the last call of `presences`.
        """

    def outcomes(self, labels: Mapping[Presence, bool], *, treated: Collection[str] = ()) -> Outcomes:
        """What became of the scored customers with these presences, which are those of the last call of `presences`.

        `labels`: True for those who left. Other customers are left out.
        """


class SnapshotStore(Protocol):
    def open(self) -> AbstractContextManager[Snapshots]:
        """An empty base. What it stores is deleted at the end of the block."""
