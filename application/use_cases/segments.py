"""Segments of a run: customers who share a value, how their churn compares with everybody's, and what to call them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.results import AttributeFilter, Contribution, Group
from domain.prediction import Reason
from domain.schema import ColumnKind, CustomerSchema
from domain.wording import SYMBOLS, reason_phrase

SEGMENT_MINIMUM = 50
"""Customers from which a segment is listed."""
SEGMENTS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Totals:
    """The customers that a filter leaves, together. `revenue_likely` is what the likely leavers pay a month."""

    customers: int
    likely: int
    mean_probability: float
    revenue_likely: float | None
    revenue_staying: float | None
    observed: float | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """Customers who share a value: their churn rate with a 95 % interval, and how it compares with everybody's.

    `impact` is how many more are expected to leave than at the average rate.
    """

    attribute: str
    group: Group
    low: float
    high: float
    lift: float
    impact: float

    @property
    def rate(self) -> float:
        return self.group.mean_probability


def totals_of(groups: Sequence[Group]) -> Totals:
    """The customers of all groups together, from the groups of any one attribute."""
    customers = sum(group.customers for group in groups)
    weight = sum(group.customers * group.mean_probability for group in groups)
    paid = _sum([group.revenue for group in groups])
    leaving = _sum([group.revenue_likely for group in groups])
    observed = [group for group in groups if group.observed is not None]
    seen = sum(group.customers for group in observed)
    return Totals(
        customers=customers,
        likely=sum(group.likely for group in groups),
        mean_probability=weight / customers if customers else 0.0,
        revenue_likely=leaving,
        revenue_staying=None if paid is None or leaving is None else paid - leaving,
        observed=sum((group.observed or 0.0) * group.customers for group in observed) / seen if seen else None,
    )


def _sum(amounts: Sequence[float | None]) -> float | None:
    """Of the known ones; None where none is known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def rate_interval(rate: float, customers: int) -> tuple[float, float]:
    """95 % interval of a rate among so many customers (Wilson)."""
    if customers < 1:
        return 0.0, 1.0
    z2 = 1.96**2
    middle = (rate + z2 / (2 * customers)) / (1 + z2 / customers)
    half = 1.96 * (rate * (1 - rate) / customers + z2 / (4 * customers**2)) ** 0.5 / (1 + z2 / customers)
    return max(0.0, middle - half), min(1.0, middle + half)


def mean_interval(found: Contribution) -> tuple[float, float] | None:
    """95 % interval of a mean contribution (normal approximation); None of a single customer."""
    if found.spread is None:
        return None
    half = 1.96 * found.spread / found.customers**0.5
    return found.mean - half, found.mean + half


def segments_of(attribute: str, groups: Sequence[Group], base: float) -> tuple[Segment, ...]:
    """The groups of one attribute that are large enough to speak of."""
    found = []
    for group in groups:
        if group.customers >= SEGMENT_MINIMUM:
            low, high = rate_interval(group.mean_probability, group.customers)
            lift = group.mean_probability / base if base else 0.0
            impact = group.customers * (group.mean_probability - base)
            found.append(Segment(attribute, group, low, high, lift, impact))
    return tuple(found)


def ranked(segments: Sequence[Segment], sort: str = "impact") -> tuple[Segment, ...]:
    """Segments with a risk above the average, by what the person sorts by, highest first."""
    keys = {
        "impact": lambda segment: segment.impact,
        "customers": lambda segment: segment.group.customers,
        "rate": lambda segment: segment.rate,
        "lift": lambda segment: segment.lift,
        "revenue": lambda segment: segment.group.revenue_at_risk or 0.0,
    }
    above = [segment for segment in segments if segment.impact > 0]
    return tuple(sorted(above, key=keys.get(sort, keys["impact"]), reverse=True)[:SEGMENTS_SHOWN])


def peaks_of(segments: Sequence[Segment]) -> dict[str, Segment]:
    """By attribute, the segment with the highest rate."""
    peaks: dict[str, Segment] = {}
    for segment in segments:
        if segment.attribute not in peaks or segment.rate > peaks[segment.attribute].rate:
            peaks[segment.attribute] = segment
    return peaks


def filter_for(attribute: str, group: Group | Contribution, schema: CustomerSchema) -> AttributeFilter | None:
    """The customers of a group as a filter; None for rare levels that only stand together."""
    column = schema.column(attribute)
    if group.missing:
        return AttributeFilter(attribute)
    if column.kind is ColumnKind.NUMERIC:
        return AttributeFilter(attribute, low=group.low, high=group.high)
    return AttributeFilter(attribute, level=group.label) if group.label in column.levels else None


def group_words(attribute: str, group: Group, schema: CustomerSchema, *, currency: str = "USD") -> str:
    """A group as a person would say it: "Month-to-month contract", "0–6 months with us", "Tech support unknown"."""
    label = next((column.label for column in schema.columns if column.name == attribute), attribute)
    if group.missing or not group.label:
        return f"{label} unknown"
    if _is_numeric(schema, attribute):
        return _bin_words(label, attribute, group.label, schema, currency)
    return reason_phrase(Reason(attribute, group.label, 1.0), schema, currency=currency)


def _bin_words(label: str, attribute: str, bin_label: str, schema: CustomerSchema, currency: str) -> str:
    """A bin with its unit, where its role tells one."""
    if attribute == schema.tenure_column:
        return f"{bin_label} months with us"
    if attribute == schema.revenue_column and bin_label[:1].isdigit():
        return f"{SYMBOLS.get(currency, currency + ' ')}{bin_label} a month"
    return f"{label} {bin_label}"


def _is_numeric(schema: CustomerSchema, attribute: str) -> bool:
    return any(column.name == attribute and column.kind is ColumnKind.NUMERIC for column in schema.columns)
