"""The trend of expected churn by month, or by prediction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.intervals import rate_interval
from domain.run import Run

MIN_NOTABLE_CHANGE = 0.005
"""Change of the expected churn from which the dashboard says that it rose or fell. It shows few points, and half a
percentage point moves by chance alone."""
MIN_SHOWN_CHANGE = 0.0005
"""The same for Insights, which shows both values with one decimal: a smaller change cannot be seen."""
MAX_PREDICTION_AGE = timedelta(days=35)
"""Age of the latest prediction from which the dashboard suggests a new one: files are monthly, and a few days late."""


def direction(change: float, *, least: float) -> int:
    """1 for a rise, -1 for a fall, 0 for a change below `least`."""
    return 0 if abs(change) < least else 1 if change > 0 else -1


def is_overdue(created_at: datetime, now: datetime) -> bool:
    """Whether the latest prediction is so old that a new month should be scored."""
    return now - created_at > MAX_PREDICTION_AGE


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One month, or one run where files have no month: the mean probability is the churn that the model expects.

    `low`/`high` bound it at 95% by the spread that so many independent customers would show; `observed` is the
    churn rate where the truth is known.
    """

    label: str
    at: datetime
    customers: int
    expected: float
    low: float
    high: float
    observed: float | None
    likely_to_leave: int
    revenue_at_risk: float | None


def trend_of(runs: Sequence[Run]) -> tuple[TrendPoint, ...]:
    """By snapshot month (the latest run of each month counts), or by run where no file has months; oldest first."""
    done = sorted((run for run in runs if run.summary is not None), key=lambda run: run.created_at)
    by_month: dict[str, TrendPoint] = {}
    for run in done:
        for month in run.summary.months if run.summary else ():
            by_month[month.month] = _point(
                month.month,
                datetime.fromisoformat(f"{month.month}-01T00:00:00+00:00"),
                month.customers,
                month.mean_probability,
                month.observed,
                month.likely_to_leave,
                month.revenue_at_risk,
            )
    if by_month:
        return tuple(by_month[month] for month in sorted(by_month))
    points = []
    for run in done:
        summary = run.summary
        if summary is not None:
            observed = summary.truth.churned / summary.truth.customers if summary.truth else None
            points.append(
                _point(
                    "",
                    run.created_at,
                    summary.scored,
                    summary.mean_probability,
                    observed,
                    summary.likely_to_leave,
                    summary.money_at_risk,
                )
            )
    return tuple(points)


def _point(
    label: str,
    at: datetime,
    customers: int,
    expected: float,
    observed: float | None,
    likely: int,
    revenue: float | None,
) -> TrendPoint:
    low, high = rate_interval(expected, customers)
    return TrendPoint(label, at, customers, expected, low, high, observed, likely, revenue)
