"""Effects, intervals and measured save rates, against published and hand-calculated values."""

from __future__ import annotations

import math
import random

import pytest

from domain.effect import (
    Difference,
    Group,
    difference_of,
    difference_of_shares,
    difference_so_far,
    discoveries,
    gain_measured,
    measured_save_rate,
    members_missing,
    members_needed,
    noticeable_effect,
    noticeable_harm,
    p_value,
    p_value_so_far,
    share_within,
)


@pytest.mark.parametrize(
    ("contacted", "control", "low", "high"),
    [
        (
            Group(70, 56),
            Group(80, 48),
            0.0524,
            0.3339,
        ),  # Newcombe, Statistics in Medicine 17, 1998, table II, method 10
        (Group(10, 9), Group(10, 3), 0.1705, 0.8090),
        (Group(7, 6), Group(7, 2), 0.0582, 0.8062),
        (Group(56, 5), Group(29, 0), -0.0381, 0.1926),
        (Group(10, 0), Group(20, 0), -0.1611, 0.2775),
        (Group(10, 10), Group(10, 0), 0.6075, 1.0000),
    ],
)
def test_the_interval_of_a_difference_is_newcombes(contacted: Group, control: Group, low: float, high: float) -> None:
    difference = difference_of(contacted, control)

    assert (difference.low, difference.high) == pytest.approx((low, high), abs=6e-5)


def test_the_difference_is_the_share_that_stayed_less_that_of_the_controls() -> None:
    assert difference_of(Group(900, 720), Group(100, 70)).value == pytest.approx(0.10)
    assert difference_of(Group(100, 70), Group(900, 720)).value == pytest.approx(-0.10)


def test_an_empty_group_says_nothing() -> None:
    assert difference_of(Group(0, 0), Group(10, 5)) == Difference(0.0, -1.0, 1.0)
    assert difference_so_far(Group(10, 5), Group(0, 0)) == Difference(0.0, -1.0, 1.0)
    assert p_value(Group(0, 0), Group(10, 5)) == 1.0


@pytest.mark.parametrize(("low", "high", "clear"), [(0.01, 0.2, True), (-0.2, -0.01, True), (0.0, 0.2, False)])
def test_a_difference_is_clear_when_its_interval_excludes_no_effect(low: float, high: float, clear: bool) -> None:
    assert Difference(0.1, low, high).clear is clear


def test_an_interval_that_may_be_read_daily_is_wider_than_one_that_is_read_once() -> None:
    contacted, control = Group(900, 810), Group(100, 80)

    once, daily = difference_of(contacted, control), difference_so_far(contacted, control)

    assert daily.value == pytest.approx(once.value) == pytest.approx(0.10)
    assert daily.low < once.low < once.high < daily.high
    assert (daily.low, daily.high) == pytest.approx((-0.02715, 0.22715), abs=5e-5)


def test_watching_daily_for_sixty_days_finds_an_effect_that_is_not_there_in_at_most_five_of_a_hundred_campaigns() -> (
    None
):
    wrong_daily = wrong_once = 0
    chance = random.Random(5)
    for _ in range(400):
        left = {group: [0] * 61 for group in ("contacted", "control")}
        for group, members in (("contacted", 450), ("control", 50)):
            for _ in range(members):
                if chance.random() < 0.3:
                    left[group][chance.randint(1, 60)] += 1
        so_far = {"contacted": 0, "control": 0}
        daily = once = False
        for day in range(1, 61):
            so_far = {group: so_far[group] + left[group][day] for group in so_far}
            groups = Group(450, 450 - so_far["contacted"]), Group(50, 50 - so_far["control"])
            daily |= difference_so_far(*groups).clear
            once |= difference_of(*groups).clear
        wrong_daily += daily
        wrong_once += once

    assert wrong_daily <= 20  # 5 % of 400
    assert wrong_once > 80  # the interval that is meant to be read once errs four times as often, or more


def test_what_a_campaign_of_this_size_can_show() -> None:
    assert noticeable_effect(900, 100, 0.167) == pytest.approx(0.1101, abs=5e-5)
    assert noticeable_effect(480, 480, 0.083) == pytest.approx(0.0499, abs=5e-5)
    assert noticeable_effect(0, 100, 0.2) == math.inf
    assert members_needed(0.05, 0.083) == 478
    assert members_needed(0.10, 0.25) == 295
    with pytest.raises(ValueError, match="above 0"):
        members_needed(0.0, 0.2)


@pytest.mark.parametrize(("members", "missing"), [(0, 30), (29, 1), (30, 0), (31, 0)])
def test_a_difference_is_shown_from_thirty_members_in_each_group(members: int, missing: int) -> None:
    assert members_missing(Group(members, 0)) == missing


def test_the_p_value_is_that_of_the_pooled_score_test() -> None:
    assert p_value(Group(100, 80), Group(100, 70)) == pytest.approx(0.1025, abs=5e-5)  # z = 1.6330
    assert p_value(Group(100, 100), Group(50, 50)) == 1.0


