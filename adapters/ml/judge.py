"""Quality of scores against a known truth."""

from __future__ import annotations

from typing import Any

import numpy as np

from adapters.ml import metrics
from domain.run import TruthMetrics


class NumpyTruthJudge:
    """The figures that scikit-learn gives, to rounding."""

    def judge(self, probability: Any, actual: Any, *, threshold: float) -> TruthMetrics:
        """Arrays of equal length, actual as booleans. Raises ValueError for none, or for unequal lengths."""
        scores, churned = np.asarray(probability, np.float64), np.asarray(actual, bool)
        if scores.shape != churned.shape or not scores.size:
            raise ValueError("as many scores as truths are judged, and at least one")
        matrix = metrics.confusion(scores, churned, threshold)
        return TruthMetrics(
            customers=len(churned),
            churned=int(churned.sum()),
            auc=metrics.auc(scores, churned),
            log_loss=metrics.log_loss(scores, churned),
            brier=metrics.brier(scores, churned),
            accuracy=matrix.accuracy,
            precision=matrix.precision,
            recall=matrix.recall,
            f1=matrix.f1,
            ece=metrics.ece(scores, churned),
            lift_10=metrics.lift_10(scores, churned),
            confusion=matrix,
        )
