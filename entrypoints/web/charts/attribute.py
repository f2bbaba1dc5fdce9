"""Charts by one attribute: the number of customers, their risk, and the attribute's contribution to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp

from application.queries import Contribution, Group
from application.use_cases.insights.insights_context import InsightsContext
from application.use_cases.insights.segments import contribution_interval
from domain.intervals import rate_interval
from domain.schema import CustomerSchema
from domain.segments import is_drawn
from domain.vocabulary.spelling import plain_words
from entrypoints.web.charts.axes import round_axis
from entrypoints.web.charts.specification import XY, BarSet, Chart, LegendKey, Line
from entrypoints.web.counting import in_percent
from entrypoints.web.formats import number, percent

GROUPS_SHOWN = 24
"""Maximum bars of a histogram; the remaining levels are grouped as "others"."""

CONTRIBUTION_KEYS = (
    LegendKey("Raises the risk", "c-leave"),
    LegendKey("Lowers it", "c-stay"),
    LegendKey("95% interval", "ink"),
)

Link = Callable[[Group | Contribution, bool | None], str | None]
"""The URL of a group's customers, optionally of one label; None if no single value selects them."""


@dataclass(frozen=True, slots=True)
class RiskChart:
    """`is_told`: some value has enough customers. `is_line`: the attribute is numeric, so its risk is a line."""

    chart: Chart
    is_told: bool
    is_line: bool


def bars_of(groups: Sequence[Group]) -> tuple[list[Group], list[str]]:
    """The groups that a histogram draws, and their labels; rare levels are combined."""
    shown = list(groups)
    if len(shown) > GROUPS_SHOWN:
        shown, rest = shown[: GROUPS_SHOWN - 1], shown[GROUPS_SHOWN - 1 :]
        shown.append(_together(rest))
    return shown, [group.label if group.label and not group.missing else "unknown" for group in shown]


def _together(rest: Sequence[Group]) -> Group:
    customers = sum(group.customers for group in rest)
    known_outcomes = [group for group in rest if group.observed is not None]
    truth = sum(group.customers for group in known_outcomes)
    return Group(
        label=f"{number(len(rest))} others",
        customers=customers,
        mean_probability=sum(g.mean_probability * g.customers for g in rest) / customers if customers else 0.0,
        likely=sum(group.likely for group in rest),
        revenue=None,
        revenue_likely=None,
        revenue_at_risk=None,
        observed=sum((g.observed or 0.0) * g.customers for g in known_outcomes) / truth if truth else None,
    )


def histogram(groups: Sequence[Group], selection: InsightsContext, link: Link) -> Chart:
    """Customers by one attribute, split by their label."""
    shown, labels = bars_of(groups)
    name = plain_words(selection.attribute)
    spec = XY(
        decimals=0,
        stacked=True,
        labels=labels,
        x_name=axis_name(selection.schema, selection.attribute),
        y=round_axis(0, max((group.customers for group in shown), default=1) or 1, steps=4, whole=True),
        tip_title=f"{name} {{x}}",
        series=[
            BarSet(
                name="Likely to leave",
                flat=True,
                color="c-leave",
                data=[group.likely for group in shown],
                links=[link(group, True) for group in shown],
            ),
            BarSet(
                name="Staying",
                color="c-stay",
                data=[group.customers - group.likely for group in shown],
                links=[link(group, False) for group in shown],
            ),
        ],
        links=[link(group, selection.likely) for group in shown],
    )
    return Chart("attribute-chart", spec, _histogram_finding(shown, labels, name))


def _histogram_finding(shown: Sequence[Group], labels: Sequence[str], name: str) -> str:
    finding = f"Customers by {name.lower()}"
    most = max(shown, key=lambda group: group.likely, default=None)
    if most is None or not most.likely:
        return finding
    leavers = f"{number(most.likely)} of {number(sum(group.likely for group in shown))}"
    return f"{finding}: most of the likely leavers, {leavers}, at {labels[shown.index(most)]}"


def risk_by(groups: Sequence[Group], selection: InsightsContext, link: Link) -> RiskChart:
    """Average churn probability by an attribute's values with 95% intervals, and observed churn where known."""
    shown, labels = bars_of(groups)
    name = plain_words(selection.attribute)
    enough = [is_drawn(group.customers) for group in shown]
    is_line = selection.schema.column(selection.attribute).kind.is_number
    risk = _average_risk(shown, enough, is_line=is_line)
    series = [risk, *_observed(shown, enough)]
    spec = XY(
        unit="%",
        decimals=1,
        labels=labels,
        x_name=axis_name(selection.schema, selection.attribute),
        y=round_axis(0, _highest(series), steps=4),
        tip_title=f"{name} {{x}}",
        cross=True,
        series=series,
        links=[link(group, selection.likely) for group in shown],
    )
    chart = Chart("risk-chart", spec, _risk_finding(shown, labels, enough, name))
    return RiskChart(chart, any(enough), is_line)


