"""The trend of expected churn: one point for each month of one base, and the predictions that are left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.campaign_outcomes import is_another_base
from domain.formats import Formats
from domain.intervals import rate_interval
from domain.run import MonthSummary, Run, RunId
from domain.run_month import months_of
from domain.segments import MIN_DRAWN_CUSTOMERS, is_drawn
from domain.snapshot_month import in_short, month_at, place_of

MIN_NOTABLE_CHANGE = 0.005
"""Change of the expected churn from which it is said to have risen or fallen: half a percentage point moves by chance
alone."""
MAX_PREDICTION_AGE = timedelta(days=35)
"""Age of the latest prediction from which the dashboard suggests a new one: files are monthly, and a few days late."""
MAX_TREND_MONTHS = 36
"""The newest months that are shown."""

Shared = Callable[[RunId, RunId], int | None]
"""How many of an earlier run's customers a later one has; None where results were deleted."""


class LeftOut(StrEnum):
    """Why a prediction is no point of a trend, in words."""

    NO_MONTH = "no month"
    FEW = f"fewer than {MIN_DRAWN_CUSTOMERS} customers"
    NO_IDS = "no customer ids"
    OTHER_BASE = "other customers"
    NEWER = "a newer prediction of the month"


def is_overdue(created_at: datetime, now: datetime) -> bool:
    """Whether the latest prediction is so old that a new month should be scored."""
    return now - created_at > MAX_PREDICTION_AGE


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One month ("YYYY-MM") by its newest prediction: the mean probability is the churn that the model expects.

    `low`/`high` bound it at 95% by the spread that so many independent customers would show; `observed` is the
    churn rate where the truth is known.
    """

    month: str
    run_id: RunId
    customers: int
    expected: float
    low: float
    high: float
    observed: float | None
    likely_to_leave: int
    revenue_at_risk: float | None


@dataclass(frozen=True, slots=True)
class LeftOutRun:
    """A prediction that is no point of a trend, and why."""

    run_id: RunId
    file_name: str
    reason: LeftOut


@dataclass(frozen=True, slots=True)
class Trend:
    """Points by month, oldest first, and the predictions that are left out, newest first.

    `older` predictions were made before all of these, and were not looked at.
    """

    points: tuple[TrendPoint, ...] = ()
    left_out: tuple[LeftOutRun, ...] = ()
    older: int = 0

    @property
    def is_line(self) -> bool:
        """Whether enough months are shown for a line."""
        return len(self.shown) > 1

    @property
    def shown(self) -> tuple[TrendPoint, ...]:
        """The points of the months that are shown."""
        return tuple(point for _, point in self.months if point is not None)

    @property
    def without_month(self) -> tuple[LeftOutRun, ...]:
        """The predictions that a person could add by saying their month."""
        return tuple(own for own in self.left_out if own.reason is LeftOut.NO_MONTH)

    def before(self, run_id: RunId) -> TrendPoint | None:
        """The month before the newest one, if the newest one is this run's."""
        newest = self.points[-1] if self.points else None
        return self.points[-2] if newest and newest.run_id == run_id and len(self.points) > 1 else None

    @property
    def months(self) -> tuple[tuple[str, TrendPoint | None], ...]:
        """The newest months, at most MAX_TREND_MONTHS, oldest first. Months between two points that have none are None,
        so that charts keep distances."""
        if not self.points:
            return ()
        by_place = {place_of(point.month): point for point in self.points}
        last = max(by_place)
        first = min(place for place in by_place if place > last - MAX_TREND_MONTHS)
        return tuple((month_at(place), by_place.get(place)) for place in range(first, last + 1))


def trend_of(runs: Sequence[Run], shared: Shared, *, chosen: RunId | None = None, older: int = 0) -> Trend:
    """The newest prediction of each month counts, of one base: that of the `chosen` run, else of the newest one.

    Runs without a result are ignored.
    """
    done = sorted((run for run in runs if run.summary is not None), key=lambda run: run.created_at, reverse=True)
    usable = [run for run in done if _own_reason(run) is None]
    usable.sort(key=lambda run: run.id != chosen)
    base: list[Run] = []
    reasons: dict[RunId, LeftOut] = {}
    for run in usable:
        if base and _is_numbered(run):
            reasons[run.id] = LeftOut.NO_IDS
        elif base and (_is_numbered(base[0]) or not _is_same(run, _nearest(run, base), shared)):
            reasons[run.id] = LeftOut.OTHER_BASE
        else:
            base.append(run)
    points = _points(sorted(base, key=lambda run: run.created_at))
    counted = {point.run_id for point in points}
    reasons |= {run.id: LeftOut.NEWER for run in base if run.id not in counted}
    reasons |= {run.id: reason for run in done if (reason := _own_reason(run)) is not None}
    left_out = tuple(LeftOutRun(run.id, run.file_name, reasons[run.id]) for run in done if run.id in reasons)
    return Trend(points, left_out, older)


