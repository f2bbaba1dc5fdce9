"""How settings, blends and figures are tested: pairs of training and held-out rows, by random folds or forward in time.

Search, cross-fitting, the choice of an ensemble and calibration all take a division, and do not know how it was made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from adapters.ml.training.folds import assign_folds
from adapters.ml.training.learning_data import LearningData
from domain.forward_validation import MonthCounts, MonthLevel, months_to_test

Rows = NDArray[np.intp]
PARTS = 3
"""Parts of the customers in a test forward in time: each is tested by models that learned from the other two."""
FORWARD_ROWS = 200_000
"""Rows up to which all customers are tested forward in time. Of more, a seeded sample of customers is tested."""


@dataclass(frozen=True)
class Fold:
    """Row numbers to learn from, and those that are held out."""

    training: Rows
    held_out: Rows


@dataclass(frozen=True)
class Division:
    """Folds that hold out each of `rows` (row numbers, ascending) exactly once.

    `parts` int8 (n): rows of one customer have the same part, so that shares and scaling are cross-fitted over parts.
    `months` are the tested ones, oldest first, and `month_of` int8 (n) places in them; empty for random folds.
    `levels` are those of all months, tested or not, where they are known. The first `first` folds are enough for a
    rough comparison.
    """

    folds: tuple[Fold, ...]
    rows: Rows
    parts: NDArray[np.int8]
    first: int
    months: tuple[str, ...] = ()
    month_of: NDArray[np.int8] = field(default_factory=lambda: np.empty(0, np.int8))
    levels: tuple[MonthLevel, ...] = ()

    def places(self, fold: Fold) -> Rows:
        """Places of the fold's held-out rows in `rows`."""
        return np.searchsorted(self.rows, fold.held_out)

    @cached_property
    def shown(self) -> NDArray[np.bool_]:
        """Rows (n) whose figures are shown: all, except those of the oldest month, which only recalibrates."""
        return self.month_of > 0 if self.months else np.ones(len(self.rows), np.bool_)

    @cached_property
    def fold_of(self) -> NDArray[np.int16]:
        """The fold that holds each row out (n)."""
        fold_of = np.empty(len(self.rows), np.int16)
        for number, fold in enumerate(self.folds):
            fold_of[self.places(fold)] = number
        return fold_of

    def levels_before(self, place: int) -> tuple[MonthLevel, ...]:
        """The levels that are known when the tested month at this place is predicted."""
        return tuple(own for own in self.levels if own.month < self.months[place])

    def in_month(self, place: int) -> NDArray[np.bool_]:
        """Rows (n) of the tested month at this place; −1 is the newest."""
        inside: NDArray[np.bool_] = self.month_of == place % len(self.months)
        return inside


def divide(data: LearningData, rows: Rows, *, folds: int, seed: int) -> Division:
    """Forward in time where the rows have months with enough leavers; otherwise random folds."""
    tested = months_tested(data, rows)
    if data.months is None or not tested:
        return random_folds(data, rows, folds=folds, seed=seed)
    return _forward(data, data.months[rows].astype(str), rows, tested, seed=seed)


def months_tested(data: LearningData, rows: Rows) -> tuple[str, ...]:
    """The months that these rows are tested on; none without months."""
    if data.months is None:
        return ()
    names, place = np.unique(data.months[rows].astype(str), return_inverse=True)
    customers, churned = np.bincount(place), np.bincount(place, weights=data.churned[rows])
    counts = zip(names.tolist(), customers.tolist(), churned.tolist(), strict=True)
    return months_to_test([MonthCounts(name, count, int(left)) for name, count, left in counts if name])


def random_folds(data: LearningData, rows: Rows, *, folds: int, seed: int) -> Division:
    """Folds of whole groups, stratified by churn. Every row is held out."""
    fold_of = assign_folds(data.churned[rows], _dense(data.groups.of_row[rows]), folds=folds, seed=seed)
    made = tuple(Fold(rows[fold_of != fold], rows[fold_of == fold]) for fold in range(folds))
    return Division(made, rows, fold_of, first=2)


def _forward(
    data: LearningData, months: NDArray[np.str_], rows: Rows, tested: tuple[str, ...], *, seed: int
) -> Division:
    """Each part of a month's customers is held out from models that saw earlier months and other customers only.

    Folds of different months alternate, the newest month first.
    """
    part_of = assign_folds(data.churned[rows], _dense(data.groups.of_row[rows]), folds=PARTS, seed=seed)
    folds = []
    for turn in range(PARTS):
        for at, month in enumerate(reversed(tested)):
            in_part = part_of == (at + turn) % PARTS
            earlier = (months < month) & (months != "")
            folds.append(Fold(rows[earlier & ~in_part], rows[(months == month) & in_part]))
    chosen = np.isin(months, tested)
    month_of = np.searchsorted(np.array(tested), months[chosen]).astype(np.int8)
    return Division(tuple(folds), rows[chosen], part_of[chosen], len(tested), tested, month_of)


def evaluation_divisions(data: LearningData, *, folds: int, repeats: int, seed: int) -> list[Division]:
    """Divisions for the evaluation, which differ from those that settings were chosen on; one per repeat."""
    rows = evaluation_rows(data, seed=seed)
    return [divide(data, rows, folds=folds, seed=_evaluation_seed(seed) + 101 * repeat) for repeat in range(repeats)]


def evaluation_rows(data: LearningData, *, seed: int) -> Rows:
    """The rows of the evaluation: all, but of many months a seeded sample of the customers."""
    everyone = np.arange(data.rows)
    if not months_tested(data, everyone):
        return everyone
    return sample_groups(data, FORWARD_ROWS, seed=seed)


def random_beside(data: LearningData, *, folds: int, seed: int) -> Division:
    """Random folds of the customers who are tested forward in time, for comparison."""
    return random_folds(data, evaluation_rows(data, seed=seed), folds=folds, seed=_evaluation_seed(seed))


def _evaluation_seed(seed: int) -> int:
    return seed + 7919


def sample_groups(data: LearningData, limit: int, *, seed: int) -> Rows:
    """Row numbers of a seeded sample of whole groups, about `limit` rows; all rows if there are fewer."""
    if data.rows <= limit:
        return np.arange(data.rows)
    count = int(data.groups.of_row.max()) + 1
    sampled = np.random.default_rng(seed).random(count) < limit / data.rows
    return np.flatnonzero(sampled[data.groups.of_row])


def _dense(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.unique(groups, return_inverse=True)[1].astype(np.int64)
