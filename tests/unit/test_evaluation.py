"""An evaluation at another threshold."""

from __future__ import annotations

from domain.economics import ThresholdCounts
from domain.evaluation import ConfusionMatrix
from tests.builders import an_evaluation

CHANGED = (
    "bootstrap, 1,000 draws; since the threshold was changed, Wilson’s intervals for accuracy, precision, recall and F1"
)


def test_another_threshold_changes_the_labels_and_says_so_once() -> None:
    evaluation = an_evaluation(customers=7043, churned=1869)

    changed = evaluation.at(ThresholdCounts(0.5, 900, 600))

    assert changed.threshold == 0.5
    assert changed.confusion == ConfusionMatrix(900, 600, 969, 4574)
    assert changed.interval_method == CHANGED
    again = changed.at(ThresholdCounts(0.25, 1600, 2000))
    assert again.confusion == ConfusionMatrix(1600, 2000, 269, 3174)
    assert again.interval_method == CHANGED
    assert again.metrics["auc"] == evaluation.metrics["auc"], "it does not depend on the threshold"
    assert again.metrics["recall"].value == 1600 / 1869
