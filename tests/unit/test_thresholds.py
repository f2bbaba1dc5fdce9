"""A version's threshold chosen anew, and who was in charge when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

from adapters.ml.evaluation import choosable, choose_threshold
from adapters.ml.ranking import Ranking
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
    found = {name: metric.value for name, metric in changed.evaluation.metrics.items()}
    assert changed.threshold_strategy == strategy
    assert changed.evaluation.threshold == changed.threshold
    assert found["accuracy"] == pytest.approx(accuracy_score(CHURNED, labels))
    assert found["precision"] == pytest.approx(precision_score(CHURNED, labels, zero_division=0))
    assert found["recall"] == pytest.approx(recall_score(CHURNED, labels))
    assert found["f1"] == pytest.approx(f1_score(CHURNED, labels))
    assert changed.evaluation.metrics["auc"] == version.evaluation.metrics["auc"], "it does not depend on a threshold"


def test_changing_to_the_strategy_in_use_changes_no_label(version: ModelVersion) -> None:
    changed = version.with_threshold(ThresholdStrategy.PROFIT, MONEY)
    assert np.array_equal(changed.threshold <= SCORES, version.threshold <= SCORES)


def test_a_share_of_customers_is_met_as_nearly_as_ties_allow(version: ModelVersion) -> None:
    changed = version.with_threshold(ThresholdStrategy.SHARE, MONEY, target=0.2)
    assert (changed.threshold <= SCORES).mean() == pytest.approx(0.2, abs=0.01)


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
    ("strategy", "target"), [("share", None), ("share", 0.0), ("fixed", 1.0), ("fixed", -0.2), ("fixed", 0.123)]
)
def test_a_target_that_does_not_do_is_refused(version: ModelVersion, strategy: str, target: float | None) -> None:
    with pytest.raises(InvalidInput, match="percentage"):
        version.with_threshold(ThresholdStrategy(strategy), MONEY, target=target)


def test_a_version_without_cuts_says_what_to_do() -> None:
    bare = a_model_version(evaluation=replace(an_evaluation(), cuts=()))
    with pytest.raises(InvalidInput, match="Train it once more"):
        bare.with_threshold(ThresholdStrategy.F1, MONEY)


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
