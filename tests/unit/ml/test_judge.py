"""The figures must be scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference

from adapters.ml import metrics
from adapters.ml.empc import empc_of_counts
from adapters.ml.judge import NumpyTruthJudge
from adapters.ml.ranking import Ranking
from domain.economics import empc


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
    found = NumpyTruthJudge().judge(scores, churned, threshold=0.3)
    called = scores >= 0.3
    expected = {
        "auc": reference.roc_auc_score(churned, scores),
        "log_loss": reference.log_loss(churned, scores),
        "brier": reference.brier_score_loss(churned, scores),
        "accuracy": reference.accuracy_score(churned, called),
        "precision": reference.precision_score(churned, called),
        "recall": reference.recall_score(churned, called),
        "f1": reference.f1_score(churned, called),
    }
    for name, value in expected.items():
        assert getattr(found, name) == pytest.approx(value, abs=1e-12), name
    assert metrics.average_precision(scores, churned) == pytest.approx(
        reference.average_precision_score(churned, scores), abs=1e-12
    )
    matrix = found.confusion
    assert [[matrix.true_negative, matrix.false_positive], [matrix.false_negative, matrix.true_positive]] == (
        reference.confusion_matrix(churned, called).tolist()
    )


def test_one_class_alone_has_no_auc_and_nobody_called_has_no_precision() -> None:
    found = NumpyTruthJudge().judge([0.1, 0.4], [False, False], threshold=0.5)
    assert found.auc is None
    assert (found.precision, found.recall, found.f1, found.lift_10, found.accuracy) == (0.0, 0.0, 0.0, 0.0, 1.0)


def test_unequal_or_empty_arrays_are_refused() -> None:
    for scores, churned in (([], []), ([0.1], [True, False])):
        with pytest.raises(ValueError, match="as many scores"):
            NumpyTruthJudge().judge(scores, churned, threshold=0.5)


def test_lift_counts_the_top_tenth_rounded_up_with_ties_by_file_order() -> None:
    churned = np.array([True, False, False, True] + [False] * 11)
    scores = np.full(15, 0.5)
    assert metrics.lift_10(scores, churned) == pytest.approx((1 / 2) / (2 / 15))


@pytest.mark.parametrize("seed", range(4))
def test_figures_from_a_ranking_equal_the_plain_ones(seed: int) -> None:
    scores, churned = some_scores(seed)
    found = Ranking.of(scores, churned).figures(0.3)
    judged = NumpyTruthJudge().judge(scores, churned, threshold=0.3)
    for name in ("auc", "log_loss", "brier", "accuracy", "precision", "recall", "f1"):
        assert found[name] == pytest.approx(getattr(judged, name), abs=1e-12), name
    assert found["average_precision"] == pytest.approx(metrics.average_precision(scores, churned), abs=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_empc_on_arrays_equals_the_domains(seed: int) -> None:
    scores, churned = some_scores(seed)
    ranking = Ranking.of(scores, churned)
    found = empc_of_counts(ranking.right, ranking.called - ranking.right)
    expected = empc(scores.tolist(), churned.tolist())
    assert found.value == pytest.approx(expected.value, abs=1e-9)
    assert found.share == pytest.approx(expected.share, abs=1e-9)