def left_out_words(trend: Trend, formats: Formats) -> str:
    """ "3 predictions are left out: no month (2), fewer than 30 customers (1)."; "" if none is."""
    counts = Counter(own.reason for own in trend.left_out)
    sentences = []
    if counts:
        several = sum(counts.values())
        begin = "1 prediction is" if several == 1 else f"{formats.number(several)} predictions are"
        reasons = (f"{reason} ({formats.number(counts[reason])})" for reason in LeftOut if counts[reason])
        sentences.append(f"{begin} left out: {', '.join(reasons)}.")
    if trend.older:
        is_or_are = "older prediction is" if trend.older == 1 else "older predictions are"
        sentences.append(f"{formats.number(trend.older)} {is_or_are} not looked at.")
    return " ".join(sentences)


def trend_words(trend: Trend, formats: Formats) -> str:
    """How expected churn moved over the months that are shown, in one sentence without its full stop.

    "" for fewer than two months.
    """
    points = trend.shown
    if not trend.is_line:
        return ""
    first, last = points[0], points[-1]
    change = last.expected - first.expected
    moved = "stayed near" if abs(change) < MIN_NOTABLE_CHANGE else "rose from" if change > 0 else "fell from"
    text = (
        f"Expected churn {moved} {formats.percent(first.expected)} in {in_short(first.month)} "
        f"and is {formats.percent(last.expected)} in {in_short(last.month)}"
    )
    top = max(points, key=lambda point: point.expected)
    if top not in (first, last):
        text += f"; it was highest in {in_short(top.month)} with {formats.percent(top.expected)}"
    return text


def observed_words(trend: Trend, formats: Formats) -> str:
    """In how many months observed churn lay outside the interval of the expected one; "" where none is known."""
    known = [point for point in trend.shown if point.observed is not None]
    if not known:
        return ""
    above = sum((point.observed or 0.0) > point.high for point in known)
    below = sum((point.observed or 0.0) < point.low for point in known)
    months = "month" if len(known) == 1 else "months"
    if not above + below:
        return f"Observed churn lay inside the 95% interval in {formats.number(len(known))} of {len(known)} {months}."
    sides = [f"above it in {above}" if above else "", f"below it in {below}" if below else ""]
    return (
        f"Observed churn lay outside the 95% interval in {formats.number(above + below)} of {len(known)} {months} "
        f"({', '.join(side for side in sides if side)}); by chance alone it does in about 1 of 20."
    )


def _own_reason(run: Run) -> LeftOut | None:
    """Why a run can be no point, whatever the others are."""
    if not months_of(run):
        return LeftOut.NO_MONTH
    return None if _months(run) else LeftOut.FEW


def _is_numbered(run: Run) -> bool:
    return run.summary is not None and run.summary.numbered


def _months(run: Run) -> list[MonthSummary]:
    """The run's months with enough customers. A run whose rows say no month is all of its month."""
    summary = run.summary
    if summary is None:
        return []
    months: Sequence[MonthSummary] = summary.months
    if not months:
        observed = summary.truth.churned / summary.truth.customers if summary.truth else None
        whole = (summary.scored, summary.mean_probability, summary.likely_to_leave, summary.money_at_risk, observed)
        months = [MonthSummary(month, *whole) for month in months_of(run)]
    return [own for own in months if is_drawn(own.customers)]


def _points(base: Sequence[Run]) -> tuple[TrendPoint, ...]:
    """Of several runs with a month, the last one counts."""
    by_month: dict[str, TrendPoint] = {}
    for run in base:
        for own in _months(run):
            low, high = rate_interval(own.mean_probability, own.customers)
            by_month[own.month] = TrendPoint(
                own.month,
                run.id,
                own.customers,
                own.mean_probability,
                low,
                high,
                own.observed,
                own.likely_to_leave,
                own.revenue_at_risk,
            )
    return tuple(by_month[month] for month in sorted(by_month))


def _nearest(run: Run, base: Sequence[Run]) -> Run:
    """The run of the base whose months are nearest; it has most customers in common."""
    own = [place_of(month) for month in months_of(run)]
    return min(base, key=lambda other: min(abs(place_of(month) - place) for month in months_of(other) for place in own))


def _is_same(run: Run, other: Run, shared: Shared) -> bool:
    """Whether most customers of each are in the other one, so that neither is a part of another list."""
    if run.file_sha256 == other.file_sha256:
        return True
    before, after = sorted((run, other), key=lambda own: (months_of(own), own.created_at))
    found = shared(before.id, after.id)
    if found is None:
        return True
    return not (is_another_base(found, _size(before)) or is_another_base(found, _size(after)))


def _size(run: Run) -> int:
    """Customers of the largest month: rows of several months repeat customers."""
    return max((own.customers for own in _months(run)), default=0)
