"""How unusual a reason is among customers of similar risk, so that customers in a list can be distinguished."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.customer import Value
from domain.prediction import Prediction, Reason, RiskBand
from domain.schema import ColumnKind, CustomerSchema

ReasonKey = tuple[RiskBand, bool, str, str | int]
"""Band, whether the reason raises the risk, attribute, and kind of value (see `value_kind`)."""
MISSING = -1


def number_edges(typical: float) -> tuple[float, ...]:
    """Numbers on the same side of these edges are one reason: half the typical value, the typical value, and twice it.

    A typical value of zero or below is the only edge.
    """
    return (typical / 2, typical, typical * 2) if typical > 0 else (typical,)


def typical_numbers(schema: CustomerSchema) -> dict[str, float]:
    """The typical value of each number column that has one."""
    return {
        column.name: float(column.typical)
        for column in schema.columns
        if column.kind is ColumnKind.NUMERIC and column.typical
    }


def value_kind(value: Value, typical: float | None) -> str | int:
    """Which values of an attribute count as the same reason: the level, or the place of a number among the edges."""
    if value is None or value != value:
        return MISSING
    if isinstance(value, str):
        return value
    return 0 if typical is None else bisect_right(number_edges(typical), float(value))


@dataclass(frozen=True, slots=True)
class ReasonCounts:
    """How many customers of a run have a reason among those kept, and how many customers each band has."""

    customers: Mapping[RiskBand, int]
    reasons: Mapping[ReasonKey, int]
    typical: Mapping[str, float]

    def share(self, reason: Reason, band: RiskBand) -> float:
        """The share of the band's customers who have the same reason; 0 where it was not counted."""
        kind = value_kind(reason.value, self.typical.get(reason.attribute))
        everybody = self.customers.get(band, 0)
        return self.reasons.get((band, reason.raises, reason.attribute, kind), 0) / everybody if everybody else 0.0


def rarest_first(prediction: Prediction, counts: ReasonCounts) -> tuple[Reason, ...]:
    """The reasons that a list shows, rarest among customers of the same band first; ties: stronger first."""
    return rarest_of(prediction.shown, prediction.band, counts)


def rarest_of(reasons: Sequence[Reason], band: RiskBand, counts: ReasonCounts) -> tuple[Reason, ...]:
    return tuple(sorted(reasons, key=lambda reason: (counts.share(reason, band), -abs(reason.contribution))))
