"""Months of one base among the files of earlier predictions, and whether they are enough to train again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from domain.file_format import FormatChoice
from domain.model_comparison import comparison_months, months_in_words, months_needed
from domain.run import RunId
from domain.snapshot_month import in_words, month_at, place_of


@dataclass(frozen=True, slots=True)
class StoredMonth:
    """The file of a prediction that is still stored, and its months ("YYYY-MM", ascending). Size in bytes."""

    run: RunId
    file_name: str
    size: int
    months: tuple[str, ...]
    customers: int
    choice: FormatChoice


@dataclass(frozen=True, slots=True)
class StoredMonths:
    """The files of the newest months that follow each other, oldest first.

    `earlier` are months before a gap. `unnamed` are files whose month nothing says, and `others` those of another base.
    """

    files: tuple[StoredMonth, ...]
    earlier: tuple[str, ...] = ()
    unnamed: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def months(self) -> tuple[str, ...]:
        return tuple(month for file in self.files for month in file.months)

    def labelled(self, horizon: int) -> tuple[str, ...]:
        """The months whose leavers are known after `horizon` months."""
        return self.months[: max(0, len(self.months) - horizon)]

    def is_enough(self, horizon: int) -> bool:
        return len(self.months) >= months_needed(horizon)

    def use_of(self, month: str, horizon: int) -> str:
        """What a month is used for, in words. The months have to be enough."""
        plan = comparison_months(self.labelled(horizon), horizon)
        if month in plan.learned:
            return "learned from"
        if month in plan.compared:
            return "compared on"
        return "shows who left"

    def missing_words(self, horizon: int) -> str:
        """What is missing, in one sentence; "" if nothing is."""
        if self.is_enough(horizon):
            return ""
        needed, months = months_needed(horizon), self.months
        if not months:
            return f"No file with a known month is stored: score the files of {needed} months that follow each other."
        missing = needed - len(months)
        later = months_in_words([month_at(place_of(months[-1]) + 1 + k) for k in range(missing)])
        if missing == 1:
            what = f"the file of {later}, or that of {in_words(month_at(place_of(months[0]) - 1))}"
        else:
            what = f"the files of {later}, or of months before"
        return (
            f"Training again needs {needed} months that follow each other, and only {months_in_words(months)} "
            f"{'is' if len(months) == 1 else 'are'} stored: score {what}."
        )


def following_each_other(files: Sequence[StoredMonth]) -> StoredMonths:
    """The newest files without a gap. `files` have no month in common."""
    ordered = sorted(files, key=lambda own: own.months)
    start = len(ordered)
    while start > 0 and (
        start == len(ordered) or place_of(ordered[start].months[0]) - place_of(ordered[start - 1].months[-1]) == 1
    ):
        start -= 1
    return StoredMonths(tuple(ordered[start:]), tuple(month for own in ordered[:start] for month in own.months))


def are_in_a_row(months: Sequence[str]) -> bool:
    """Whether the months of one file follow each other."""
    return all(place_of(after) - place_of(before) == 1 for before, after in pairwise(months))
