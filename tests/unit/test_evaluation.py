"""An evaluation at another threshold, and what counts, figures and curves have to hold."""

from __future__ import annotations

import pytest

from domain.economics import ThresholdCounts
from domain.evaluation import ConfusionMatrix, Curve, Metric, label_figures
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


@pytest.mark.parametrize("counts", [(-1, 2, 3, 4), (1, -1, 3, 4), (1, 2, -1, 4), (1, 2, 3, -1)])
def test_no_count_of_labels_is_negative(counts: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"^counts are not negative$"):
        ConfusionMatrix(*counts)


def test_counts_of_labels_may_be_0() -> None:
    assert ConfusionMatrix(0, 0, 0, 0).total == 0


def test_without_leavers_and_without_labels_only_the_accuracy_has_an_interval() -> None:
    figures = label_figures(ConfusionMatrix(0, 0, 0, 10))
    assert {name: own for name, own in figures.items() if name != "accuracy"} == {
        "precision": Metric(0.0),
        "recall": Metric(0.0),
        "f1": Metric(0.0),
    }
    accuracy = figures["accuracy"]
    assert (accuracy.value, accuracy.low, accuracy.high) == (1.0, pytest.approx(0.7225, abs=5e-5), 1.0)


def test_the_intervals_of_label_figures_are_wilsons() -> None:
    """Of 8 hits, 10 labelled, 16 who left, 18 of either; F1's interval is that of 8 of 18, converted."""
    figures = label_figures(ConfusionMatrix(8, 2, 8, 82))
    assert {name: (own.value, own.low, own.high) for name, own in figures.items()} == {
        "accuracy": pytest.approx((0.9, 0.8256, 0.9448), abs=5e-5),
        "precision": pytest.approx((0.8, 0.4902, 0.9433), abs=5e-5),
        "recall": pytest.approx((0.5, 0.2800, 0.7200), abs=5e-5),
        "f1": pytest.approx((0.6154, 0.3943, 0.7972), abs=5e-5),
    }


@pytest.mark.parametrize(
    ("x", "y", "low", "high"),
    [((1.0,), (), (), ()), ((1.0,), (2.0,), (1.5,), ())],
    ids=["a y is missing", "an upper bound is missing"],
)
def test_a_curve_has_equally_many_of_both(
    x: tuple[float, ...], y: tuple[float, ...], low: tuple[float, ...], high: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match=r"^a curve has as many x as y, and as many lower as upper bounds$"):
        Curve(x, y, low, high)
