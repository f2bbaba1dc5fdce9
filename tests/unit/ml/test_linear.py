from __future__ import annotations

import json

import numpy as np
import pytest

from adapters.ml import linear, metrics
from adapters.ml.cross_fitting import bag_gains, cross_fit_platt, fit_platt, gains
from adapters.ml.encoding import Vocabulary
from adapters.ml.linear import LinearModel, fit_linear

VOCABULARY = Vocabulary(("tenure", "plan", "town", "fixed"), (None, ("S", "M"), tuple(map(str, range(60))), None))


def some_customers(rows: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(4)
    tenure = draw.integers(0, 70, rows).astype(np.float32)
    plan = draw.integers(0, 2, rows)
    town = draw.integers(0, 61, rows)
    log_odds = 1.0 - 0.06 * tenure + 0.9 * plan + 0.5 * np.sin(town)
    churned = draw.random(rows) < metrics.sigmoid(log_odds)
    tenure[draw.random(rows) < 0.1] = np.nan
    return np.stack([tenure, plan, town, np.full(rows, 3.0)], axis=1).astype(np.float32), churned


def test_contributions_add_up_and_average_to_nothing() -> None:
    codes, churned = some_customers()
    model = fit_linear(VOCABULARY, codes, churned, seed=1)
    contributions, margins = model.explain(codes)
    np.testing.assert_allclose(model.base_value + contributions.sum(axis=1), margins, atol=1e-9)
    np.testing.assert_allclose(contributions.mean(axis=0), 0.0, atol=1e-9)
    assert np.abs(contributions[:, 3]).max() < 1e-9
    assert (metrics.auc(margins, churned) or 0) > 0.75


def test_log_odds_are_scikit_learns_own() -> None:
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


def test_of_many_columns_fewer_rows_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    codes, churned = some_customers()
    monkeypatch.setattr(linear, "MOST_CELLS", 800 * 24)
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
    churned = draw.random(4000) < metrics.sigmoid(true)
    stretched = 2.0 * true + 1.0
    slope, shift = fit_platt(stretched, churned)
    assert (slope, shift) == (pytest.approx(0.5, abs=0.05), pytest.approx(-0.5, abs=0.1))
    folds = np.arange(4000) % 5
    assert gains(cross_fit_platt(stretched, churned, folds), stretched, churned)
    assert not gains(cross_fit_platt(true, churned, folds), true, churned)


def test_a_bag_is_kept_only_where_it_saves_enough() -> None:
    draw = np.random.default_rng(1)
    true = draw.normal(-1, 1.5, 4000)
    churned = draw.random(4000) < metrics.sigmoid(true)
    assert bag_gains(true + draw.normal(0, 1.0, (3, 4000)), churned)
    assert not bag_gains(true + draw.normal(0, 0.05, (3, 4000)), churned)
    assert not bag_gains(true[None], churned)
