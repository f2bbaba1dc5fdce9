"""The quality to be expected from probabilities alone: by hand, against brute force, and in simulated months."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from numpy.typing import NDArray

from adapters.ml.training import quality_metrics
from adapters.ml.training.quality_metrics import calibration_bins
from adapters.results.writing.score_totals import ScoreTotals
from domain.evaluation import LABEL_FIGURES, CalibrationBin, Evaluation
from domain.expected_quality import ExpectedQuality, ScoreBin, expected_quality
from tests.builders import an_evaluation

Numbers = NDArray[np.float64]
Truth = NDArray[np.bool_]
Month = tuple[Numbers, Truth]
Drawn = Callable[[np.random.Generator, int], Month]
BINS = (ScoreBin(100, 80.0, called=True), ScoreBin(100, 20.0, called=False))


def held_out(*own: tuple[int, float, float], movement: float = 0.0) -> Evaluation:
    bins = tuple(CalibrationBin(customers, predicted, observed, 0.0, 1.0) for customers, predicted, observed in own)
    return an_evaluation(calibration=bins, movement=movement)


def expected(*bins: ScoreBin, by: Evaluation | None = None) -> ExpectedQuality:
    quality = expected_quality(bins or BINS, threshold=0.5, held_out=by or held_out())
    assert quality is not None
    return quality


def test_every_figure_is_the_one_of_fractions_of_leavers() -> None:
    quality = expected()

    assert (quality.customers, quality.threshold) == (200, 0.5)
    assert {name: metric.value for name, metric in quality.metrics.items()} == pytest.approx(
        {
            "churn_rate": 0.5,
            "auc": 0.8,  # 80·80 pairs are right, and 80·20 + 20·80 tied ones count half
            "accuracy": 0.8,
            "precision": 0.8,
            "recall": 0.8,
            "f1": 0.8,
            "lift_10": 1.6,
            "log_loss": 0.5004024,
            "brier": 0.16,
        }
    )


def test_an_interval_holds_chance_the_calibration_and_the_movement_of_months() -> None:
    chance = expected().metrics["churn_rate"]
    calibrated = expected(by=held_out((1000, 0.2, 0.2), (1000, 0.8, 0.8))).metrics["churn_rate"]
    moving = expected(by=held_out(movement=0.032228)).metrics["churn_rate"]

    # 1.96 · √(32 / 200²) / 0.25 in log-odds; the calibration adds 2 · 0.08² / 160, the months 0.16² · 0.032228
    assert (chance.low, chance.high) == pytest.approx((0.44479, 0.55521), abs=1e-5)
    assert (calibrated.low, calibrated.high) == pytest.approx((0.44212, 0.55788), abs=1e-5)
    assert (moving.low, moving.high) == pytest.approx((0.4216, 0.5784), abs=1e-4)


def test_the_number_of_leavers_is_that_of_the_rate() -> None:
    leavers = expected().leavers
    assert (leavers.value, leavers.low, leavers.high) == pytest.approx((100.0, 88.96, 111.04), abs=0.01)


def test_a_model_that_is_too_certain_is_expected_to_rank_worse_while_as_many_leave() -> None:
    certain = expected(by=held_out((1000, 0.8, 0.6667), (1000, 0.2, 0.3333)))

    assert certain.metrics["churn_rate"].value == pytest.approx(0.5)
    assert certain.metrics["auc"].value == pytest.approx(0.6667, abs=1e-3)
    assert certain.metrics["precision"].value == pytest.approx(0.6667, abs=1e-3)
    assert certain.metrics["brier"].value == pytest.approx(0.24, abs=1e-3)  # 2/3 · 0.2² + 1/3 · 0.8²


def test_fewer_than_ten_expected_leavers_or_stayers_say_only_how_many_leave() -> None:
    few = ScoreBin(100, 9.9, called=False)
    assert set(expected(few).metrics) == {"churn_rate"}
    assert set(expected(replace(few, expected=90.1)).metrics) == {"churn_rate"}
    enough = {"churn_rate", "auc", "accuracy", "lift_10", "log_loss", "brier"}
    assert set(expected(replace(few, expected=10.0)).metrics) == enough
    assert set(expected(replace(few, expected=10.0), ScoreBin(20, 9.9, called=True)).metrics) == enough
    labelled = expected(replace(few, expected=10.0), ScoreBin(20, 10.0, called=True)).metrics
    assert set(labelled) == enough | {"precision", "recall", "f1"}


def test_a_share_that_is_certain_has_no_width() -> None:
    all_called = expected(ScoreBin(100, 50.0, called=True)).metrics["recall"]
    assert (all_called.value, all_called.low, all_called.high) == (1.0, 1.0, 1.0)


def test_nothing_is_expected_of_nobody_or_without_the_models_held_out_quality() -> None:
    assert expected_quality((), threshold=0.5, held_out=an_evaluation()) is None
    assert expected_quality(BINS, threshold=0.5, held_out=None) is None


@pytest.mark.parametrize("predicted", [0.0, 1e-9, 1.0])
def test_certain_probabilities_and_tiny_evaluations_give_finite_intervals(predicted: float) -> None:
    quality = expected(
        ScoreBin(50, 50.0, called=True), ScoreBin(50, 0.0, called=False), by=held_out((1, predicted, 0.5))
    )
    ends = [end for metric in quality.metrics.values() for end in (metric.low, metric.high)]
    assert all(end is not None and math.isfinite(end) for end in ends)


def in_bins(*probability: float, threshold: float = 0.5) -> tuple[ScoreBin, ...]:
    totals = ScoreTotals(threshold)
    totals.add(np.array(probability))
    return totals.bins()


@given(some.lists(some.floats(0.0, 1.0), min_size=40, max_size=80))
def test_bins_hold_every_customer_in_falling_order_of_probability(probability: list[float]) -> None:
    bins = in_bins(*probability)

    assert sum(own.customers for own in bins) == len(probability)
    assert sum(own.expected for own in bins) == pytest.approx(sum(probability), abs=1e-9)
    assert sum(own.customers for own in bins if own.called) == sum(p >= 0.5 for p in probability)
    assert [own.predicted for own in bins] == sorted((own.predicted for own in bins), reverse=True)


@given(some.lists(some.floats(0.01, 0.99), min_size=60, max_size=90))
def test_the_auc_is_the_expected_share_of_pairs_in_the_right_order(probability: list[float]) -> None:
    quality = expected_quality(in_bins(*probability), threshold=0.5, held_out=held_out())
    assert quality is not None
    if "auc" not in quality.metrics:
        return
    p = np.array(probability)
    wins = (p[:, None] > p) + 0.5 * (p[:, None] == p)
    pairs = p[:, None] * (1.0 - p)
    own = np.diag(pairs) * 0.5  # a customer is no pair with itself; the estimate counts it as a tie
    exact = ((wins * pairs).sum() - own.sum()) / (pairs.sum() - np.diag(pairs).sum())
    assert quality.metrics["auc"].value == pytest.approx(exact, abs=0.02)


def test_probabilities_are_counted_in_any_order_and_in_parts() -> None:
    probability = np.random.default_rng(3).random(1000)
    parts = ScoreTotals(0.4)
    for part in np.array_split(probability[::-1], 7):
        parts.add(part)
    whole = ScoreTotals(0.4)
    whole.add(probability)

    assert [(own.customers, own.called) for own in parts.bins()] == [
        (own.customers, own.called) for own in whole.bins()
    ]


def like_the_training(draw: np.random.Generator, customers: int) -> Month:
    return right_of(draw, draw.normal(-1.2, 1.3, customers))


def with_more_at_risk(draw: np.random.Generator, customers: int) -> Month:
    return right_of(draw, draw.normal(-0.2, 1.6, customers))


def right_of(draw: np.random.Generator, log_odds: Numbers) -> Month:
    """The probabilities of a model that is right, and who leaves."""
    probability = quality_metrics.sigmoid(log_odds)
    return probability, draw.random(len(log_odds)) < probability


def too_certain(draw: np.random.Generator, customers: int) -> Month:
    """Log-odds of a model are a quarter too far apart, while as many leave as it expects."""
    own = draw.normal(0.0, 1.3, customers)
    _, churned = right_of(draw, own - 1.2)
    return quality_metrics.sigmoid(own / 0.8 - 1.3153), churned


@pytest.mark.parametrize(
    ("training", "later"),
    [(like_the_training, like_the_training), (like_the_training, with_more_at_risk), (too_certain, too_certain)],
)
def test_the_later_truth_lies_in_the_interval_in_nine_of_ten_months(training: Drawn, later: Drawn) -> None:
    draw = np.random.default_rng(11)
    inside: Counter[str] = Counter()
    for _ in range(40):
        model = an_evaluation(calibration=calibration_bins(*training(draw, 1500)), movement=0.0)
        probability, churned = later(draw, 1000)
        quality = expected_quality(in_bins(*probability, threshold=0.4), threshold=0.4, held_out=model)
        assert quality is not None
        truth = observed(probability, churned)
        for name, metric in quality.metrics.items():
            assert metric.low is not None
            assert metric.high is not None
            inside[name] += metric.low <= truth[name] <= metric.high
    assert len(inside) == 9
    assert min(inside.values()) >= 36, inside


def observed(probability: Numbers, churned: Truth) -> dict[str, float]:
    matrix = quality_metrics.confusion(probability, churned, 0.4)
    auc = quality_metrics.auc(probability, churned)
    assert auc is not None
    return {
        "churn_rate": float(churned.mean()),
        "auc": auc,
        "log_loss": float(quality_metrics.row_log_loss(probability, churned).mean()),
        "brier": float(((probability - churned) ** 2).mean()),
        "lift_10": quality_metrics.lift_10(probability, churned),
        **{name: getattr(matrix, name) for name in LABEL_FIGURES},
    }
