"""Segments of a run: customers with the same value, their churn compared with all customers, and their labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.results import Contribution, Group
from domain.customer_query import AttributeFilter
from domain.formats import Formats
from domain.group_order import places_in_order
from domain.group_words import words_of_group
from domain.intervals import mean_interval, rate_interval
from domain.schema import CustomerSchema
from domain.segments import is_listed, leavers_above_average, lift_of

SEGMENT_ATTRIBUTES = 8
"""Number of attributes that segments are made of, strongest first. Each costs one grouping of all customers."""
SEGMENTS_SHOWN = 12
OTHERS = "Other values"
"""The label of the group of all rare values."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals of the customers that match a filter. `revenue_likely` is the monthly revenue of the likely leavers."""

    customers: int
    likely: int
    mean_probability: float
    revenue_likely: float | None
    revenue_staying: float | None
    observed: float | None = None

    @property
    def staying(self) -> int:
        return self.customers - self.likely


@dataclass(frozen=True, slots=True)
class Segment:
    """Customers with the same value: their churn rate with a 95% interval, compared with all customers.

    `impact` is the number of expected leavers beyond the number at the average rate.
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
    """Totals of all customers, computed from the groups of any one attribute."""
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
    """The sum of the known values; None if none is known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def contribution_interval(contribution: Contribution) -> tuple[float, float] | None:
    """95% interval of a mean contribution; None for a single customer."""
    return (
        None
        if contribution.spread is None
        else mean_interval(contribution.mean, contribution.spread, contribution.customers)
    )


def segments_of(attribute: str, groups: Sequence[Group], base: float) -> tuple[Segment, ...]:
    """The groups of one attribute that have enough customers to be listed as segments."""
    segments = []
    for group in groups:
        if is_listed(group.customers):
            low, high = rate_interval(group.mean_probability, group.customers)
            lift = lift_of(group.mean_probability, base)
            impact = leavers_above_average(group.customers, group.mean_probability, base)
            segments.append(Segment(attribute, group, low, high, lift, impact))
    return tuple(segments)


def ranked(segments: Sequence[Segment], sort: str = "impact") -> tuple[Segment, ...]:
    """Segments with a risk above the average, sorted by the person's choice, highest first."""
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
    """For each attribute, the segment with the highest rate."""
    peaks: dict[str, Segment] = {}
    for segment in segments:
        if segment.attribute not in peaks or segment.rate > peaks[segment.attribute].rate:
            peaks[segment.attribute] = segment
    return peaks


def filter_for(attribute: str, group: Group | Contribution, schema: CustomerSchema) -> AttributeFilter | None:
    """A filter for the customers of a group; None for the group of all rare levels."""
    column = schema.column(attribute)
    if group.missing:
        return AttributeFilter(attribute)
    if column.kind.is_number:
        return AttributeFilter(attribute, low=group.low, high=group.high)
    return AttributeFilter(attribute, level=group.label) if group.label in column.levels else None


def in_order(groups: Sequence[Group]) -> tuple[Group, ...]:
    """Groups as charts show them: contracts by their length."""
    rest = [group.missing or not group.label or group.label == OTHERS for group in groups]
    return tuple(groups[place] for place in places_in_order([group.label for group in groups], rest))


def group_words(attribute: str, group: Group | Contribution, schema: CustomerSchema, formats: Formats) -> str:
    """A group in words: "Month-to-month contract", "0–6 months with us", "Tech support unknown"."""
    return words_of_group(attribute, group.label, schema, formats, missing=group.missing)
