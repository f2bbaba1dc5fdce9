"""The charts of customers by one attribute: how many, how likely to leave, and what the attribute itself adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import exp
from typing import Any

from application.ports.results import Contribution, Group
from application.use_cases.insights import CELL_MINIMUM
from application.use_cases.insights_scene import Scene
from application.use_cases.segments import mean_interval, rate_interval
from domain.schema import ColumnKind, plain_words
from entrypoints.web.axes import round_axis
from entrypoints.web.formats import number, percent
from entrypoints.web.insights.charts import Chart, in_percent

GROUPS_SHOWN = 24
"""Bars of one histogram; levels beyond are put together as "others"."""

Link = Callable[[Group | Contribution, bool | None], str | None]
"""The address of a group's customers, of one label where it is given; None where they cannot be named by one value."""


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
            "data": [in_percent(g.mean_probability) if ok else None for g, ok in zip(shown, told, strict=True)],
            "lo": [in_percent(low) if ok else None for (low, _), ok in zip(ends, told, strict=True)],
            "hi": [in_percent(high) if ok else None for (_, high), ok in zip(ends, told, strict=True)],
        }
    ]
    if any(group.observed is not None for group in shown):
        seen = [
            in_percent(g.observed) if ok and g.observed is not None else None for g, ok in zip(shown, told, strict=True)
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
    shown = [own for own in found if own.customers >= CELL_MINIMUM]
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
        **round_axis(min([0.0, *(low for low, _ in ends)]), max([0.0, *(high for _, high in ends)]), steps=5),
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
