"""Churn and money at risk over several files: charts, each with its finding in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor

from domain.trend import MIN_NOTABLE_CHANGE, MIN_SHOWN_CHANGE, TrendPoint, direction
from entrypoints.web import formats
from entrypoints.web.charts.axes import in_thousands, round_axis
from entrypoints.web.charts.specification import XY, Axis, BarSet, Chart, Line
from entrypoints.web.counting import in_percent
from entrypoints.web.formats import currency_sign, money, percent

MAX_POINTS = 36
STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 25.0)
"""Round tick intervals of a percent axis, in percentage points."""
MAX_TICKS = 6
CURVED = 0.25
"""Tension of lines over months."""

Label = Callable[[TrendPoint], str]


@dataclass(frozen=True, slots=True)
class DashboardTrend:
    """The chart of the latest points. `known` is the last date with a known outcome ("" if there is none)."""

    spec: XY
    finding: str
    by_month: bool
    known: str


def dashboard_trend(points: Sequence[TrendPoint]) -> DashboardTrend | None:
    """The chart of the latest points; None if there are too few for a line."""
    shown = points[-MAX_POINTS:]
    if len(shown) < 2:
        return None
    by_month = bool(shown[0].label)
    titles = [formats.month(point.label) if by_month else formats.date_time(point.at) for point in shown]
    observed = [_percent(point.observed) for point in shown]
    last = percent(shown[-1].expected)
    series = [_expected(shown, f"{last} expected")]
    known = [title for title, value in zip(titles, observed, strict=True) if value is not None]
    if known:
        series.append(Line(name="Observed", data=observed, color="ink-2", dots=True, dots_only=True))
    spec = XY(
        unit="%",
        labels=[formats.month(point.label) for point in shown] if by_month else _days(shown),
        titles=titles,
        months=by_month,
        cross=True,
        tension=CURVED if by_month else 0,
        y=_axis(shown),
        series=series,
    )
    return DashboardTrend(spec, _finding(shown, titles), by_month, known[-1] if known else "")


def _expected(points: Sequence[TrendPoint], label: str) -> Line:
    return Line(
        name="Expected",
        color="c-1",
        data=[in_percent(point.expected) for point in points],
        lo=[in_percent(point.low) for point in points],
        hi=[in_percent(point.high) for point in points],
        label=label,
        label_short=percent(points[-1].expected),
    )


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else in_percent(fraction)


def _days(points: Sequence[TrendPoint]) -> list[str]:
    return [f"{formats.local(point.at).day} {formats.local(point.at):%b}" for point in points]


def _axis(points: Sequence[TrendPoint]) -> Axis:
    """A round axis that covers the interval and the observed values; it need not start at zero."""
    values = [v * 100 for p in points for v in (p.low, p.high, p.observed) if v is not None]
    low, high = min(values), max(values)
    step = next((s for s in STEPS if ceil(high / s) - floor(low / s) <= MAX_TICKS), STEPS[-1])
    bottom, top = floor(low / step) * step, ceil(high / step) * step
    return Axis(min=round(bottom, 1), max=round(max(top, bottom + step), 1), step=step)


def _finding(points: Sequence[TrendPoint], titles: Sequence[str]) -> str:
    first, last = points[0], points[-1]
    change = last.expected - first.expected
    moved = ("stayed near", "rose from", "fell from")[direction(change, least=MIN_NOTABLE_CHANGE)]
    start = f"Expected churn {moved} {percent(first.expected)} in {titles[0]}"
    text = f"{start} and is {percent(last.expected)} in {titles[-1]}"
    top = max(range(len(points)), key=lambda i: points[i].expected)
    if top not in (0, len(points) - 1):
        text += f"; it was highest in {titles[top]} with {percent(points[top].expected)}"
    known = [point for point in points if point.observed is not None]
    inside = sum(point.low <= (point.observed or 0.0) <= point.high for point in known)
    if known:
        text += f"; observed churn lay inside the interval in {inside} of {len(known)}"
    return text


def churn_trend(points: Sequence[TrendPoint], label: Label) -> Chart | None:
    """Expected churn with its band, and observed churn; None for fewer than two points."""
    if len(points) < 2:
        return None
    first, last = points[0].expected, points[-1].expected
    series = [_expected(points, f"Expected {percent(last)}")]
    if any(point.observed is not None for point in points):
        observed = [_percent(point.observed) for point in points]
        series.append(Line(name="Observed", color="ink-2", dots_only=True, data=observed))
    spec = _over_time(points, label, series, unit="%", decimals=1, y=_around(points))
    moved = (
        "is unchanged",
        f"rose from {percent(first)}",
        f"fell from {percent(first)}",
    )[direction(last - first, least=MIN_SHOWN_CHANGE)]
    return Chart("trend-chart", spec, f"Expected churn {moved} to {percent(last)} over {len(points)} points")


def money_trend(points: Sequence[TrendPoint], label: Label) -> Chart | None:
    """Monthly revenue at risk over time; None if fewer than two files have a monthly revenue."""
    known = [point.revenue_at_risk for point in points if point.revenue_at_risk is not None]
    if len(known) < 2:
        return None
    values = [None if point.revenue_at_risk is None else round(point.revenue_at_risk) for point in points]
    sign = currency_sign()
    axis = in_thousands(round_axis(0, max(value for value in values if value is not None) or 1, steps=4), sign)
    series = [BarSet(name="At risk a month", color="c-leave", data=values)]
    spec = _over_time(points, label, series, unit=sign, decimals=0, y=axis)
    return Chart("money-chart", spec, f"Monthly revenue at risk, latest {money(known[-1])}")


def _over_time(
    points: Sequence[TrendPoint], label: Label, series: Sequence[Line | BarSet], *, unit: str, decimals: int, y: Axis
) -> XY:
    return XY(
        labels=[label(point) for point in points],
        months=True,
        cross=True,
        tension=CURVED,
        name="Month" if points[0].label else "Prediction",
        series=series,
        unit=unit,
        decimals=decimals,
        y=y,
    )


def _around(points: Sequence[TrendPoint]) -> Axis:
    """A y axis that covers the band and the observed values; it may start above zero."""
    fractions = [v for p in points for v in (p.expected, p.low, p.high, p.observed) if v is not None]
    values = [in_percent(fraction) for fraction in fractions]
    return round_axis(max(0.0, min(values) - 1.0), min(100.0, max(values) + 1.0), steps=5)