def _average_risk(shown: Sequence[Group], enough: Sequence[bool], *, is_line: bool) -> Line | BarSet:
    ends = [rate_interval(group.mean_probability, group.customers) for group in shown]
    data = [in_percent(g.mean_probability) if ok else None for g, ok in zip(shown, enough, strict=True)]
    lo = [in_percent(low) if ok else None for (low, _), ok in zip(ends, enough, strict=True)]
    hi = [in_percent(high) if ok else None for (_, high), ok in zip(ends, enough, strict=True)]
    if is_line:
        return Line(name="Average risk", color="c-1", dots=True, data=data, lo=lo, hi=hi)
    return BarSet(name="Average risk", color="c-leave", data=data, lo=lo, hi=hi)


def _observed(shown: Sequence[Group], enough: Sequence[bool]) -> list[Line]:
    if all(group.observed is None for group in shown):
        return []
    data = [
        in_percent(group.observed) if ok and group.observed is not None else None
        for group, ok in zip(shown, enough, strict=True)
    ]
    return [Line(name="Left", color="ink-2", dots_only=True, data=data)]


def contribution_by(contributions: Sequence[Contribution], selection: InsightsContext, link: Link) -> Chart:
    """The attribute's mean contribution to the log-odds by its values, with 95% intervals."""
    shown = [own for own in contributions if is_drawn(own.customers)]
    labels = ["unknown" if own.missing else own.label for own in shown]
    name = plain_words(selection.attribute)
    ends = [contribution_interval(own) or (own.mean, own.mean) for own in shown]
    bars = BarSet(
        name="Adds to the log-odds",
        color="c-leave",
        colors=["c-leave" if own.mean > 0 else "c-stay" for own in shown],
        data=[round(own.mean, 4) for own in shown],
        lo=[round(low, 4) for low, _ in ends],
        hi=[round(high, 4) for _, high in ends],
    )
    spec = XY(
        decimals=3,
        signed=True,
        keys=CONTRIBUTION_KEYS,
        labels=labels,
        titles=[f"{label}: {number(own.customers)} customers" for label, own in zip(labels, shown, strict=True)],
        x_name=axis_name(selection.schema, selection.attribute),
        y=round_axis(min([0.0, *(low for low, _ in ends)]), max([0.0, *(high for _, high in ends)]), steps=5),
        cross=True,
        series=[bars],
        links=[link(own, None) for own in shown],
    )
    return Chart("contribution-chart", spec, _contribution_finding(shown, labels, name))


def _contribution_finding(shown: Sequence[Contribution], labels: Sequence[str], name: str) -> str:
    """The finding: the values with the highest and lowest odds of leaving, as factors."""
    if len(shown) < 2:
        return f"Too few customers to say what {name.lower()} adds to the risk"
    ordered = sorted((own.mean, label) for own, label in zip(shown, labels, strict=True))
    (low, least), (high, most) = ordered[0], ordered[-1]
    more, less = number(exp(high), 2), number(exp(low), 2)
    return f"The odds of leaving are multiplied by {more} at {most} and by {less} at {least}"


def _risk_finding(shown: Sequence[Group], labels: Sequence[str], enough: Sequence[bool], name: str) -> str:
    known = [(g.mean_probability, label) for g, label, ok in zip(shown, labels, enough, strict=True) if ok]
    if not known:
        return f"Too few customers to say how the risk changes over {name.lower()}"
    (low, least), (high, most) = min(known), max(known)
    return f"Average risk is highest, {percent(high)}, at {most} and lowest, {percent(low)}, at {least}"


def _highest(series: Sequence[Line | BarSet]) -> float:
    values = [
        value for own in series for part in (own.data, own.hi) for value in part if isinstance(value, int | float)
    ]
    return max(values, default=1.0) or 1.0


def axis_name(schema: CustomerSchema, attribute: str) -> str:
    """ "Months with us" for a tenure with a known unit, "Signup date, days ago" for a date, else the name."""
    name = plain_words(attribute)
    if attribute in schema.date_forms:
        return f"{name}, days ago"
    unit = schema.known_unit(attribute)
    return f"{unit.value.capitalize()} with us" if unit else name
