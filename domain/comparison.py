"""Comparison of two predictions: the smallest change of risk that counts, and the maximum number of customers."""

from __future__ import annotations

from domain.arithmetic import Answer, Ordered

MAX_COMPARED_CUSTOMERS = 200_000
"""Customers read of each prediction, those at the highest risk first."""
MIN_RISK_CHANGE = 0.05
"""Change of the churn probability from which a customer counts as moved."""


def has_risen(change: Ordered[Answer]) -> Answer:
    """Whether a churn probability rose enough to count, or which of a column of them did.

    With the sign reversed: whether it fell enough.
    """
    return change >= MIN_RISK_CHANGE
