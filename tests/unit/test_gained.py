"""What the campaigns of a year gained together."""

from __future__ import annotations

from datetime import date

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.campaign import Campaign, CampaignState
from domain.campaign_effect import CampaignEffect
from domain.effect import Difference, GainMeasured, Group
from domain.gained import Gained, gained_in, gained_words
from tests.builders import a_campaign, at

USD = formats_of("USD")
DAY = date(2026, 11, 30)


def closed(low: float, gain: float, high: float, *, control: int = 100, **given: object) -> Campaign:
    money = GainMeasured(10.0, 5.0, 15.0, gain, low, high)
    groups = Group(900, 800), Group(control, control)
    effect = CampaignEffect(*groups, Difference(0.1, 0.05, 0.15), None, money, 0, at())
    return a_campaign(state=CampaignState.CLOSED, effect=effect, **given)


def test_gains_add_up_and_their_limits_by_squares() -> None:
    gained = gained_in(2026, [(closed(700, 1_000, 1_400), DAY), (closed(100, 500, 800), DAY)])

    assert gained is not None
    assert (gained.measured, gained.unmeasured, gained.gain) == (2, 0, 1_500)
    assert gained.low == pytest.approx(1_000)  # √(300² + 400²)
    assert gained.high == pytest.approx(2_000)  # √(400² + 300²)


def test_other_years_samples_and_running_campaigns_do_not_count_and_small_ones_are_counted_apart() -> None:
    campaigns = [
        (closed(700, 1_000, 1_400), DAY),
        (closed(700, 1_000, 1_400, control=29), date(2026, 1, 1)),
        (closed(700, 1_000, 1_400), date(2025, 12, 31)),
        (closed(700, 1_000, 1_400, sample=True), DAY),
        (a_campaign(state=CampaignState.RUNNING), DAY),
    ]

    gained = gained_in(2026, campaigns)

    assert gained is not None
    assert (gained.measured, gained.unmeasured, gained.gain) == (1, 1, 1_000)
    assert gained_in(2027, campaigns) is None


@pytest.mark.parametrize(
    ("gained", "words"),
    [
        (
            Gained(2026, 2, 0, 1_500, 1_000, 2_000),
            "Campaigns gained $1,500 in 2026 after all costs, between $1,000 and $2,000 (95%).",
        ),
        (
            Gained(2026, 2, 1, -1_500, -2_000, -1_000),
            "Campaigns lost $1,500 in 2026, between $1,000 and $2,000 (95%). 1 campaign could not be measured.",
        ),
        (
            Gained(2026, 1, 2, 500, -100, 1_100),
            (
                "Whether the campaigns of 2026 paid cannot be distinguished from chance: $500 after all costs, "
                "between −$100 and $1,100 (95%). 2 campaigns could not be measured."
            ),
        ),
        (
            Gained(2026, 0, 1, 0, 0, 0),
            "What campaigns gained in 2026 is not known. 1 campaign could not be measured.",
        ),
    ],
)
def test_the_sentence_claims_no_more_than_the_interval_says(gained: Gained, words: str) -> None:
    assert gained_words(gained, USD) == words
