"""Churn and money at risk over several files: charts, each with its finding in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from domain.formats import Formats
from domain.trend import LeftOutRun, Trend, TrendPoint, left_out_words, observed_words, trend_words
from entrypoints.web import formats
from entrypoints.web.charts.axes import in_thousands, round_axis
from entrypoints.web.charts.specification import XY, Axis, BarSet, Chart, Line
from entrypoints.web.counting import in_percent
from entrypoints.web.formats import currency_sign, money, percent

STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 25.0)
"""Round tick intervals of a percent axis, in percentage points."""
MAX_TICKS = 6
FEW_POINTS = 12
"""Up to so many months, each has a dot."""
MAX_NAMED = 3
"""Predictions without a month that are named below a trend."""

Months = Sequence[tuple[str, TrendPoint | None]]
"""The months of a chart, without gaps; None for a month without a prediction."""


@dataclass(frozen=True, slots=True)
class DashboardTrend:
    """The chart of the latest months. `known` is the last month with a known outcome ("" if there is none)."""

    spec: XY
    finding: str
    known: str


@dataclass(frozen=True, slots=True)
class TrendNotes:
    """What is said below a trend: where observed churn lay, what is left out, and what a person can add to it."""

    observed: str
    left_out: str
    without_month: tuple[LeftOutRun, ...]
    only: TrendPoint | None
    """The single month, where there are too few for a line."""


def notes_of(trend: Trend, written: Formats) -> TrendNotes:
    only = trend.shown[-1] if trend.shown and not trend.is_line else None
    return TrendNotes(
        observed_words(trend, written), left_out_words(trend, written), trend.without_month[:MAX_NAMED], only
    )


def dashboard_trend(trend: Trend, written: Formats) -> DashboardTrend | None:
    """The chart of the latest months; None if there are too few for a line."""
    if not trend.is_line:
        return None
    months = trend.months
    last = percent(trend.points[-1].expected)
    spec = _over_time(months, _lines(months, f"{last} expected"), unit="%", y=_axis(trend.shown))
    known = [month for month, point in months if point is not None and point.observed is not None]
    return DashboardTrend(spec, trend_words(trend, written), formats.month(known[-1]) if known else "")


def _lines(months: Months, label: str) -> list[Line]:
    """Expected churn with its interval, and observed churn where it is known."""
    points = [point for _, point in months]
    lines = [_expected(points, label)]
    observed = [None if point is None else _percent(point.observed) for point in points]
    if any(value is not None for value in observed):
        lines.append(Line(name="Observed", data=observed, color="ink-2", dots=True, dots_only=True))
    return lines


def _expected(points: Sequence[TrendPoint | None], label: str) -> Line:
    return Line(
        name="Expected",
        color="c-1",
        data=[None if point is None else in_percent(point.expected) for point in points],
        lo=[None if point is None else in_percent(point.low) for point in points],
        hi=[None if point is None else in_percent(point.high) for point in points],
        label=label,
        label_short=label.removesuffix(" expected").removeprefix("Expected "),
        dots=None in points or len(points) <= FEW_POINTS,
    )


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else in_percent(fraction)


def _axis(points: Sequence[TrendPoint]) -> Axis:
    """A round axis that covers the interval and the observed values; it need not start at zero."""
    values = [in_percent(v) for p in points for v in (p.low, p.high, p.observed) if v is not None]
    low, high = min(values), max(values)
    step = next((s for s in STEPS if ceil(high / s) - floor(low / s) <= MAX_TICKS), STEPS[-1])
    bottom, top = floor(low / step) * step, ceil(high / step) * step
    return Axis(min=round(bottom, 1), max=round(max(top, bottom + step), 1), step=step)


def churn_trend(trend: Trend, written: Formats) -> Chart | None:
    """Expected churn with its interval, and observed churn; None for fewer than two months."""
    if not trend.is_line:
        return None
    lines = _lines(trend.months, f"Expected {percent(trend.points[-1].expected)}")
    spec = _over_time(trend.months, lines, unit="%", decimals=1, y=_axis(trend.shown))
    return Chart("trend-chart", spec, trend_words(trend, written))


def money_trend(trend: Trend) -> Chart | None:
    """Monthly revenue at risk over time; None if fewer than two months have a monthly revenue."""
    amounts = [None if point is None else point.revenue_at_risk for _, point in trend.months]
    known = [amount for amount in amounts if amount is not None]
    if len(known) < 2:
        return None
    values = [None if amount is None else round(amount) for amount in amounts]
    sign = currency_sign()
    axis = in_thousands(round_axis(0, max(value for value in values if value is not None) or 1, steps=4), sign)
    series = [BarSet(name="At risk a month", color="c-leave", data=values)]
    spec = _over_time(trend.months, series, unit=sign, decimals=0, y=axis)
    return Chart("money-chart", spec, f"Monthly revenue at risk, latest {money(known[-1])}")


def _over_time(
    months: Months, series: Sequence[Line | BarSet], *, unit: str, y: Axis, decimals: int | None = None
) -> XY:
    """Straight lines: a curve between months would show values that nobody predicted."""
    return XY(
        labels=[formats.month(month) for month, _ in months],
        months=True,
        cross=True,
        name="Month",
        series=series,
        unit=unit,
        decimals=decimals,
        y=y,
    )
