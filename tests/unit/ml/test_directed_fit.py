"""Logistic regression with coefficients that must rise or fall."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.ml.scoring.encoding import Vocabulary
from adapters.ml.training import quality_metrics
from adapters.ml.training.directed_fit import Directed, fit_directed
from adapters.ml.training.linear import fit_linear

VOCABULARY = Vocabulary(("calls", "plan", "fixed"), (None, ("S", "M"), None))


def some_customers(rows: int = 1200) -> tuple[np.ndarray, np.ndarray]:
    """The risk rises with the calls up to five, then falls; some calls are missing; one number never changes."""
    draw = np.random.default_rng(8)
    calls, plan = draw.uniform(0, 10, rows).astype(np.float32), draw.integers(0, 2, rows)
    churned = draw.random(rows) < quality_metrics.sigmoid(1.0 - 0.5 * np.abs(calls - 5.0) + 0.7 * plan)
    calls[draw.random(rows) < 0.1] = np.nan
    return np.stack([calls, plan, np.full(rows, 3.0)], axis=1).astype(np.float32), churned


def curve(directions: tuple[int, ...]) -> np.ndarray:
    codes, churned = some_customers()
    model = fit_linear(VOCABULARY, codes, churned, seed=1, directions=directions)
    return model.own(0, np.linspace(-1, 11, 500).astype(np.float32))


def test_a_spline_rises_or_falls_everywhere_on_demand() -> None:
    free = np.diff(curve(()))
    assert free.min() < -0.005
    assert free.max() > 0.005
    assert np.diff(curve((1, 0, 0))).min() >= -1e-12
    assert np.diff(curve((-1, 0, 0))).max() <= 1e-12
    assert np.ptp(curve((1, 0, 0))) > 0.3


def test_a_demand_on_a_number_that_never_changes_leaves_the_model_as_it_is() -> None:
    np.testing.assert_array_equal(curve((0, 0, 1)), curve(()))


def test_contributions_add_up_and_a_missing_value_has_its_own() -> None:
    codes, churned = some_customers()
    model = fit_linear(VOCABULARY, codes, churned, seed=1, directions=(1, 0, 0))
    contributions, margins = model.explain(codes)
    np.testing.assert_allclose(model.base_value + contributions.sum(axis=1), margins, atol=1e-9)
    assert len(np.unique(contributions[np.isnan(codes[:, 0]), 0])) == 1


def test_without_a_direction_it_is_the_regression_of_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    draw = np.random.default_rng(2)
    design = draw.normal(size=(500, 4))
    churned = draw.random(500) < quality_metrics.sigmoid(design @ [0.5, -1.0, 0.0, 2.0] - 0.4)
    expected = LogisticRegression(C=0.5, solver="newton-cholesky", tol=1e-10).fit(design, churned)
    weights, intercept = fit_directed(design, churned, [], penalty=2.0)
    np.testing.assert_allclose(weights, expected.coef_[0], atol=1e-5)
    assert intercept == pytest.approx(expected.intercept_[0], abs=1e-5)


def test_coefficients_that_would_break_the_direction_become_equal() -> None:
    """Counts of 40 each with 30, 10 and 20 leavers: the second and the third share what they have in common."""
    design = np.repeat(np.eye(3), 40, axis=0)
    churned = np.concatenate([np.arange(40) < left for left in (30, 10, 20)])
    falling, intercept = fit_directed(design, churned, [Directed(0, 3, -1)], penalty=1e-6)
    shares = quality_metrics.sigmoid(falling + intercept)
    np.testing.assert_allclose(shares, [30 / 40, 30 / 80, 30 / 80], atol=1e-4)
    rising, intercept = fit_directed(design, churned, [Directed(0, 3, 1)], penalty=1e-6)
    np.testing.assert_allclose(quality_metrics.sigmoid(rising + intercept), [60 / 120] * 3, atol=1e-4)
