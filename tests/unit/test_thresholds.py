"""Changing the threshold of a version, and which version was champion at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

from adapters.ml.training.evaluation import choosable, choose_threshold
from adapters.ml.training.ranking import Ranking
from domain.economics import ThresholdStrategy
from domain.errors import InvalidInput
from domain.evaluation import ConfusionMatrix, label_figures
from domain.model import ModelVersion, in_charge_at
from domain.recommendation import Economics
from tests.builders import a_model_version, a_promotion, an_evaluation

MONEY = Economics()
DRAW = np.random.default_rng(11)
SCORES = np.round(DRAW.beta(1, 3, 900), 3)
CHURNED = DRAW.random(900) < SCORES


@pytest.fixture(scope="module")
def version() -> ModelVersion:
    """A version that was evaluated on the scores above."""
    ranking = Ranking.of(SCORES, CHURNED)
    threshold = choose_threshold(ranking, ThresholdStrategy.PROFIT, MONEY)
    evaluation = replace(
        an_evaluation(), customers=len(CHURNED), churned=int(CHURNED.sum()), cuts=choosable(ranking, [threshold])
    )
    return a_model_version(evaluation=evaluation, threshold=threshold, threshold_strategy="profit")


@pytest.mark.parametrize(
    ("strategy", "target"),
    [
        ("balanced", None),
        ("profit", None),
        ("f1", None),
        ("share", 0.1),
        ("share", 0.333),
        ("fixed", 0.07),
        ("fixed", 0.5),
        ("fixed", 0.99),
    ],
)
def test_the_figures_at_a_new_threshold_are_those_of_scikit_learn(
    version: ModelVersion, strategy: str, target: float | None
) -> None:
    changed = version.with_threshold(ThresholdStrategy(strategy), MONEY, target=target)
    labels = changed.threshold <= SCORES
    figures = {name: metric.value for name, metric in changed.evaluation.metrics.items()}
    assert changed.threshold_strategy == strategy
    assert changed.evaluation.threshold == changed.threshold
    assert figures["accuracy"] == pytest.approx(accuracy_score(CHURNED, labels))
    assert figures["precision"] == pytest.approx(precision_score(CHURNED, labels, zero_division=0))
    assert figures["recall"] == pytest.approx(recall_score(CHURNED, labels))
    assert figures["f1"] == pytest.approx(f1_score(CHURNED, labels))
    assert changed.evaluation.metrics["auc"] == version.evaluation.metrics["auc"], "it does not depend on a threshold"


def test_changing_to_the_strategy_in_use_changes_no_label(version: ModelVersion) -> None:
    changed = version.with_threshold(ThresholdStrategy.PROFIT, MONEY)
    assert np.array_equal(changed.threshold <= SCORES, version.threshold <= SCORES)


def test_a_share_of_customers_is_met_as_nearly_as_ties_allow(version: ModelVersion) -> None:
    changed = version.with_threshold(ThresholdStrategy.SHARE, MONEY, target=0.2)
    assert (changed.threshold <= SCORES).mean() == pytest.approx(0.2, abs=0.01)


def test_a_balanced_threshold_labels_as_many_as_left_and_precision_equals_recall() -> None:
    draw = np.random.default_rng(3)
    scores = draw.random(30_000)
    churned = draw.random(30_000) < scores / 2
    ranking = Ranking.of(scores, churned)
    threshold = choose_threshold(ranking, ThresholdStrategy.BALANCED, MONEY)
    assert (threshold <= scores).sum() == churned.sum(), "exact among more scores than an evaluation keeps"
    assert precision_score(churned, threshold <= scores) == recall_score(churned, threshold <= scores)


def test_a_version_that_never_had_a_balanced_threshold_gets_one_nearby(version: ModelVersion) -> None:
    changed = version.with_threshold(ThresholdStrategy.BALANCED, MONEY)
    assert (changed.threshold <= SCORES).sum() == pytest.approx(CHURNED.sum(), abs=4)
    assert changed.evaluation.thresholds[0].strategy == "balanced"
    assert version.threshold_strategy == "profit"


def test_the_compared_thresholds_show_the_one_in_use(version: ModelVersion) -> None:
    changed = version.with_threshold(ThresholdStrategy.FIXED, MONEY, target=0.25)
    again = changed.with_threshold(ThresholdStrategy.FIXED, MONEY, target=0.75)
    shown = [(own.strategy, own.threshold) for own in again.evaluation.thresholds]
    assert shown == [("fixed", 0.75), ("profit", 0.21)]


def test_a_threshold_between_two_neighbouring_numbers_excludes_the_lower_one() -> None:
    high = 0.3
    low = float(np.nextafter(high, 0.0))
    ranking = Ranking.of(np.array([high, low]), np.array([True, False]))
    assert low < choose_threshold(ranking, ThresholdStrategy.BALANCED, MONEY) <= high


def test_other_economics_give_another_threshold(version: ModelVersion) -> None:
    dear = replace(MONEY, offer_cost=60.0)
    changed = version.with_threshold(ThresholdStrategy.PROFIT, dear)
    assert changed.threshold > version.with_threshold(ThresholdStrategy.PROFIT, MONEY).threshold


def test_the_baseline_is_not_compared_at_a_threshold_that_was_not_its_own(version: ModelVersion) -> None:
    compared = replace(version, evaluation=replace(version.evaluation, baseline=version.evaluation.metrics))
    changed = compared.with_threshold(ThresholdStrategy.F1, MONEY)
    assert changed.evaluation.baseline is not None
    assert "auc" in changed.evaluation.baseline
    assert "recall" not in changed.evaluation.baseline


@pytest.mark.parametrize(
    ("strategy", "target"),
    [
        ("share", None),
        ("share", 0.0),
        ("share", 1.0),
        ("fixed", None),
        ("fixed", 1.0),
        ("fixed", -0.2),
        ("fixed", 0.123),
    ],
)
def test_an_invalid_target_is_rejected(version: ModelVersion, strategy: str, target: float | None) -> None:
    with pytest.raises(InvalidInput, match="percentage") as refused:
        version.with_threshold(ThresholdStrategy(strategy), MONEY, target=target)
    assert refused.value.field == "target"


def test_a_version_without_threshold_counts_says_what_to_do() -> None:
    bare = a_model_version(evaluation=replace(an_evaluation(), cuts=()))
    with pytest.raises(InvalidInput, match="Train it again") as refused:
        bare.with_threshold(ThresholdStrategy.F1, MONEY)
    assert refused.value.field == "strategy"


def test_intervals_hold_the_figure_and_narrow_with_more_customers() -> None:
    few, many = label_figures(ConfusionMatrix(14, 13, 5, 39)), label_figures(ConfusionMatrix(1400, 1300, 500, 3900))
    for name, metric in few.items():
        assert metric.low is not None
        assert metric.high is not None
        assert 0 <= metric.low < metric.value < metric.high <= 1
        wide, narrow = metric.high - metric.low, many[name].high - many[name].low  # type: ignore[operator]
        assert narrow < wide / 5


def test_the_champion_of_a_time_is_the_last_one_promoted_until_then() -> None:
    first = a_promotion(version="v1")
    second = replace(first, version="v2", previous="v1", at=first.at + timedelta(days=3))
    newest_first = [second, first]
    assert in_charge_at(newest_first, first.at - timedelta(seconds=1)) is None
    assert in_charge_at(newest_first, first.at) == first
    assert in_charge_at(newest_first, second.at - timedelta(seconds=1)) == first
    assert in_charge_at(newest_first, second.at + timedelta(days=900)) == second
