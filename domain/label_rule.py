"""How the label of a training file was made: what counts as having left, and after how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Self

from domain.errors import InvalidInput
from domain.presence import Returning
from domain.snapshot_month import in_words

HORIZONS = (1, 2, 3)
"""Months after which a customer is looked for."""
DAYS = (30, 60, 90)
"""Days without activity that are offered where the files do not show after how many hardly anybody returns."""
DEFAULT_DAYS = 30
MIN_DAYS, MAX_DAYS = 1, 730


class LabelSource(StrEnum):
    """What says in a row that the customer has left. MONTHS: nothing but a missing row in a later file."""

    MONTHS = "months"
    STATUS = "status"
    ENDED = "ended"
    INACTIVE = "inactive"

    @property
    def words(self) -> str:
        return {
            LabelSource.MONTHS: "customers who are missing in a later file",
            LabelSource.STATUS: "a status column",
            LabelSource.ENDED: "an end date",
            LabelSource.INACTIVE: "a date of last activity",
        }[self]


@dataclass(frozen=True, slots=True)
class LabelRule:
    """What counts as having left.

    `horizon` is in months; 0 where one file says it as of its day. `column` says it in a row: `values` of a status, or
    a date, which is compared with `as_of` ("YYYY-MM-DD"; "" for the end of each month, or the newest activity in it).
    `days` is the time without activity.
    """

    source: LabelSource
    horizon: int = 1
    returning: Returning = Returning.LEFT
    column: str = ""
    values: tuple[str, ...] = ()
    days: int = 0
    as_of: str = ""

    def __post_init__(self) -> None:
        if self.horizon not in (0, *HORIZONS):
            raise InvalidInput("Customers are looked for after 1, 2 or 3 months.", field="horizon")
        if self.source is LabelSource.INACTIVE and not MIN_DAYS <= self.days <= MAX_DAYS:
            raise InvalidInput(f"Enter {MIN_DAYS} to {MAX_DAYS} days without activity.", field="days")

    @property
    def period(self) -> str:
        """The period that a probability of a model trained on this label is about, as ModelVersion.horizon."""
        if self.horizon:
            return "the next month" if self.horizon == 1 else f"the next {self.horizon} months"
        return f"the next {self.days} days" if self.source is LabelSource.INACTIVE else "the next month"

    @property
    def left_words(self) -> str:
        """What “left” means, as the end of a sentence."""
        newest = "the newest activity of the month" if self.horizon else "the newest activity in the file"
        end = "the end of the month" if self.horizon else "the newest day in the file"
        later = "the file of the next month" if self.horizon == 1 else f"the file of {self.horizon} months later"
        by_row = {
            LabelSource.MONTHS: "",
            LabelSource.STATUS: f"“{self.column}” is {_either(self.values)}",
            LabelSource.ENDED: f"“{self.column}” is not after {self.as_of or end}",
            LabelSource.INACTIVE: f"“{self.column}” is {self.days} days or more before {self.as_of or newest}",
        }[self.source]
        if not self.horizon:
            return by_row
        return f"missing in {later}" + (f", or {by_row} there" if by_row else "")

    def at(self, horizon: int, returning: Returning) -> LabelRule:
        return replace(self, horizon=horizon, returning=returning)

    def to_document(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        return cls(
            **{
                **document,
                "source": LabelSource(document["source"]),
                "returning": Returning(document["returning"]),
                "values": tuple(document["values"]),
            }
        )


@dataclass(frozen=True, slots=True)
class MadeLabel:
    """A label that was made from files without one, as a training and its model keep it.

    `first` and `last` are the first and the last labelled month, "" without months. `customers` are labelled rows, and
    `returned` those among them who were missing at the horizon and were customers again later. With `every` above 1,
    one customer in so many was trained on.
    """

    rule: LabelRule
    files: int
    first: str
    last: str
    customers: int
    left: int
    returned: int = 0
    every: int = 1

    @property
    def stayed(self) -> int:
        return self.customers - self.left

    def sentences(self) -> tuple[str, ...]:
        """How the label was made, for the model's page and notes."""
        files = "one file" if self.files == 1 else f"{self.files} files"
        months = ""
        if self.first:
            months = f", {in_words(self.first)}"
            months += f" to {in_words(self.last)}" if self.last != self.first else ""
        sentences = [f"The label was made here from {files}{months}.", f"Left means: {self.rule.left_words}."]
        if self.rule.horizon:
            how = {
                Returning.LEFT: "count as left",
                Returning.STAYED: "count as stayed",
                Returning.OUT: "are left out",
            }[self.rule.returning]
            sentences.append(f"Customers who were missing then and returned later {how}.")
        if self.every > 1:
            sentences.append(f"One customer in {self.every} was trained on, with all months.")
        return tuple(sentences)


def _either(values: tuple[str, ...]) -> str:
    return " or ".join(f"“{value[:60]}”" for value in values)
