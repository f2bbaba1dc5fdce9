"""Minimum sizes and differences from which a segment is listed, drawn or highlighted."""

from __future__ import annotations

MIN_SEGMENT_CUSTOMERS = 50
"""Customers from which a segment is listed: on the web, in the PDF report, on a model's page and in its limits."""
MIN_DRAWN_CUSTOMERS = 30
"""Customers from which a chart or a cell of a table shows the rate of one value. It is less than a listed segment
needs, because the values next to it show how far chance goes."""
MIN_COMPARED_CUSTOMERS = 100
"""Customers from which a segment's AUC is compared with the model's. An AUC of fewer moves by chance alone."""
MIN_WEAKNESS_AUC = 0.05
"""How far a segment's AUC lies below the model's where the model is said to do less well there."""
MIN_HEADLINE_LIFT = 1.15
"""Lift from which a segment is named in the first sentence of the Insights page."""
MIN_FURTHER_RISE = 0.02
"""Rise of the churn rate from which a second value is named with the first."""


def is_listed(customers: int) -> bool:
    """Whether this many customers are enough to list them as a segment."""
    return customers >= MIN_SEGMENT_CUSTOMERS


def is_drawn(customers: int) -> bool:
    """Whether this many customers are enough to draw their rate among those of other values."""
    return customers >= MIN_DRAWN_CUSTOMERS


def stands_out(lift: float) -> bool:
    """Whether a segment's churn, as a multiple of the average, is worth the first sentence."""
    return lift >= MIN_HEADLINE_LIFT


def is_clearly_higher(rate: float, than: float) -> bool:
    """Whether a second value raises the segment's churn rate enough to be named."""
    return rate >= than + MIN_FURTHER_RISE


def leavers_above_average(customers: int, rate: float, average: float) -> float:
    """How many more customers of a segment are expected to leave than at the average rate; negative below it."""
    return customers * (rate - average)


def lift_of(rate: float, average: float) -> float:
    """A segment's churn rate as a multiple of the average; 0 without an average."""
    return rate / average if average else 0.0
