"""Limits of learning: how many customers a file needs, and when a larger model is worth its cost."""

from __future__ import annotations

MIN_CUSTOMERS = 50
"""Customers with a known outcome that a labelled file needs. With fewer, each of five folds tests fewer
than ten."""
MIN_OF_AN_OUTCOME = 10
"""Customers who left, and who stayed, that it needs: two per fold of a five-fold cross-validation."""
MIN_SAVING = 0.005
"""Share of the log-loss that a dearer model must save. Blending and averaging always help a little, but take several
times as long to score."""
UNNOTICED_SECONDS = 0.5
"""Seconds that nobody notices: blends that score a file of the customers learned from within them are equally cheap."""
MAX_SCORING_MICROSECONDS = 60.0
"""The largest scoring cost per customer of a blend or of deep trees, with their reasons: a million customers take a
minute."""
MAX_UNNOTICED_MICROSECONDS = 200.0
"""The same where the customers of the file are scored in no time: a million would take three minutes."""


def unnoticed_microseconds(customers: int) -> float:
    """The scoring cost per customer below which nobody notices a difference, for a base of this size."""
    return min(MAX_UNNOTICED_MICROSECONDS, UNNOTICED_SECONDS * 1e6 / customers)


def most_microseconds(customers: int) -> float:
    """The largest scoring cost per customer of a model that is learned from so many."""
    return max(MAX_SCORING_MICROSECONDS, unnoticed_microseconds(customers))
