"""Which customers of a run are meant: the filters of a result page, and how they are grouped."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.prediction import RiskBand

SORTS = ("risk", "gain", "revenue", "action", "id", "row")
LARGEST_FIRST = ("risk", "gain", "revenue")
"""Orders that begin with the largest unless the other way is chosen."""


@dataclass(frozen=True, slots=True)
class AttributeFilter:
    """Selects customers by an attribute: `level`, or a number in [low, high). If all are None, missing values."""

    attribute: str
    level: str | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class CustomerQuery:
    """Which customers of a run, in what order. `threshold` decides the label; `sort` is one of SORTS."""

    threshold: float
    search: str = ""
    likely: bool | None = None
    worth_contacting: bool | None = None
    bands: tuple[RiskBand, ...] = ()
    action: str | None = None
    attributes: tuple[AttributeFilter, ...] = ()
    sort: str = "risk"
    descending: bool = True
    offset: int = 0
    limit: int = 25
    reasons: tuple[str, ...] = ()
    """The attributes of the reasons that a list shows for a customer, in any order; empty for any reasons."""


class Grouping(StrEnum):
    """What the customers of a list can be grouped by."""

    ACTION = "action"
    REASONS = "reasons"


@dataclass(frozen=True, slots=True)
class CustomerGroup:
    """Customers with the same action, or with the same reasons: how many, how many of them are worth contacting.

    `expected_gain` is what contacting those is expected to earn together. `reasons` are attributes in the model's
    order, and `likely` is their customers' label.
    """

    customers: int
    worth_contacting: int
    expected_gain: float
    action: str | None = None
    reasons: tuple[str, ...] = ()
    likely: bool | None = None
