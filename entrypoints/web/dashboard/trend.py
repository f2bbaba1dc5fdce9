"""The churn trend: what its chart draws, and its finding in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Any

from application.use_cases.dashboard import TrendPoint
from entrypoints.web import formats

MOST_POINTS = 36
STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 25.0)
"""Round distances between the ticks of a percent axis, in percentage points."""
MOST_TICKS = 6
STEADY = 0.005
"""Change of the expected churn below which it counts as steady."""


@dataclass(frozen=True, slots=True)
class TrendChart:
    """`spec` is what the page's script draws; `known` says up to when the truth is known ("" where it is not)."""

    spec: dict[str, Any]
    finding: str
    by_month: bool
    known: str


def trend_chart(points: Sequence[TrendPoint]) -> TrendChart | None:
    """The chart of the latest points; None where there are too few for a line."""
    shown = points[-MOST_POINTS:]
    if len(shown) < 2:
        return None
    by_month = bool(shown[0].label)
    titles = [formats.month(point.label) if by_month else formats.date_time(point.at) for point in shown]
    observed = [_percent(point.observed) for point in shown]
    spec = {
        "kind": "xy",
        "unit": "%",
        "labels": [formats.month(point.label) for point in shown] if by_month else _days(shown),
        "titles": titles,
        "xName": None,
        "months": by_month,
        "cross": True,
        "tension": 0.25 if by_month else 0,
        **_axis(shown),
        "series": [
            {
                "name": "Expected",
                "data": [_percent(point.expected) for point in shown],
                "lo": [_percent(point.low) for point in shown],
                "hi": [_percent(point.high) for point in shown],
                "color": "c-1",
                "label": f"{formats.percent(shown[-1].expected)} expected",
                "labelShort": formats.percent(shown[-1].expected),
            }
        ],
    }
    known = [title for title, value in zip(titles, observed, strict=True) if value is not None]
    if known:
        spec["series"].append({"name": "Observed", "data": observed, "color": "ink-2", "dots": True, "dotsOnly": True})
    return TrendChart(spec, _finding(shown, titles), by_month, known[-1] if known else "")


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else round(fraction * 100, 2)


def _days(points: Sequence[TrendPoint]) -> list[str]:
    return [f"{formats.local(point.at).day} {formats.local(point.at):%b}" for point in points]


def _axis(points: Sequence[TrendPoint]) -> dict[str, float]:
    """Round ends and steps around the interval and what was observed; a share over time need not begin at zero."""
    values = [v * 100 for p in points for v in (p.low, p.high, p.observed) if v is not None]
    low, high = min(values), max(values)
    step = next((s for s in STEPS if ceil(high / s) - floor(low / s) <= MOST_TICKS), STEPS[-1])
    bottom, top = floor(low / step) * step, ceil(high / step) * step
    return {"yMin": round(bottom, 1), "yMax": round(max(top, bottom + step), 1), "yStep": step}


def _finding(points: Sequence[TrendPoint], titles: Sequence[str]) -> str:
    first, last = points[0], points[-1]
    change = last.expected - first.expected
    moved = "stayed near" if abs(change) < STEADY else "rose from" if change > 0 else "fell from"
    start = f"Expected churn {moved} {formats.percent(first.expected)} in {titles[0]}"
    text = f"{start} and stands at {formats.percent(last.expected)} in {titles[-1]}"
    top = max(range(len(points)), key=lambda i: points[i].expected)
    if top not in (0, len(points) - 1):
        text += f"; it was highest in {titles[top]} with {formats.percent(points[top].expected)}"
    known = [point for point in points if point.observed is not None]
    inside = sum(point.low <= (point.observed or 0.0) <= point.high for point in known)
    if known:
        text += f"; observed churn lay inside the interval in {inside} of {len(known)}"
    return text
