"""The charts of the insights page: what charts.js draws, and the finding of each in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Any

from application.ports.results import Contribution, Group
from application.use_cases.dashboard import TrendPoint
from application.use_cases.insights import CELL_MINIMUM, Cross
from application.use_cases.insights_scene import Scene
from application.use_cases.segments import Segment, Totals, group_words, mean_interval, rate_interval
from domain.schema import ColumnKind, plain_words
from entrypoints.web.axes import round_axis
from entrypoints.web.formats import currency_sign, money, number, percent

DRIVERS_SHOWN = 8
GROUPS_SHOWN = 24
"""Bars of one histogram; levels beyond are put together as "others"."""


Link = Callable[[Group | Contribution, bool | None], str | None]
"""The address of a group's customers, of one label where it is given; None where they cannot be named by one value."""


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
        left = _share(totals.observed)
        spec["inner"] = {
            "name": "Really",
            "labels": ["Left", "Stayed"],
            "data": [left, round(100 - left, 2)],
            "unit": "%",
            "decimals": 1,
        }
        finding += f". Really left: {percent(totals.observed)}"
    return Chart("pie-chart", spec, finding)


def bars_of(groups: Sequence[Group], attribute: str) -> tuple[list[Group], list[str]]:
    """The groups that a histogram draws, and their labels; rare levels stand together."""
    shown = list(groups)
    if len(shown) > GROUPS_SHOWN:
        shown, rest = shown[: GROUPS_SHOWN - 1], shown[GROUPS_SHOWN - 1 :]
        shown.append(_together(rest))
    return shown, [group.label if group.label and not group.missing else "unknown" for group in shown]


def _together(rest: Sequence[Group]) -> Group:
    customers = sum(group.customers for group in rest)
    seen = [group for group in rest if group.observed is not None]
    truth = sum(group.customers for group in seen)
    return Group(
        label=f"{len(rest):,} others",
        customers=customers,
        mean_probability=sum(g.mean_probability * g.customers for g in rest) / customers if customers else 0.0,
        likely=sum(group.likely for group in rest),
        revenue=None,
        revenue_likely=None,
        revenue_at_risk=None,
        observed=sum((g.observed or 0.0) * g.customers for g in seen) / truth if truth else None,
    )


def histogram(groups: Sequence[Group], scene: Scene, link: Link) -> Chart:
    """Customers by one attribute, split by their label."""
    shown, labels = bars_of(groups, scene.attribute)
    name = plain_words(scene.attribute)
    spec = {
        "kind": "xy",
        "unit": "",
        "decimals": 0,
        "stacked": True,
        "labels": labels,
        "xName": _axis_name(scene, name),
        "tipTitle": f"{name} {{x}}",
        **round_axis(0, max((group.customers for group in shown), default=1) or 1, steps=4, whole=True),
        "series": [
            {
                "name": "Likely to leave",
                "type": "bar",
                "flat": True,
                "color": "c-leave",
                "data": [group.likely for group in shown],
                "links": [link(group, True) for group in shown],
            },
            {
                "name": "Staying",
                "type": "bar",
                "color": "c-stay",
                "data": [group.customers - group.likely for group in shown],
                "links": [link(group, False) for group in shown],
            },
        ],
        "links": [link(group, scene.likely) for group in shown],
    }
    most = max(shown, key=lambda group: group.likely, default=None)
    finding = f"Customers by {name.lower()}"
    if most is not None and most.likely:
        at = labels[shown.index(most)]
        finding += (
            f": most of the likely leavers, {number(most.likely)} of {number(sum(g.likely for g in shown))}, at {at}"
        )
    return Chart("attribute-chart", spec, finding)


def risk_by(groups: Sequence[Group], scene: Scene, link: Link) -> Chart:
    """Average churn probability over an attribute's values with its interval; what happened, where known."""
    shown, labels = bars_of(groups, scene.attribute)
    name = plain_words(scene.attribute)
    told = [group.customers >= CELL_MINIMUM for group in shown]
    ends = [rate_interval(group.mean_probability, group.customers) for group in shown]
    numeric = scene.schema.column(scene.attribute).kind is ColumnKind.NUMERIC
    look = {"color": "c-1", "dots": True} if numeric else {"color": "c-leave", "type": "bar"}
    series: list[dict[str, Any]] = [
        {
            "name": "Average risk",
            **look,
            "data": [_share(g.mean_probability) if ok else None for g, ok in zip(shown, told, strict=True)],
            "lo": [_share(low) if ok else None for (low, _), ok in zip(ends, told, strict=True)],
            "hi": [_share(high) if ok else None for (_, high), ok in zip(ends, told, strict=True)],
        }
    ]
    if any(group.observed is not None for group in shown):
        seen = [
            _share(g.observed) if ok and g.observed is not None else None for g, ok in zip(shown, told, strict=True)
        ]
        series.append({"name": "Left", "color": "ink-2", "dotsOnly": True, "data": seen})
    spec = {
        "kind": "xy",
        "unit": "%",
        "decimals": 1,
        "labels": labels,
        "xName": _axis_name(scene, name),
        "tipTitle": f"{name} {{x}}",
        "cross": True,
        **round_axis(0, _highest(series), steps=4),
        "series": series,
        "links": [link(group, scene.likely) for group in shown],
    }
    return Chart("risk-chart", spec, _risk_finding(shown, labels, told, name))


