"""Figures against plain formulas, and those of our own against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta
from sklearn import metrics as reference

from adapters.ml.scoring.truth_evaluation import NumpyTruthEvaluator
from adapters.ml.training import quality_metrics
from adapters.ml.training.empc import empc_of_counts
from adapters.ml.training.ranking import Ranking
from tests.thresholds import empc


def some_scores(seed: int, rows: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """With ties, and a 0 and a 1 among them."""
    draw = np.random.default_rng(seed)
    scores = draw.beta(2, 5, rows).round(2 if seed % 2 else 12)
    churned = draw.random(rows) < scores
    scores[:2] = (0.0, 1.0)
    churned[:2] = (True, False)
    return scores, churned


@pytest.mark.parametrize("seed", range(6))
def test_figures_equal_scikit_learns(seed: int) -> None:
    scores, churned = some_scores(seed)
    figures = NumpyTruthEvaluator().evaluate(scores, churned, threshold=0.3)
    called = scores >= 0.3
    apart = scores[churned][:, None] - scores[~churned][None, :]
    kept = np.clip(scores, 2.220446049250313e-16, 1.0 - 2.220446049250313e-16)
    expected = {
        "auc": (apart > 0).mean() + 0.5 * (apart == 0).mean(),
        "log_loss": -np.log(np.where(churned, kept, 1.0 - kept)).mean(),
        "brier": ((scores - churned) ** 2).mean(),
        "accuracy": reference.accuracy_score(churned, called),
        "precision": reference.precision_score(churned, called),
        "recall": reference.recall_score(churned, called),
        "f1": reference.f1_score(churned, called),
    }
    for name, value in expected.items():
        assert getattr(figures, name) == pytest.approx(value, abs=1e-12), name
    matrix = figures.confusion
    assert [[matrix.true_negative, matrix.false_positive], [matrix.false_negative, matrix.true_positive]] == (
        reference.confusion_matrix(churned, called).tolist()
    )


@pytest.mark.parametrize("levels", [2, 3, 40, 100_000])
def test_auc_counts_each_pair_of_a_leaver_and_a_stayer_once(levels: int) -> None:
    draw = np.random.default_rng(levels)
    scores = draw.integers(levels, size=500) / levels
    churned = draw.random(500) < 0.3
    apart = scores[churned][:, None] - scores[~churned][None, :]
    expected = ((apart > 0).sum() + (apart == 0).sum() / 2) / apart.size
    assert quality_metrics.auc(scores, churned) == pytest.approx(expected, abs=1e-12)


def test_auc_needs_both_classes_and_precision_needs_a_positive() -> None:
    figures = NumpyTruthEvaluator().evaluate([0.1, 0.4], [False, False], threshold=0.5)
    assert figures.auc is None
    assert (figures.precision, figures.recall, figures.f1, figures.lift_10, figures.accuracy) == (
        0.0,
        0.0,
        0.0,
        0.0,
        1.0,
    )


def test_figures_of_four_customers() -> None:
    figures = NumpyTruthEvaluator().evaluate([0.9, 0.4, 0.4, 0.1], [True, True, False, False], threshold=0.5)
    assert figures.auc == pytest.approx(0.875)
    assert figures.log_loss == pytest.approx(0.40945935, abs=1e-8)
    assert figures.brier == pytest.approx(0.135)


def test_one_class_alone_has_a_log_loss_and_a_brier_score() -> None:
    stayed = NumpyTruthEvaluator().evaluate([0.1, 0.4], [False, False], threshold=0.5)
    assert (stayed.log_loss, stayed.brier) == (pytest.approx(0.30809306, abs=1e-8), pytest.approx(0.085))
    left = NumpyTruthEvaluator().evaluate([0.1, 0.4], [True, True], threshold=0.5)
    assert (left.log_loss, left.brier) == (pytest.approx(1.60943791, abs=1e-8), pytest.approx(0.585))


def test_a_certain_and_wrong_score_has_a_finite_log_loss() -> None:
    figures = NumpyTruthEvaluator().evaluate([0.0, 1.0], [True, False], threshold=0.5)
    assert figures.log_loss == pytest.approx(36.04365339, abs=1e-8)


@pytest.mark.parametrize(
    ("margin", "probability"),
    [(0.0, 0.5), (2.0, 0.88079708), (-2.0, 0.11920292), (800.0, 1.0), (-800.0, 0.0), (np.inf, 1.0), (-np.inf, 0.0)],
)
def test_log_odds_are_converted_to_a_probability(margin: float, probability: float) -> None:
    assert quality_metrics.sigmoid(np.array([margin]))[0] == pytest.approx(probability, abs=1e-8)


def test_unequal_or_empty_arrays_are_refused() -> None:
    for scores, churned in (([], []), ([0.1], [True, False])):
        with pytest.raises(ValueError, match="same length"):
            NumpyTruthEvaluator().evaluate(scores, churned, threshold=0.5)


def test_lift_counts_the_top_tenth_rounded_up_with_ties_by_file_order() -> None:
    churned = np.array([True, False, False, True] + [False] * 11)
    scores = np.full(15, 0.5)
    assert quality_metrics.lift_10(scores, churned) == pytest.approx((1 / 2) / (2 / 15))


@pytest.mark.parametrize("seed", range(4))
def test_figures_from_a_ranking_equal_the_plain_ones(seed: int) -> None:
    scores, churned = some_scores(seed)
    figures = Ranking.of(scores, churned).figures(0.3)
    judged = NumpyTruthEvaluator().evaluate(scores, churned, threshold=0.3)
    for name in ("auc", "log_loss", "brier", "accuracy", "precision", "recall", "f1"):
        assert figures[name] == pytest.approx(getattr(judged, name), abs=1e-12), name
    assert figures["average_precision"] == pytest.approx(reference.average_precision_score(churned, scores), abs=1e-12)


@pytest.mark.parametrize("points", [20, 400])
def test_empc_is_the_same_with_thresholds_that_nobody_reaches(points: int) -> None:
    """A bootstrap sample lacks customers: the counts at their scores are those of the score above."""
    draw = np.random.default_rng(points)
    churned, stayed = (np.cumsum(draw.integers(0, 3, points)).astype(float) for _ in range(2))
    once = empc_of_counts(churned, stayed)
    again = empc_of_counts(*(np.repeat(np.append(0.0, counts), 3) for counts in (churned, stayed)))
    assert again.value == pytest.approx(once.value, abs=1e-12)
    assert again.share == pytest.approx(once.share, abs=1e-12)


def test_empc_of_many_thresholds_is_that_of_the_best_for_each_save_rate() -> None:
    """Integrated over 20,000 save rates, as it is defined."""
    draw = np.random.default_rng(3)
    churned = np.cumsum(draw.random(500) < np.linspace(0.9, 0.1, 500)).astype(float)
    stayed = np.arange(1.0, 501.0) - churned
    rates = (np.arange(20_000) + 0.5) / 20_000
    profit = np.array([max(0.0, (churned * (rate * 190 - 1) - stayed * 11).max()) for rate in rates]) / 500
    expected = float((profit * beta.pdf(rates, 6, 14)).mean())
    assert empc_of_counts(churned, stayed).value == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("seed", range(6))
def test_empc_of_a_ranking_is_that_of_its_customers_one_by_one(seed: int) -> None:
    scores, churned = some_scores(seed)
    ranking = Ranking.of(scores, churned)
    result = empc_of_counts(ranking.right, ranking.called - ranking.right)
    expected = empc(scores.tolist(), churned.tolist())
    assert result.value == pytest.approx(expected.value, abs=1e-9)
    assert result.share == pytest.approx(expected.share, abs=1e-9)
