"""Profit of a campaign, the threshold that earns most, and EMPC against its definition integrated numerically."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from domain.economics import (
    DEFAULT_STRATEGY,
    ThresholdCounts,
    ThresholdStrategy,
    best_threshold,
    profit_of_contacting,
    strategy_words,
)
from domain.policy import InstallationPolicy
from domain.recommendation import Economics
from tests.thresholds import cuts, empc

MONEY = Economics()


def sample(seed: int, count: int = 400) -> tuple[list[float], list[bool]]:
    random = np.random.default_rng(seed)
    probabilities = np.round(random.beta(1, 2.5, count), 2)
    return probabilities.tolist(), (random.random(count) < probabilities).tolist()


def test_profit_adds_up_over_those_contacted() -> None:
    assert profit_of_contacting(10, 5, MONEY) == pytest.approx(10 * (0.3 * 190 - 1) - 5 * 11)


def test_threshold_counts_descend_and_include_customers_at_the_threshold() -> None:
    counts = cuts([0.2, 0.9, 0.2, 0.5], [False, True, True, False])
    assert counts == [ThresholdCounts(0.9, 1, 0), ThresholdCounts(0.5, 1, 1), ThresholdCounts(0.2, 2, 2)]


@given(st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_no_other_threshold_earns_more(seed: int) -> None:
    probabilities, churned = sample(seed, 60)
    counts = cuts(probabilities, churned)
    best = best_threshold(ThresholdStrategy.PROFIT, counts, MONEY)
    profit = {cut.threshold: profit_of_contacting(cut.churned, cut.stayed, MONEY) for cut in counts}
    assert profit[best] == max(profit.values())


def test_the_f1_strategy_finds_the_highest_f1() -> None:
    probabilities, churned = sample(1)
    best = best_threshold(ThresholdStrategy.F1, cuts(probabilities, churned), MONEY)

    def f1(threshold: float) -> float:
        called = [p >= threshold for p in probabilities]
        right = sum(c and y for c, y in zip(called, churned, strict=True))
        return 2 * right / (sum(called) + sum(churned))

    assert f1(best) == pytest.approx(max(map(f1, probabilities)))


def test_the_share_strategy_selects_about_that_share() -> None:
    probabilities, churned = sample(2)
    best = best_threshold(ThresholdStrategy.SHARE, cuts(probabilities, churned), MONEY, target=0.25)
    assert np.mean(np.array(probabilities) >= best) == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize(
    ("scores", "left", "threshold", "labelled"),
    [
        ([0.9, 0.8, 0.7, 0.6, 0.5], [1, 0, 1, 0, 0], 0.8, 2),
        ([0.9, 0.8, 0.8, 0.8, 0.5], [1, 0, 1, 0, 0], 0.9, 1),
        ([0.9, 0.8, 0.8, 0.5, 0.4], [1, 0, 1, 0, 0], 0.9, 1),
        ([0.9, 0.8, 0.8, 0.5, 0.4], [1, 0, 1, 1, 0], 0.8, 3),
        ([0.9, 0.9, 0.9, 0.5, 0.4], [1, 0, 0, 0, 0], 0.9, 3),
        ([0.3, 0.3, 0.3, 0.3], [1, 0, 0, 0], 0.3, 4),
        ([0.9, 0.2, 0.1], [0, 0, 1], 0.9, 1),
        ([0.4, 0.3, 0.2, 0.1], [1, 1, 1, 1], 0.1, 4),
    ],
    ids=[
        "met exactly",
        "one is nearer than four",
        "of one and three the smaller",
        "three left among ties",
        "a tie at the top is labelled whole",
        "equal scores",
        "a wrong order",
        "everybody left",
    ],
)
def test_the_balanced_strategy_labels_nearest_to_as_many_as_left(
    scores: list[float], left: list[int], threshold: float, labelled: int
) -> None:
    best = best_threshold(ThresholdStrategy.BALANCED, cuts(scores, [bool(own) for own in left]), MONEY)
    assert best == threshold
    assert sum(score >= best for score in scores) == labelled


def test_the_balanced_strategy_never_takes_a_threshold_above_every_score() -> None:
    counts = [ThresholdCounts(0.99, 0, 0), ThresholdCounts(0.5, 1, 3), ThresholdCounts(0.1, 1, 9)]
    assert best_threshold(ThresholdStrategy.BALANCED, counts, MONEY) == 0.5


def test_new_models_are_balanced_unless_the_settings_say_otherwise() -> None:
    assert (DEFAULT_STRATEGY, InstallationPolicy().threshold_strategy) == ("balanced", "balanced")


@pytest.mark.parametrize(
    ("strategy", "words"),
    [
        ("balanced", "As many customers as leave"),
        ("profit", "Highest expected profit"),
        ("f1", "Highest F1 of precision and recall"),
        ("share", "Fixed share of customers"),
        ("fixed", "Fixed value"),
        ("of-tomorrow", "Of-tomorrow"),
    ],
)
def test_a_stored_strategy_is_described_in_words(strategy: str, words: str) -> None:
    assert strategy_words(strategy) == words


def test_a_fixed_threshold_is_taken_as_it_is() -> None:
    assert best_threshold(ThresholdStrategy.FIXED, [ThresholdCounts(0.5, 1, 1)], MONEY, target=0.37) == 0.37


def test_a_strategy_without_its_target_or_its_cuts_is_refused() -> None:
    with pytest.raises(ValueError, match="target"):
        best_threshold(ThresholdStrategy.SHARE, [ThresholdCounts(0.5, 1, 1)], MONEY)
    with pytest.raises(ValueError, match=r"^there is nothing to choose a threshold from$"):
        best_threshold(ThresholdStrategy.PROFIT, [], MONEY)


@pytest.mark.parametrize("target", [0.0, 1.0])
def test_a_target_may_be_nobody_or_everybody(target: float) -> None:
    assert best_threshold(ThresholdStrategy.FIXED, [ThresholdCounts(0.5, 1, 1)], MONEY, target=target) == target


@pytest.mark.parametrize("target", [-0.01, 1.01])
def test_a_target_outside_0_to_1_is_refused(target: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        best_threshold(ThresholdStrategy.FIXED, [ThresholdCounts(0.5, 1, 1)], MONEY, target=target)


def test_a_share_is_one_of_all_customers() -> None:
    """A fifth of ten are two; a fifth of the five at or above 0.3 would be one."""
    counts = [ThresholdCounts(0.9, 1, 0), ThresholdCounts(0.5, 1, 1), ThresholdCounts(0.3, 2, 3)]
    counts.append(ThresholdCounts(0.1, 2, 8))
    assert best_threshold(ThresholdStrategy.SHARE, counts, MONEY, target=0.2) == 0.5


@pytest.mark.parametrize("seed", range(5))
def test_empc_is_the_expected_maximum_profit(seed: int) -> None:
    probabilities, churned = sample(seed)
    counts = [ThresholdCounts(1.1, 0, 0), *cuts(probabilities, churned)]
    leavers = np.array([cut.churned for cut in counts])
    stayers = np.array([cut.stayed for cut in counts])
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