def contribution_by(found: Sequence[Contribution], scene: Scene, link: Link) -> Chart:
    """What an attribute alone adds to the log-odds, on average, over its values, with 95 % intervals."""
    shown = [own for own in found if own.customers >= CELL_MINIMUM][:GROUPS_SHOWN]
    labels = ["unknown" if own.missing else own.label for own in shown]
    name = plain_words(scene.attribute)
    ends = [mean_interval(own) or (own.mean, own.mean) for own in shown]
    spec = {
        "kind": "xy",
        "unit": "",
        "decimals": 3,
        "signed": True,
        "keys": [["Raises the risk", "c-leave"], ["Lowers it", "c-stay"], ["95% interval", "ink"]],
        "labels": labels,
        "titles": [f"{label}: {number(own.customers)} customers" for label, own in zip(labels, shown, strict=True)],
        "xName": _axis_name(scene, name),
        "cross": True,
        **round_axis(min((low for low, _ in ends), default=0.0), max((high for _, high in ends), default=0.0), steps=5),
        "series": [
            {
                "name": "Adds to the log-odds",
                "type": "bar",
                "color": "c-leave",
                "colors": ["c-leave" if own.mean > 0 else "c-stay" for own in shown],
                "data": [round(own.mean, 4) for own in shown],
                "lo": [round(low, 4) for low, _ in ends],
                "hi": [round(high, 4) for _, high in ends],
            }
        ],
        "links": [link(own, None) for own in shown],
    }
    return Chart("contribution-chart", spec, _contribution_finding(shown, labels, name))


def _contribution_finding(shown: Sequence[Contribution], labels: Sequence[str], name: str) -> str:
    """The ends of the scale, and how many times as high the odds of leaving are."""
    if len(shown) < 2:
        return f"Too few customers to say what {name.lower()} adds to the risk"
    ordered = sorted((own.mean, label) for own, label in zip(shown, labels, strict=True))
    (low, least), (high, most) = ordered[0], ordered[-1]
    return f"The odds of leaving are multiplied by {exp(high):.2f} at {most} and by {exp(low):.2f} at {least}"


def _risk_finding(shown: Sequence[Group], labels: Sequence[str], told: Sequence[bool], name: str) -> str:
    known = [(g.mean_probability, label) for g, label, ok in zip(shown, labels, told, strict=True) if ok]
    if not known:
        return f"Too few customers to say how the risk changes over {name.lower()}"
    (low, least), (high, most) = min(known), max(known)
    return f"Average risk is highest, {percent(high)}, at {most} and lowest, {percent(low)}, at {least}"


def _highest(series: Sequence[dict[str, Any]]) -> float:
    values = [value for line in series for part in ("data", "hi") for value in line.get(part, ()) if value is not None]
    return max(values, default=1.0) or 1.0


def _axis_name(scene: Scene, name: str) -> str:
    return "Months with us" if scene.attribute == scene.schema.tenure_column else name


def trend(points: Sequence[TrendPoint], label: Callable[[TrendPoint], str]) -> Chart | None:
    """Expected churn with its band and what was observed; None for fewer than two points."""
    if len(points) < 2:
        return None
    last = points[-1]
    expected = [_share(point.expected) for point in points]
    series: list[dict[str, Any]] = [
        {
            "name": "Expected",
            "color": "c-1",
            "data": expected,
            "lo": [_share(point.low) for point in points],
            "hi": [_share(point.high) for point in points],
            "label": f"Expected {percent(last.expected)}",
            "labelShort": percent(last.expected),
        }
    ]
    if any(point.observed is not None for point in points):
        observed = [None if point.observed is None else _share(point.observed) for point in points]
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


def _share(value: float) -> float:
    return round(value * 100, 2)
