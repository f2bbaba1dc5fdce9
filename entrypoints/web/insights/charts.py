"""The charts of the insights page: what charts.js draws, and the finding of each in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from application.use_cases.dashboard import TrendPoint
from application.use_cases.insights import CELL_MINIMUM, Cross
from application.use_cases.insights_scene import Scene
from application.use_cases.segments import Segment, Totals, group_words
from domain.schema import plain_words
from entrypoints.web.axes import round_axis
from entrypoints.web.formats import currency_sign, money, number, percent

DRIVERS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart's specification and its finding: what a person should see in it."""

    id: str
    spec: dict[str, Any]
    finding: str


def pie(totals: Totals, links: Sequence[str]) -> Chart:
    """Predicted, and in a ring inside what happened, where it is known. `links`: those who leave, those who stay."""
    staying = totals.customers - totals.likely
    spec: dict[str, Any] = {
        "kind": "pie",
        "labels": ["Likely to leave", "Staying"],
        "data": [totals.likely, staying],
        "colors": ["c-leave", "c-stay"],
        "links": list(links),
    }
    share = percent(totals.likely / totals.customers if totals.customers else 0.0)
    finding = f"{number(totals.likely)} customers, {share}, are likely to leave; {number(staying)} are staying"
    if totals.observed is not None:
        left = in_percent(totals.observed)
        spec["inner"] = {
            "name": "Really",
            "labels": ["Left", "Stayed"],
            "data": [left, round(100 - left, 2)],
            "unit": "%",
            "decimals": 1,
        }
        finding += f". Really left: {percent(totals.observed)}"
    return Chart("pie-chart", spec, finding)


def trend(points: Sequence[TrendPoint], label: Callable[[TrendPoint], str]) -> Chart | None:
    """Expected churn with its band and what was observed; None for fewer than two points."""
    if len(points) < 2:
        return None
    last = points[-1]
    expected = [in_percent(point.expected) for point in points]
    series: list[dict[str, Any]] = [
        {
            "name": "Expected",
            "color": "c-1",
            "data": expected,
            "lo": [in_percent(point.low) for point in points],
            "hi": [in_percent(point.high) for point in points],
            "label": f"Expected {percent(last.expected)}",
            "labelShort": percent(last.expected),
        }
    ]
    if any(point.observed is not None for point in points):
        observed = [None if point.observed is None else in_percent(point.observed) for point in points]
        series.append({"name": "Observed", "color": "ink-2", "dotsOnly": True, "data": observed})
    spec = _over_time(points, label, series) | {"unit": "%", "decimals": 1, **_around(series)}
    change = last.expected - points[0].expected
    moved = (
        "is unchanged"
        if abs(change) < 0.0005
        else f"{'rose' if change > 0 else 'fell'} from {percent(points[0].expected)}"
    )
    return Chart("trend-chart", spec, f"Expected churn {moved} to {percent(last.expected)} over {len(points)} points")


def money_trend(points: Sequence[TrendPoint], label: Callable[[TrendPoint], str]) -> Chart | None:
    """Monthly revenue at risk over time; None where no file has a monthly revenue."""
    known = [point for point in points if point.revenue_at_risk is not None]
    if len(known) < 2:
        return None
    values = [None if point.revenue_at_risk is None else round(point.revenue_at_risk) for point in points]
    last = known[-1].revenue_at_risk
    sign = currency_sign()
    series = [{"name": "At risk a month", "type": "bar", "color": "c-leave", "data": values}]
    spec = _over_time(points, label, series) | {"unit": sign, "decimals": 0}
    spec |= round_axis(0, max(value for value in values if value is not None) or 1, steps=4)
    if spec["yStep"] >= 1000 and not sign[:1].isalpha():
        spec["yUnit"] = f"{sign}{'M' if spec['yStep'] >= 1_000_000 else 'k'}"
    return Chart("money-chart", spec, f"Monthly revenue at risk, latest {money(last)}")


def _over_time(
    points: Sequence[TrendPoint], label: Callable[[TrendPoint], str], series: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "kind": "xy",
        "labels": [label(point) for point in points],
        "months": True,
        "cross": True,
        "tension": 0.25,
        "name": "Month" if points[0].label else "Prediction",
        "series": series,
    }


def _around(series: Sequence[dict[str, Any]]) -> dict[str, float]:
    """A share over time may start above zero; the band stands inside."""
    values = [v for line in series for part in ("data", "lo", "hi") for v in line.get(part, ()) if v is not None]
    return round_axis(max(0.0, min(values) - 1.0), min(100.0, max(values) + 1.0), steps=5)


def drivers(scene: Scene, peaks: Mapping[str, Segment]) -> Chart | None:
    """Attributes by their share of the run's risk, each with the value at which the risk is highest."""
    summary = scene.run.summary
    if summary is None or not summary.drivers:
        return None
    shown = summary.drivers[:DRIVERS_SHOWN]
    most = shown[0].share or 1.0
    rows = [[plain_words(d.attribute), percent(d.share), peak_words(scene, peaks.get(d.attribute))] for d in shown]
    spec = {
        "kind": "table",
        "columns": ["Attribute", "Share", "Risk is highest at"],
        "rows": rows,
        "bars": [d.share / most for d in shown],
        "names": [d.attribute for d in shown],
    }
    return Chart("drivers-chart", spec, f"{rows[0][0]} drives the risk most, {rows[0][1]} of it")


def peak_words(scene: Scene, peak: Segment | None) -> str:
    """Where an attribute's risk is highest: "Month-to-month contract, 42.8%"."""
    if peak is None:
        return ""
    words = group_words(peak.attribute, peak.group, scene.schema, currency=scene.policy.currency)
    return f"{words}, {percent(peak.rate)}"


def heat_tone(rate: float, base: float) -> str:
    """One of five tones against the average: two below it, three above."""
    ratio = rate / base if base else 0.0
    for tone, limit in (("t0", 0.5), ("t1", 1.0), ("t2", 1.5), ("t3", 2.0)):
        if ratio < limit:
            return tone
    return "t4"


def heat(cross: Cross, base: float) -> dict[str, Any]:
    """Two attributes as the picture of a table: rates in the tones of the page."""
    rows, tones = [], []
    for row in cross.rows:
        cells = [cross.cells.get((row, column)) for column in cross.columns]
        told = [cell if cell is not None and cell.customers >= CELL_MINIMUM else None for cell in cells]
        rows.append([row or "unknown", *("–" if cell is None else percent(cell.mean_probability) for cell in told)])
        tones.append([None if cell is None else f"heat-{heat_tone(cell.mean_probability, base)[1:]}" for cell in told])
    columns = [plain_words(cross.first), *(column or "unknown" for column in cross.columns)]
    return {"kind": "table", "columns": columns, "rows": rows, "tones": tones}


def in_percent(value: float) -> float:
    return round(value * 100, 2)
