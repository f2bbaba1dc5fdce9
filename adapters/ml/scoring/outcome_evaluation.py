"""Figures of scored customers whose outcome is known."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.training import quality_metrics
from adapters.results.writing.score_totals import ScoreTotals
from application.ports.gradings import OutcomeEvaluator
from application.ports.snapshots import Outcomes
from domain.evaluation import Evaluation, Metric
from domain.expected_quality import expected_quality
from domain.grading import TENTHS, GradedFigures, Tenth
from domain.intervals import auc_interval

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]


class NumpyOutcomeEvaluator:
    """Implements OutcomeEvaluator."""

    def evaluate(
        self, outcomes: Outcomes, *, threshold: float, held_out: Evaluation, without_treated: bool = False
    ) -> GradedFigures | None:
        probability, left = np.asarray(outcomes.probability, np.float64), np.asarray(outcomes.left, bool)
        if without_treated:
            others = ~np.asarray(outcomes.treated, bool)
            probability, left = probability[others], left[others]
        if not probability.size:
            return None
        return GradedFigures(
            customers=len(left),
            left=int(left.sum()),
            expected=_expected(probability, threshold, held_out),
            auc=_auc(probability, left),
            average_precision=quality_metrics.average_precision(probability, left),
            log_loss=quality_metrics.log_loss(probability, left),
            brier=quality_metrics.brier(probability, left),
            confusion=quality_metrics.confusion(probability, left, threshold),
            calibration=quality_metrics.calibration_bins(probability, left),
            tenths=_tenths(probability, left),
        )


def _expected(probability: Floats, threshold: float, held_out: Evaluation) -> Metric:
    """Σ p, with the interval of the quality to be expected of these customers."""
    scores = ScoreTotals(threshold)
    scores.add(probability)
    estimate: Any = expected_quality(scores.bins(), threshold=threshold, held_out=held_out)
    leavers = Metric(0.0) if estimate is None else estimate.leavers
    return Metric(float(probability.sum()), leavers.low, leavers.high)


def _auc(probability: Floats, left: Booleans) -> Metric | None:
    auc = quality_metrics.auc(probability, left)
    if auc is None:
        return None
    leavers = int(left.sum())
    return Metric(auc, *auc_interval(auc, leavers, len(left) - leavers))


def _tenths(probability: Floats, left: Booleans) -> tuple[Tenth, ...]:
    """Equally large groups, the riskiest first; ties in the order of the file. The first ones may be larger by one."""
    order = np.argsort(-probability, kind="stable")
    return tuple(
        Tenth(len(rows), int(left[rows].sum()), float(probability[rows].sum()))
        for rows in np.array_split(order, TENTHS)
        if len(rows)
    )


_: type[OutcomeEvaluator] = NumpyOutcomeEvaluator
