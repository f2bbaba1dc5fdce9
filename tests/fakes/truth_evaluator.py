"""A truth evaluator whose figures tests can compute by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from application.ports.models import TruthEvaluator
from domain.evaluation import ConfusionMatrix
from domain.run import TruthMetrics


@dataclass(frozen=True)
class CountingEvaluator:
    """Counts, and zero for every other figure."""

    def evaluate(self, probability: Any, actual: Any, *, threshold: float) -> TruthMetrics:
        pairs = list(zip(np.asarray(probability).tolist(), np.asarray(actual).tolist(), strict=True))
        called = Counter((p >= threshold, bool(left)) for p, left in pairs)
        matrix = ConfusionMatrix(called[True, True], called[True, False], called[False, True], called[False, False])
        churned = called[True, True] + called[False, True]
        return TruthMetrics(
            customers=len(pairs),
            churned=churned,
            auc=None,
            log_loss=0.0,
            brier=0.0,
            accuracy=matrix.accuracy,
            precision=matrix.precision,
            recall=matrix.recall,
            f1=matrix.f1,
            ece=0.0,
            lift_10=0.0,
            confusion=matrix,
        )


if TYPE_CHECKING:
    _evaluator: TruthEvaluator = CountingEvaluator()
