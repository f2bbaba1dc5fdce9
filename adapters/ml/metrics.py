"""Figures of quality on arrays, equal to scikit-learn's. `probability` float64 (n), `churned` bool (n)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from domain.evaluation import ConfusionMatrix

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

SMALLEST = float(np.finfo(np.float64).eps)
"""Probabilities are kept this far from 0 and 1 in the log-loss, as scikit-learn keeps them."""


def auc(probability: Floats, churned: Booleans) -> float | None:
    """Area under the ROC curve, ties counted half; None with one class."""
    positives = int(churned.sum())
    negatives = len(churned) - positives
    if not positives or not negatives:
        return None
    _, inverse, counts = np.unique(probability, return_inverse=True, return_counts=True)
    up_to = np.cumsum(counts)
    mean_rank = up_to - (counts - 1) / 2.0
    ranks = mean_rank[inverse][churned].sum()
    return float((ranks - positives * (positives + 1) / 2.0) / (positives * negatives))


def average_precision(probability: Floats, churned: Booleans) -> float:
    """Σ (recall step) × precision over distinct scores; 0 without leavers."""
    called, right = _counts_at_cuts(probability, churned)
    if right[-1] == 0:
        return 0.0
    steps = np.diff(right / right[-1], prepend=0.0)
    return float((steps * right / called).sum())


def _counts_at_cuts(probability: Floats, churned: Booleans) -> tuple[Floats, Floats]:
    """Customers, and leavers among them, at or above every distinct score, highest first."""
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    return last + 1.0, np.cumsum(churned[order], dtype=np.float64)[last]


def row_log_loss(probability: Floats, churned: Booleans) -> Floats:
    kept = np.clip(probability, SMALLEST, 1.0 - SMALLEST)
    return -np.log(np.where(churned, kept, 1.0 - kept))


def log_loss(probability: Floats, churned: Booleans) -> float:
    return float(row_log_loss(probability, churned).mean())


def brier(probability: Floats, churned: Booleans) -> float:
    return float(np.mean((probability - churned) ** 2))


def ece(probability: Floats, churned: Booleans, *, bins: int = 10) -> float:
    """Expected calibration error over equal-count bins, by rank of the score (ties by file order)."""
    return float(
        sum(
            len(rows) / len(churned) * abs(churned[rows].mean() - probability[rows].mean())
            for rows in equal_count_bins(probability, bins)
        )
    )


def equal_count_bins(probability: Floats, bins: int) -> list[NDArray[np.intp]]:
    """Row numbers of equally large bins, lowest scores first; no bin is empty."""
    order = np.argsort(probability, kind="stable")
    return [rows for rows in np.array_split(order, bins) if len(rows)]


def lift_10(probability: Floats, churned: Booleans) -> float:
    """Churn rate among the ⌈0.1·n⌉ highest scores ÷ base rate, ties by file order; 0 without leavers."""
    if not churned.any():
        return 0.0
    top = np.argsort(-probability, kind="stable")[: -(-len(churned) // 10)]
    return float(churned[top].mean() / churned.mean())


def confusion(probability: Floats, churned: Booleans, threshold: float) -> ConfusionMatrix:
    called = probability >= threshold
    right = int((called & churned).sum())
    return ConfusionMatrix(
        true_positive=right,
        false_positive=int(called.sum()) - right,
        false_negative=int(churned.sum()) - right,
        true_negative=int((~called & ~churned).sum()),
    )


def log_odds(probability: Floats) -> Floats:
    kept = np.clip(probability, 1e-12, 1.0 - 1e-12)
    return np.log(kept / (1.0 - kept))


def sigmoid(margin: Floats) -> Floats:
    """1 / (1 + e^−m), without overflow; element by element, so a row's value doesn't depend on the others."""
    small = np.exp(-np.abs(margin))
    return np.where(margin >= 0, 1.0 / (1.0 + small), small / (1.0 + small))
