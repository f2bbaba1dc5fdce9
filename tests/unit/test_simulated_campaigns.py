"""Intervals of simulated campaigns with a known truth. `python -m bench.campaigns` simulates ten times as many."""

from __future__ import annotations

import pytest

from bench.simulated_campaigns import Scenario, coverage, harm_found, watched

CAMPAIGNS = 150


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario("No effect, risks far apart", 600, 0.2, (0.4, 1.2)),
        Scenario("Small groups, a third kept", 300, 0.1, (0.4, 1.2), saved=0.33),
        Scenario("2 % leave, half kept", 1_000, 0.2, (0.2, 9.8), saved=0.5),
    ],
    ids=lambda scenario: scenario.name,
)
def test_intervals_contain_the_truth_in_about_95_of_100_campaigns(scenario: Scenario) -> None:
    found = coverage(scenario, CAMPAIGNS, seed=11)

    assert 0.9 <= found.share("plain") <= 0.995  # 95 % with about three standard errors of 150 campaigns
    assert 0.9 <= found.share("adjusted") <= 0.995
    assert found.width("plain") < found.width("textbook")


def test_a_running_interval_that_is_watched_daily_errs_in_at_most_5_of_100_campaigns() -> None:
    found = watched(450, 50, 0.3, campaigns=CAMPAIGNS, seed=2)

    assert found.running <= 0.05 * CAMPAIGNS
    assert found.once > 0.15 * CAMPAIGNS


def test_harm_of_the_stated_size_is_found_8_times_in_10() -> None:
    found = harm_found(campaigns=60, seed=3, members=2_000)

    assert found.found >= 0.66 * found.campaigns  # 80 % less three standard errors of 60 campaigns
    assert found.false_alarms <= 0.2 * found.campaigns
