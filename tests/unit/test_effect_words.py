"""What an effect page says, in every case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.formatting.babel_formats import formats_of
from domain.campaign_effect import CampaignEffect, Compared, Reading
from domain.effect import Difference, GainMeasured, Group, measured_save_rate
from domain.effect_words import Finding, answer_of, compared_words, interval_words, points, rate_words
from tests.builders import at

USD = formats_of("USD")


def an_effect(
    low: float,
    value: float,
    high: float,
    *,
    gain: tuple[float, float, float] = (500.0, 4_100.0, 9_000.0),
    contacted: Group = Group(1_000, 900),  # noqa: B008  a frozen value
    control: Group = Group(100, 86),  # noqa: B008  a frozen value
    **given: object,
) -> CampaignEffect:
    """An effect with these limits in customers per 1,000 contacted, and these gains."""
    plain = Difference(value / 1_000, low / 1_000, high / 1_000)
    money = GainMeasured(value, low, high, gain[1], gain[0], gain[2])
    effect = CampaignEffect(contacted, control, plain, None, money, 0, at())
    return replace(effect, **given)  # type: ignore[arg-type]  # fields of the effect, given by name


@pytest.mark.parametrize(
    ("effect", "finding", "sentence", "money"),
    [
        (
            an_effect(5, 38, 71),
            Finding.KEPT,
            "Contact kept 38 customers, between 5 and 71 (95%).",
            "That is worth $4,100 after all costs, between $500 and $9,000.",
        ),
        (
            an_effect(5, 38, 71, gain=(-800.0, 4_100.0, 9_000.0)),
            Finding.KEPT,
            "Contact kept 38 customers, between 5 and 71 (95%).",
            "Whether they are worth the costs is uncertain: $4,100 after all costs, between −$800 and $9,000.",
        ),
        (
            an_effect(5, 38, 71, gain=(-900.0, -500.0, -100.0)),
            Finding.KEPT,
            "Contact kept 38 customers, between 5 and 71 (95%).",
            "They are worth less than contacting cost: −$500 after all costs, between −$900 and −$100.",
        ),
        (
            an_effect(0.2, 1.2, 2, reading=Reading.SO_FAR),
            Finding.KEPT,
            "So far contact has kept 1 customer, between fewer than 1 and 2 (95%).",
            "That is worth $4,100 after all costs, between $500 and $9,000.",
        ),
        (
            an_effect(-12, 20, 50, gain=(-3_000.0, 2_000.0, 9_000.0)),
            Finding.UNCLEAR,
            "No effect can be distinguished from chance: between 12 customers driven away and 50 kept (95%).",
            "After all costs that is between −$3,000 and $9,000.",
        ),
        (
            an_effect(-7, 20, 50, gain=(-3_000.0, 2_000.0, 9_000.0), reading=Reading.SO_FAR),
            Finding.UNCLEAR,
            "No effect can be distinguished from chance yet: between 7 customers driven away and 50 kept (95%).",
            "After all costs that is between −$3,000 and $9,000.",
        ),
        (
            an_effect(0, 20, 50, gain=(-3_000.0, 2_000.0, 9_000.0)),
            Finding.UNCLEAR,
            "No effect can be distinguished from chance: between 0 customers driven away and 50 kept (95%).",
            "After all costs that is between −$3,000 and $9,000.",
        ),
        (
            an_effect(-37, -20, -3, gain=(-9_000.0, -5_000.0, -1_000.0)),
            Finding.DROVE_AWAY,
            "Contact drove 20 customers away, between 3 and 37 (95%).",
            "With all costs that is a loss of $5,000, between $1,000 and $9,000.",
        ),
        (
            an_effect(-37, -20, -3, gain=(-9_000.0, -5_000.0, -1_000.0), reading=Reading.SO_FAR),
            Finding.DROVE_AWAY,
            "So far contact has driven 20 customers away, between 3 and 37 (95%).",
            "With all costs that is a loss of $5,000, between $1,000 and $9,000.",
        ),
        (
            an_effect(-1_000, 0, 1_000, control=Group(0, 0)),
            Finding.NO_CONTROL,
            "Nobody can tell whether this campaign kept anybody: it has no control group.",
            "",
        ),
        (
            an_effect(-1_000, 0, 1_000, unknown=1_100, reading=Reading.SO_FAR),
            Finding.NO_OUTCOMES,
            "No outcomes have arrived yet, so there is nothing to compare.",
            "",
        ),
        (
            an_effect(-1_000, 0, 1_000, contacted=Group(0, 0), control=Group(0, 0), unknown=9, unknown_control=4),
            Finding.NO_OUTCOMES,
            "Nobody can tell whether this campaign kept anybody: it was closed without any outcome.",
            "",
        ),
        (
            an_effect(5, 38, 71, control=Group(29, 20)),
            Finding.TOO_FEW,
            "Too few to say: 29 customers were left alone with a known outcome, and it takes 30 of each.",
            "",
        ),
        (
            an_effect(5, 38, 71, contacted=Group(12, 9), control=Group(1, 1), reading=Reading.SO_FAR),
            Finding.TOO_FEW,
            "Too few to say: 12 customers were contacted and 1 customer was left alone, and it takes 30 of each.",
            "",
        ),
    ],
)
def test_the_answer_claims_no_more_than_the_interval_says(
    effect: CampaignEffect, finding: Finding, sentence: str, money: str
) -> None:
    answer = answer_of(effect, USD)

    assert (answer.finding, answer.sentence, answer.money) == (finding, sentence, money)


def test_thirty_members_of_each_group_are_enough() -> None:
    assert answer_of(an_effect(5, 38, 71, control=Group(30, 20)), USD).finding is Finding.KEPT


@pytest.mark.parametrize(
    ("difference", "words"), [(0.042, "+4.2"), (-0.042, "−4.2"), (0.0004, "0.0"), (-0.0004, "0.0"), (0.0, "0.0")]
)
def test_points_have_their_sign(difference: float, words: str) -> None:
    assert points(difference, USD) == words


def test_a_group_shows_its_difference_or_what_it_lacks() -> None:
    difference = Difference(0.042, -0.005, 0.079)
    large = Compared(Group(100, 80), Group(30, 20), difference, 0.1)

    assert interval_words(difference, USD) == "+4.2 points, between −0.5 and +7.9"
    assert compared_words(large, USD) == "+4.2 points, between −0.5 and +7.9"
    assert compared_words(replace(large, control=Group(12, 9)), USD) == "too few to say: needs 18 more left alone"
    small = replace(large, contacted=Group(29, 20), control=Group(0, 0))
    assert compared_words(small, USD) == "too few to say: needs 1 more contacted and 30 more left alone"


def test_a_save_rate_is_shown_before_and_after() -> None:
    rate = measured_save_rate(0.30, Group(900, 720), Group(300, 225))

    assert rate_words(rate, "assumed", USD) == "assumed 30% → measured 25%, from 17 would-be leavers"
