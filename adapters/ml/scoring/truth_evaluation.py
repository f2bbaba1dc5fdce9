"""Quality of scores compared with known outcomes."""

from __future__ import annotations

from typing import Any

import numpy as np

from adapters.ml.training import quality_metrics
from domain.run import TruthMetrics


class NumpyTruthEvaluator:
    """Implements TruthEvaluator. Its figures equal scikit-learn's, apart from rounding."""

    def evaluate(self, probability: Any, actual: Any, *, threshold: float) -> TruthMetrics:
        """Arrays of equal length, actual as booleans. Raises ValueError for none, or for unequal lengths."""
        scores, churned = np.asarray(probability, np.float64), np.asarray(actual, bool)
        if scores.shape != churned.shape or not scores.size:
            raise ValueError("scores and outcomes must have the same length, at least one")
        matrix = quality_metrics.confusion(scores, churned, threshold)
        return TruthMetrics(
            customers=len(churned),
            churned=int(churned.sum()),
            auc=quality_metrics.auc(scores, churned),
            log_loss=quality_metrics.log_loss(scores, churned),
            brier=quality_metrics.brier(scores, churned),
            accuracy=matrix.accuracy,
            precision=matrix.precision,
            recall=matrix.recall,
            f1=matrix.f1,
            ece=quality_metrics.ece(scores, churned),
            lift_10=quality_metrics.lift_10(scores, churned),
            confusion=matrix,
        )
