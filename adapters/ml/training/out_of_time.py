"""Figures on the last month of a file with months, by a model that learned from the earlier ones."""

from __future__ import annotations

from collections.abc import Callable

from adapters.ml.scoring.scoring_model import ScoringModel
from adapters.ml.training import quality_metrics
from adapters.ml.training.evaluation import figures_with_intervals
from adapters.ml.training.learning_data import LearningData
from domain.evaluation import Metric

MIN_MONTHS = 3
MIN_CUSTOMERS = 5
"""Customers of each kind that the last month needs, and leavers that the earlier months need."""


def out_of_time(
    data: LearningData, learn: Callable[[LearningData], ScoringModel], *, seed: int
) -> dict[str, Metric] | None:
    """None with fewer than three months or with too few customers who left or stayed."""
    if data.months is None:
        return None
    months = sorted(set(data.months.tolist()) - {""})
    if len(months) < MIN_MONTHS:
        return None
    last, earlier = data.months == months[-1], (data.months < months[-1]) & (data.months != "")
    if min(data.churned[last].sum(), (~data.churned[last]).sum(), data.churned[earlier].sum()) < MIN_CUSTOMERS:
        return None
    probability = quality_metrics.sigmoid(learn(data.only(earlier)).explain(data.codes[last])[1])
    return figures_with_intervals(probability, data.churned[last], 0.5, folds=None, seed=seed)
