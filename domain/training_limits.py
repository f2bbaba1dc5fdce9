"""Limits of learning: how many customers a file needs, and when a larger model is worth its cost."""

from __future__ import annotations

MIN_CUSTOMERS = 50
"""Customers with a known outcome that a labelled file needs. With fewer, each of five folds tests fewer
than ten."""
MIN_OF_AN_OUTCOME = 10
"""Customers who left, and who stayed, that it needs: two per fold of a five-fold cross-validation."""
MIN_BAG_SAVING = 0.005
"""Share of the log-loss that a bag of boosters must save. Averaging always helps a little, but five boosters take five
times as long to score."""
