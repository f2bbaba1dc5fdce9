"""Comparison of two predictions: which is the earlier, which values mean the same to both, what counts as a change."""

from __future__ import annotations

from datetime import datetime

from domain.arithmetic import Answer, Ordered
from domain.percentages import scale_of
from domain.run import Run
from domain.run_month import month_of_run
from domain.schema import Column, CustomerSchema

MAX_COMPARED_CUSTOMERS = 200_000
"""Customers read of each prediction, those at the highest risk first."""
MIN_RISK_CHANGE = 0.05
"""Change of the churn probability from which a customer counts as moved."""


def has_risen(change: Ordered[Answer]) -> Answer:
    """Whether a churn probability rose enough to count, or which of a column of them did.

    With the sign reversed: whether it fell enough.
    """
    return change >= MIN_RISK_CHANGE


def comparison_order(run: Run) -> tuple[str, datetime]:
    """By their newest month, then by when they were made. Predictions without a month are the earliest."""
    return month_of_run(run) or "", run.created_at


def compared_threshold(before: Run, after: Run) -> float:
    """The threshold with which both count in a comparison: the later one's.

    With two thresholds, customers would become likely to leave although nothing about them has changed.
    """
    return after.threshold


def comparable_columns(old: CustomerSchema, new: CustomerSchema) -> tuple[str, ...]:
    """The attributes whose values mean the same to both models, in the order of the newer one.

    They have one name, are both numbers or both texts, and their numbers are in the same unit.
    """
    known = {column.name: column for column in old.columns}
    return tuple(
        own.name
        for own in new.columns
        if own.name in known and _means_the_same(known[own.name], own) and _same_tenure(own.name, old, new)
    )


def _means_the_same(old: Column, new: Column) -> bool:
    if not (old.kind.is_number or new.kind.is_number):
        return True
    if old.kind is not new.kind or old.number_unit != new.number_unit:
        return False
    scales = scale_of(old), scale_of(new)
    return None in scales or scales[0] is scales[1]


def _same_tenure(name: str, old: CustomerSchema, new: CustomerSchema) -> bool:
    units = old.known_unit(name), new.known_unit(name)
    return None in units or units[0] is units[1]
