from __future__ import annotations

import json

import numpy as np
import pytest

from adapters.ml.scoring.encoding import Vocabulary
from adapters.ml.training import linear, quality_metrics
from adapters.ml.training.linear import LinearModel, fit_linear
from adapters.ml.training.selection import cross_fit_platt, fit_platt, gains

VOCABULARY = Vocabulary(("tenure", "plan", "town", "fixed"), (None, ("S", "M"), tuple(map(str, range(60))), None))


def some_customers(rows: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(4)
    tenure = draw.integers(0, 70, rows).astype(np.float32)
    plan = draw.integers(0, 2, rows)
    town = draw.integers(0, 61, rows)
    log_odds = 1.0 - 0.06 * tenure + 0.9 * plan + 0.5 * np.sin(town)
    churned = draw.random(rows) < quality_metrics.sigmoid(log_odds)
    tenure[draw.random(rows) < 0.1] = np.nan
    return np.stack([tenure, plan, town, np.full(rows, 3.0)], axis=1).astype(np.float32), churned


def test_contributions_add_up_and_their_mean_is_zero() -> None:
    codes, churned = some_customers()
    model = fit_linear(VOCABULARY, codes, churned, seed=1)
    contributions, margins = model.explain(codes)
    np.testing.assert_allclose(model.base_value + contributions.sum(axis=1), margins, atol=1e-9)
    np.testing.assert_allclose(contributions.mean(axis=0), 0.0, atol=1e-9)
    assert np.abs(contributions[:, 3]).max() < 1e-9
    assert (quality_metrics.auc(margins, churned) or 0) > 0.75


def test_log_odds_equal_those_of_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import SplineTransformer

    codes, churned = some_customers()
    only_tenure = Vocabulary(("tenure",), (None,))
    known = ~np.isnan(codes[:, 0])
    numbers = codes[known][:, :1].astype(np.float64)
    places = np.unique(np.quantile(numbers, np.linspace(0, 1, 6)))[:, None]
    basis = SplineTransformer(degree=3, knots=places, extrapolation="constant").fit_transform(numbers)
    expected = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-6).fit(basis, churned[known])
    margins = fit_linear(only_tenure, codes[known][:, :1], churned[known], seed=1).explain(codes[known][:, :1])[1]
    np.testing.assert_allclose(margins, expected.decision_function(basis), atol=1e-6)


def test_numbers_beyond_the_trained_range_score_like_its_ends() -> None:
    codes, churned = some_customers()
    model = fit_linear(VOCABULARY, codes, churned, seed=1)
    ends = np.array([[69, 0, 0, 3], [900, 0, 0, 3]], np.float32)
    margins = model.explain(ends)[1]
    assert margins[0] == pytest.approx(margins[1], abs=1e-9)


def test_a_design_of_many_columns_is_solved_to_the_same_log_odds(monkeypatch: pytest.MonkeyPatch) -> None:
    codes, churned = some_customers()
    newton = fit_linear(VOCABULARY, codes, churned, seed=1).explain(codes)[1]
    monkeypatch.setattr(linear, "WIDE", 5)
    np.testing.assert_allclose(fit_linear(VOCABULARY, codes, churned, seed=1).explain(codes)[1], newton, atol=0.01)


def test_fewer_rows_are_used_when_there_are_many_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    codes, churned = some_customers()
    monkeypatch.setattr(linear, "MAX_CELLS", 800 * 24)
    some = fit_linear(VOCABULARY, codes, churned, seed=1)
    assert some == fit_linear(VOCABULARY, codes, churned, seed=1)
    monkeypatch.undo()
    assert some != fit_linear(VOCABULARY, codes, churned, seed=1)


def test_scaling_and_json_keep_the_numbers() -> None:
    codes, churned = some_customers()
    model = fit_linear(VOCABULARY, codes, churned, seed=1)
    scaled = LinearModel.from_json(json.loads(json.dumps(model.scaled(0.5, 0.2).to_json())))
    np.testing.assert_allclose(scaled.explain(codes)[1], 0.5 * model.explain(codes)[1] + 0.2, atol=1e-9)


def test_platt_scaling_finds_slope_and_shift_and_helps_where_they_are_wrong() -> None:
    draw = np.random.default_rng(1)
    true = draw.normal(-1, 1.5, 4000)
    churned = draw.random(4000) < quality_metrics.sigmoid(true)
    stretched = 2.0 * true + 1.0
    slope, shift = fit_platt(stretched, churned)
    assert (slope, shift) == (pytest.approx(0.5, abs=0.05), pytest.approx(-0.5, abs=0.1))
    folds = np.arange(4000) % 5
    assert gains(cross_fit_platt(stretched, churned, folds), stretched, churned)
    assert not gains(cross_fit_platt(true, churned, folds), true, churned)


def test_platt_scaling_corrects_extremely_stretched_log_odds() -> None:
    """Full Newton steps run away here, to a slope of 4e12."""
    stretched = np.linspace(-60.0, 60.0, 400)
    churned = np.random.default_rng(0).random(400) < quality_metrics.sigmoid(stretched / 10.0)
    slope, shift = fit_platt(stretched, churned)
    assert (slope, shift) == (pytest.approx(0.089458, abs=1e-5), pytest.approx(-0.135771, abs=1e-5))


def test_platt_scaling_minimises_the_log_loss() -> None:
    draw = np.random.default_rng(3)
    margins = draw.normal(-1, 2.0, 3000)
    churned = draw.random(3000) < quality_metrics.sigmoid(0.7 * margins + 0.3)
    slope, shift = fit_platt(margins, churned)
    apart = quality_metrics.sigmoid(slope * margins + shift) - churned
    assert abs(apart.mean()) < 1e-7
    assert abs((apart * margins).mean()) < 1e-7


@pytest.mark.parametrize(
    ("margins", "churned"),
    [([-1.0, 0.0, 1.0], [False] * 3), ([-1.0, 0.0, 1.0], [True] * 3), ([0.4, 0.4, 0.4], [True, False, False])],
    ids=["nobody left", "everybody left", "one score"],
)
def test_platt_scaling_changes_nothing_where_nothing_can_be_learned(margins: list[float], churned: list[bool]) -> None:
    assert fit_platt(np.array(margins), np.array(churned)) == (1.0, 0.0)
