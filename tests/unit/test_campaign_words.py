"""What a plan means, in sentences that claim no more than is true."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.allocation import Limits, Worth
from domain.campaign import CampaignPlan, PlannedAction
from domain.campaign_words import gap_sentence, groups_sentence, power_sentence, worth_sentences
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
                "each. Choose at least 60 members, and leave half of them alone."
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
        "The next contact by phone would earn at most about $5.00, and each further one no more than that.",
        "The next contact by SMS would earn at most about $0.25, and each further one no more than that.",
        "The next $100 of the budget for offers would earn at most about $214.",
        "The next member would earn at most about $2.70, and each further one no more than that.",
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


@pytest.mark.parametrize(
    ("members", "share", "sentence"),
    [
        (10, 0.1, "Of 10, 9 contacted and 1 left alone to compare."),
        (15, 0.1, "Of 15, 13 or 14 contacted and 1 or 2 left alone to compare."),
        (1_100, 0.07, "Of 1,100, 1,023 contacted and 77 left alone to compare."),
        (5, 0.0, "Of 5, 5 contacted and 0 left alone to compare."),
        (None, 0.1, "Without a number, everybody who is expected to earn enough becomes a member."),
    ],
)
def test_how_many_members_are_contacted_and_left_alone(members: int | None, share: float, sentence: str) -> None:
    assert groups_sentence(members, share, DOLLARS) == sentence
