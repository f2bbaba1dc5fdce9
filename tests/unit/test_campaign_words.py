"""What a plan means, in sentences that claim no more than is true."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.allocation import Limits, Worth
from domain.campaign import CampaignPlan, PlannedAction
from domain.campaign_words import gap_sentence, power_sentence, worth_sentences
from tests import builders as a

DOLLARS = formats_of("USD")


def a_plan(contacted: int, control: int, *, churn: float = 0.3) -> CampaignPlan:
    actions = (PlannedAction("call", "Call", "phone", contacted, control, 0.0, 0.0, 0.0),)
    return a.a_campaign_plan(actions=actions, churn=churn)


@pytest.mark.parametrize(
    ("contacted", "control", "sentence"),
    [
        (
            900,
            100,
            (
                "With 900 contacted and 100 left alone you will notice an effect of 13.5 points or more, 8 times in "
                "10; for 5 points it takes 1,319 of each."
            ),
        ),
        (
            20_000,
            20_000,
            (
                "With 20,000 contacted and 20,000 left alone you will notice an effect of 1.3 points or more, "
                "8 times in 10."
            ),
        ),
        (900, 0, "Without a control group nobody can tell whether the campaign kept anybody."),
        (
            210,
            23,
            (
                "With 210 contacted and 23 left alone nobody will be able to say whether it worked: it takes 30 of "
                "each. Leave 13% of the members alone."
            ),
        ),
        (
            29,
            30,
            (
                "With 29 contacted and 30 left alone nobody will be able to say whether it worked: it takes 30 of "
                "each. Choose at least 60 members."
            ),
        ),
        (
            29,
            31,
            (
                "With 29 contacted and 31 left alone nobody will be able to say whether it worked: it takes 30 of "
                "each. Leave fewer alone."
            ),
        ),
        (
            30,
            30,
            (
                "With 30 contacted and 30 left alone you will notice an effect of 33.1 points or more, 8 times in 10; "
                "for 5 points it takes 1,319 of each."
            ),
        ),
        (0, 1, "Nobody would be contacted, so there is nothing to measure."),
    ],
)
def test_what_the_groups_can_show(contacted: int, control: int, sentence: str) -> None:
    assert power_sentence(a_plan(contacted, control), DOLLARS) == sentence


def test_certain_customers_prove_nothing() -> None:
    assert power_sentence(a_plan(900, 100, churn=1.0), DOLLARS).startswith("Nobody would be contacted")


def test_what_more_of_a_limit_would_earn() -> None:
    plan = a.a_campaign_plan(worth=Worth(3.0, {"phone": 5.0, "sms": 0.25, "app": 9.0}, 2.14))
    limits = Limits(customers=100, contacts={"phone": 50, "sms": 10}, offers=1_000.0)
    assert worth_sentences(plan, a.a_campaign_request(limits=limits), DOLLARS) == (
        "100 more contacts by phone would earn about $500.",
        "100 more contacts by SMS would earn about $25.",
        "The next $1,000 of the budget for offers earns about $2,140.",
        "100 more members would earn about $300.",
    )


def test_a_limit_that_holds_nothing_back_is_not_mentioned() -> None:
    plan = a.a_campaign_plan(worth=Worth(0.0, {"phone": 0.009}, 0.000_009))
    limits = Limits(customers=100, contacts={"phone": 50}, offers=1_000.0)
    assert worth_sentences(plan, a.a_campaign_request(limits=limits), DOLLARS) == ()
    generous = a.a_campaign_plan(worth=Worth(3.0, {"phone": 5.0}, 2.0))
    assert worth_sentences(generous, a.a_campaign_request(limits=Limits()), DOLLARS) == ()


def test_how_close_the_choice_is_to_the_best_one() -> None:
    plan = a.a_campaign_plan(gain=999.0, bound=1_000.0)
    assert gap_sentence(plan, DOLLARS) == "The best choice within these limits could earn at most 0.1% more."
    assert gap_sentence(replace(plan, gain=999.5), DOLLARS).startswith("No other choice within these limits")
