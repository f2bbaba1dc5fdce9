"""Which model or blend is learned, from held-out log-odds alone."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.ml.training import quality_metrics
from adapters.ml.training.selection import (
    Option,
    blended,
    cross_fit_shares,
    gains,
    greedy_shares,
    losses_of,
    worth_its_cost,
)

ROWS = 4_000


@pytest.fixture(scope="module")
def truth() -> tuple[np.ndarray, np.ndarray]:
    """Log-odds as they are, and who left."""
    draw = np.random.default_rng(1)
    true = draw.normal(-1, 1.5, ROWS)
    return true, draw.random(ROWS) < quality_metrics.sigmoid(true)


def noisy(true: np.ndarray, spread: float, seed: int) -> np.ndarray:
    return true + np.random.default_rng(seed).normal(0, spread, len(true))


def an_option(
    mean: float, *, cost: float, spread: float = 0.1, seed: int = 0, least_saving: float = 0.0, rows: int = ROWS
) -> Option:
    noise = np.random.default_rng(seed).normal(0, spread, rows)
    return Option(mean + noise - noise.mean(), cost, least_saving)


def test_members_with_independent_errors_share_a_blend(truth: tuple[np.ndarray, np.ndarray]) -> None:
    true, churned = truth
    log_odds = np.stack([noisy(true, 0.8, 2), noisy(true, 0.8, 3), noisy(true, 3.0, 4)])
    shares = greedy_shares(log_odds, churned)
    assert shares.sum() == pytest.approx(1.0)
    assert shares[:2] == pytest.approx([0.5, 0.5], abs=0.1)
    assert shares[2] < 0.1
    assert gains(blended(log_odds, shares), log_odds[0], churned)


def test_a_member_that_is_the_truth_gets_everything(truth: tuple[np.ndarray, np.ndarray]) -> None:
    true, churned = truth
    assert greedy_shares(np.stack([noisy(true, 2.0, 5), true]), churned).tolist() == [0.0, 1.0]
    assert greedy_shares(true[None], churned).tolist() == [1.0]


def test_shares_of_a_fold_do_not_depend_on_its_rows(truth: tuple[np.ndarray, np.ndarray]) -> None:
    true, churned = truth
    folds = (np.arange(ROWS) % 5).astype(np.int8)
    log_odds = np.stack([noisy(true, 0.8, 2), noisy(true, 0.9, 3)])[:, None]
    before = cross_fit_shares(log_odds, churned, folds)
    other = np.where(folds == 0, ~churned, churned)
    after = cross_fit_shares(log_odds, other, folds)
    assert (before[0, folds == 0] == after[0, folds == 0]).all()
    assert (before[0, folds != 0] != after[0, folds != 0]).any()


def test_losses_are_averaged_over_repeats() -> None:
    churned = np.array([True, False])
    losses = losses_of(np.array([[0.0, 0.0], [2.0, 0.0]]), churned)
    assert losses == pytest.approx([(0.6931472 + 0.1269280) / 2, 0.6931472], abs=1e-6)


def test_the_cheapest_within_one_standard_error_of_the_best_is_learned() -> None:
    options = [an_option(0.400, cost=5.0), an_option(0.3999, cost=9.0, seed=1), an_option(0.41, cost=1.0, seed=2)]
    assert worth_its_cost(options) == 0
    assert worth_its_cost([an_option(0.40, cost=3.0), an_option(0.40, cost=3.0, spread=0.0)]) == 0


def test_a_blend_has_to_save_more_than_its_error_and_its_least_saving() -> None:
    usual = an_option(0.400, cost=1.0, spread=0.0)
    assert worth_its_cost([usual, an_option(0.397, cost=9.0, spread=0.0, least_saving=0.005)]) == 1
    assert worth_its_cost([usual, an_option(0.399, cost=9.0, spread=0.0, least_saving=0.005)]) == 0
    assert worth_its_cost([usual, an_option(0.399, cost=9.0, spread=0.0)]) == 1
    assert worth_its_cost([usual, an_option(0.397, cost=9.0, spread=1.0, least_saving=0.005)]) == 0


@pytest.mark.parametrize(("cost", "dearer", "learned"), [(5.0, 5.1, 2), (2.0, 4.9, 1), (1.0, 5.0, 1), (59.0, 60.0, 2)])
def test_the_cheaper_of_two_blends_that_pay_is_learned_unless_both_take_no_time(
    cost: float, dearer: float, learned: int
) -> None:
    """100,000 customers are scored in half a second at 5 µs each. The dearer blend is better by less than chance."""
    options = [
        an_option(0.400, cost=1.0, spread=0.0, rows=100_000),
        an_option(0.3899, cost=dearer, seed=1, spread=0.1, least_saving=0.005, rows=100_000),
        an_option(0.3900, cost=cost, seed=2, spread=0.1, least_saving=0.005, rows=100_000),
    ]
    assert worth_its_cost(options) == learned


def test_of_single_boosters_the_cheaper_is_learned_also_where_both_take_no_time() -> None:
    options = [an_option(0.3901, cost=1.0), an_option(0.390, cost=2.0, seed=1)]
    assert worth_its_cost(options) == 0


@pytest.mark.parametrize(("rows", "most"), [(10_000, 60.0), (5_000, 100.0), (1_000, 200.0)])
def test_models_beyond_the_largest_cost_are_learned_only_if_there_is_no_other(rows: int, most: float) -> None:
    cheap = an_option(0.40, cost=most - 1.0, spread=0.0, rows=rows)
    dear = an_option(0.30, cost=most + 1.0, spread=0.0, rows=rows)
    assert worth_its_cost([cheap, dear]) == 0
    assert worth_its_cost([dear, an_option(0.29, cost=most + 10.0, spread=0.0, rows=rows)]) == 0
    assert worth_its_cost([cheap, an_option(0.30, cost=most + 1.0, least_saving=0.005, rows=rows)]) == 0
    assert worth_its_cost([cheap, an_option(0.30, cost=most, least_saving=0.005, rows=rows)]) == 1
