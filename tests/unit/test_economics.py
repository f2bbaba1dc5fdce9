"""Profit of a campaign, the threshold that earns most, and EMPC against its definition integrated numerically."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from domain.economics import (
    Cut,
    ThresholdStrategy,
    best_threshold,
    break_even_probability,
    cuts,
    empc,
    profit_of_contacting,
)
from domain.recommendation import Economics, expected_gain

MONEY = Economics()


def sample(seed: int, count: int = 400) -> tuple[list[float], list[bool]]:
    random = np.random.default_rng(seed)
    probabilities = np.round(random.beta(1, 2.5, count), 2)
    return probabilities.tolist(), (random.random(count) < probabilities).tolist()


def test_profit_adds_up_over_those_contacted() -> None:
    assert profit_of_contacting(10, 5, MONEY) == pytest.approx(10 * (0.3 * 190 - 1) - 5 * 11)


def test_at_the_break_even_probability_a_contact_earns_nothing() -> None:
    gain = expected_gain(break_even_probability(MONEY), value=200, save_rate=0.3, offer_cost=10, contact_cost=1)
    assert gain == pytest.approx(0.0, abs=1e-9)


def test_nothing_breaks_even_where_nobody_can_be_kept() -> None:
    assert break_even_probability(Economics(save_rate=0.0, offer_cost=0.0)) == 1.0


def test_cuts_fall_and_count_everybody_at_or_above_them() -> None:
    found = cuts([0.2, 0.9, 0.2, 0.5], [False, True, True, False])
    assert found == [Cut(0.9, 1, 0), Cut(0.5, 1, 1), Cut(0.2, 2, 2)]


@given(st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_no_other_threshold_earns_more(seed: int) -> None:
    probabilities, churned = sample(seed, 60)
    found = cuts(probabilities, churned)
    best = best_threshold(ThresholdStrategy.PROFIT, found, MONEY)
    profit = {cut.threshold: profit_of_contacting(cut.churned, cut.stayed, MONEY) for cut in found}
    assert profit[best] == max(profit.values())


def test_the_f1_strategy_finds_the_highest_f1() -> None:
    probabilities, churned = sample(1)
    best = best_threshold(ThresholdStrategy.F1, cuts(probabilities, churned), MONEY)

    def f1(threshold: float) -> float:
        called = [p >= threshold for p in probabilities]
        right = sum(c and y for c, y in zip(called, churned, strict=True))
        return 2 * right / (sum(called) + sum(churned))

    assert f1(best) == pytest.approx(max(map(f1, probabilities)))


def test_the_share_strategy_calls_about_that_share() -> None:
    probabilities, churned = sample(2)
    best = best_threshold(ThresholdStrategy.SHARE, cuts(probabilities, churned), MONEY, target=0.25)
    assert np.mean(np.array(probabilities) >= best) == pytest.approx(0.25, abs=0.03)


def test_a_fixed_threshold_is_taken_as_it_is() -> None:
    assert best_threshold(ThresholdStrategy.FIXED, [Cut(0.5, 1, 1)], MONEY, target=0.37) == 0.37


def test_a_strategy_without_its_target_or_its_cuts_is_refused() -> None:
    with pytest.raises(ValueError, match="target"):
        best_threshold(ThresholdStrategy.SHARE, [Cut(0.5, 1, 1)], MONEY)
    with pytest.raises(ValueError, match="nothing"):
        best_threshold(ThresholdStrategy.PROFIT, [], MONEY)


@pytest.mark.parametrize("seed", range(5))
def test_empc_is_the_expected_maximum_profit(seed: int) -> None:
    probabilities, churned = sample(seed)
    found = [Cut(1.1, 0, 0), *cuts(probabilities, churned)]
    leavers = np.array([cut.churned for cut in found])
    stayers = np.array([cut.stayed for cut in found])
    middles = (np.arange(20_000) + 0.5) / 20_000
    profit = np.array([(leavers * (g * 190 - 1) - stayers * 11).max() for g in middles]) / len(churned)
    expected = float((profit * beta.pdf(middles, 6, 14)).mean())
    assert empc(probabilities, churned).value == pytest.approx(expected, rel=2e-4)


def test_empc_of_a_perfect_ranking_contacts_exactly_the_leavers() -> None:
    result = empc([0.9] * 30 + [0.1] * 70, [True] * 30 + [False] * 70)
    assert result.share == pytest.approx(0.3, abs=1e-3)
    assert result.value == pytest.approx(0.3 * (0.3 * 190 - 1), rel=1e-3)


def test_empc_needs_both_classes() -> None:
    with pytest.raises(ValueError, match="left and customers who stayed"):
        empc([0.1, 0.2], [False, False])
