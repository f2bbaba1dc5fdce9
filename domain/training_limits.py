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
MAX_SCORING_MICROSECONDS = 60.0
"""The largest scoring cost per customer of a blend or of deep trees, with their reasons: a million customers take a
minute."""