def test_benjamini_and_hochbergs_example() -> None:
    published = (
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1.0,
    )

    assert sum(discoveries(published, 0.05)) == 4  # Benjamini & Hochberg 1995, section 3.3
    assert discoveries((0.5, 0.001, 0.04), 0.05) == (False, True, False)
    assert discoveries((0.03, 0.04), 0.05) == (True, True)  # the larger one carries the smaller
    assert discoveries(()) == ()


def test_a_campaign_with_few_controls_hardly_moves_the_assumed_save_rate() -> None:
    small = measured_save_rate(0.30, Group(90, 72), Group(10, 7))
    large = measured_save_rate(0.30, Group(45_000, 40_500), Group(5_000, 4_000))

    assert small.measured == pytest.approx(1 / 3)
    assert small.customers < 3
    assert small.rate == pytest.approx(0.30, abs=0.01)
    assert large.measured == pytest.approx(0.5)
    assert large.customers > 500
    assert large.rate == pytest.approx(0.5, abs=0.01)


def test_a_save_rate_stays_assumed_where_no_control_left_and_is_0_where_contact_harmed() -> None:
    assert measured_save_rate(0.2, Group(90, 80), Group(10, 10)) == measured_save_rate(0.2, Group(0, 0), Group(10, 5))
    assert measured_save_rate(0.2, Group(90, 80), Group(10, 10)).rate == 0.2
    assert measured_save_rate(0.2, Group(900, 600), Group(100, 80)).measured == 0.0


def test_the_gain_is_the_value_of_the_customers_kept_less_all_costs() -> None:
    gain = gain_measured(Difference(0.10, 0.02, 0.18), 900, value=300.0, costs=5_000.0)

    assert (gain.kept, gain.kept_low, gain.kept_high) == pytest.approx((90, 18, 162))
    assert (gain.gain, gain.gain_low, gain.gain_high) == pytest.approx((22_000, 400, 43_600))


def test_a_group_cannot_keep_more_than_it_has() -> None:
    with pytest.raises(ValueError, match="cannot have stayed"):
        Group(5, 6)


def test_a_draw_within_strata_leaves_only_the_variance_within_them() -> None:
    apart = share_within([Group(100, 90), Group(100, 50)])  # (0.09 + 0.25) / 2 of 0.7 · 0.3, each with n − 1

    assert apart == pytest.approx(0.8136, abs=5e-5)
    assert share_within([Group(100, 70), Group(100, 70)]) == 1.0
    assert share_within([Group(1, 1), Group(1, 0)]) == 1.0  # one member tells nothing about a stratum
    assert share_within([Group(50, 50), Group(50, 0)]) == 0.3  # never less
    assert share_within([]) == share_within([Group(9, 9)]) == share_within([Group(9, 0)]) == 1.0


def test_strata_narrow_the_interval_and_lower_the_p_value() -> None:
    contacted, control = Group(200, 160), Group(100, 70)

    plain, stratified = difference_of(contacted, control), difference_of(contacted, control, within=(0.8, 0.7))

    assert stratified.value == plain.value
    assert plain.low < stratified.low < stratified.high < plain.high
    assert p_value(contacted, control, within=(0.8, 0.7)) < p_value(contacted, control)


def test_a_p_value_that_may_be_read_daily_is_below_5_percent_where_its_interval_excludes_no_effect() -> None:
    for left in range(50):
        groups = Group(450, 405), Group(50, 50 - left)
        assert (p_value_so_far(*groups) < 0.05) is difference_so_far(*groups).clear
    assert p_value_so_far(Group(450, 405), Group(50, 40)) == 1.0
    assert p_value_so_far(Group(450, 405), Group(50, 25)) < 0.001
    assert p_value_so_far(Group(0, 0), Group(9, 3)) == 1.0


def test_shares_that_were_adjusted_beyond_certainty_get_the_limits_of_certainty() -> None:
    beyond, certain = difference_of_shares((1.02, 50.0), (0.8, 50.0)), difference_of_shares((1.0, 50.0), (0.8, 50.0))

    assert beyond.value == pytest.approx(0.22)
    assert beyond.high - beyond.value == pytest.approx(certain.high - certain.value)


def test_harm_that_is_found_among_many_groups_is_larger_than_an_effect_that_is_noticed_alone() -> None:
    groups = Group(200, 150), Group(200, 150)

    assert noticeable_harm(*groups, 1 / 3, groups=15) == pytest.approx(0.1676, abs=5e-5)  # (2.713 + 0.842) · 0.0471
    assert noticeable_harm(*groups, 1 / 3, groups=2) == pytest.approx(noticeable_effect(200, 200, 1 / 3))
    assert noticeable_harm(Group(0, 0), Group(9, 3), 0.2, groups=3) == math.inf
