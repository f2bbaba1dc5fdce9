"""Validation forward in time: which months are tested, and what was expected in them.

A model is tested on a month after learning from earlier months only (a rolling origin), as in its later use.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from domain.intervals import beyond_chance, mean_interval

MIN_MONTHS = 3
"""Months from which a file is tested forward in time."""
MAX_TESTED_MONTHS = 4
"""The newest months that are tested. The oldest of them only recalibrates the next one."""
CHANGES = 2
"""Changes from one month to the next whose mean is expected to go on."""
MIN_OF_EACH = 20
"""Leavers, and customers who stayed, that a tested month needs, and that all months before it need together."""


@dataclass(frozen=True, slots=True)
class MonthCounts:
    """Customers of a snapshot month ("YYYY-MM") and how many of them left."""

    month: str
    customers: int
    churned: int


def months_to_test(counts: Sequence[MonthCounts]) -> tuple[str, ...]:
    """The months to test, oldest first; none for fewer than three months, or where fewer than two can be tested."""
    ordered = sorted(counts, key=lambda own: own.month)
    if len(ordered) < MIN_MONTHS:
        return ()
    suitable = [own.month for place, own in enumerate(ordered) if _has_enough([own]) and _has_enough(ordered[:place])]
    return tuple(suitable[-MAX_TESTED_MONTHS:]) if len(suitable) > 1 else ()


def _has_enough(counts: Sequence[MonthCounts]) -> bool:
    left = sum(own.churned for own in counts)
    return min(left, sum(own.customers for own in counts) - left) >= MIN_OF_EACH


@dataclass(frozen=True, slots=True)
class UnseenMonth:
    """A month that the model was tested on and had not learned from: who left, and how many were expected to.

    `low` and `high` are the 95% interval for the number of leavers. `expected_before` is without recalibration.
    """

    month: str
    customers: int
    churned: int
    expected: float
    low: float
    high: float
    expected_before: float

    @property
    def expected_rate(self) -> float:
        return self.expected / self.customers

    @property
    def rate_before(self) -> float:
        return self.expected_before / self.customers

    @property
    def churn_rate(self) -> float:
        return self.churned / self.customers

    @property
    def low_rate(self) -> float:
        return self.low / self.customers

    @property
    def high_rate(self) -> float:
        return self.high / self.customers

    @property
    def is_as_expected(self) -> bool:
        """Whether the number of leavers lies in the interval."""
        return self.low <= self.churned <= self.high


@dataclass(frozen=True, slots=True)
class MonthLevel:
    """A month's churn in log-odds beyond what its customers' attributes explain, with the variance of chance.

    Levels are relative to one model of all months, so only their differences mean something.
    """

    month: str
    level: float
    variance: float


def expected_change(levels: Sequence[MonthLevel]) -> float:
    """The change of the level to be expected from the newest of these months to the next, in log-odds.

    The mean of the last two changes, shrunk by what chance explains; 0 for fewer than two months. `levels` are ordered
    by month.
    """
    if len(levels) < 2:
        return 0.0
    newest, before = levels[-1], levels[max(0, len(levels) - 1 - CHANGES)]
    changes = min(CHANGES, len(levels) - 1)
    error = sqrt(newest.variance + before.variance) / changes
    return beyond_chance((newest.level - before.level) / changes, error)


def movement(levels: Sequence[MonthLevel]) -> float:
    """Variance with which the level of the next month differs from the expected one, beyond what chance explains.

    The mean of what the months themselves show, each expected from those before it; at least 0, and 0 for one month.
    """
    beyond = [
        (own.level - before.level - expected_change(levels[:place])) ** 2 - own.variance - before.variance
        for place, (before, own) in enumerate(pairwise(levels), 1)
    ]
    return max(0.0, sum(beyond) / len(beyond)) if beyond else 0.0


def leavers_interval(
    expected: float, *, customers: int, variance: float, earlier_variance: float, moving: float
) -> tuple[float, float]:
    """95% interval for the number of leavers in a month.

    `variance` is Σ p(1 − p) over the month's customers, `earlier_variance` that of the month that recalibrated it: a
    shift estimated there has the variance 1 / earlier_variance. `moving` is the variance of what the level does from
    that month to this one besides what was expected: see `movement`.
    """
    low, high = mean_interval(expected, sqrt(variance + variance**2 * (1 / earlier_variance + moving)), 1)
    return max(0.0, low), min(float(customers), high)


def mean_error(months: Sequence[UnseenMonth]) -> float:
    """Mean absolute difference of expected and observed churn rates."""
    return sum(abs(own.expected - own.churned) / own.customers for own in months) / len(months)


def mean_error_before(months: Sequence[UnseenMonth]) -> float:
    """The same without recalibration."""
    return sum(abs(own.expected_before - own.churned) / own.customers for own in months) / len(months)
