"""A campaign's members, counted and compared."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.campaign_effect import CampaignEffect, Counted, Grouping, Members, Reading, compare, effect_of
from domain.campaign_members import Arm, Outcome, Side
from domain.effect import Group, difference_of
from domain.measured_rates import rate_proposals, source_of
from tests import builders as a
from tests.builders import at

NAMES = {"call": "Call", "bonus": "Bonus", "unused": "Unused"}


def some(
    side: Side, stayed: int, left: int, unknown: int = 0, *, action: str = "call", fifth: int = 3, arm: Arm = Arm.BEST
) -> tuple[Counted, ...]:
    outcomes = ((Outcome.STAYED, stayed), (Outcome.LEFT, left), (Outcome.UNKNOWN, unknown))
    spent = 2.0 if side is Side.CONTACT else 0.0
    return tuple(
        Counted(side, arm, action, fifth, outcome, members, members * 300.0, members * spent)
        for outcome, members in outcomes
        if members
    )


def contacted(*counts: int, **given: object) -> tuple[Counted, ...]:
    return some(Side.CONTACT, *counts, **given)  # type: ignore[arg-type]  # passes on what it was given


def control(*counts: int, **given: object) -> tuple[Counted, ...]:
    return some(Side.CONTROL, *counts, **given)  # type: ignore[arg-type]  # passes on what it was given


def measured(*parts: tuple[Counted, ...], reading: Reading = Reading.FINAL) -> CampaignEffect:
    return effect_of(Members(sum(parts, ())), NAMES, reading, at=at())


def test_members_without_an_outcome_have_not_left_so_far_and_are_in_no_group_at_the_end() -> None:
    parts = contacted(50, 10, 40), control(30, 20, 5)

    running, final = measured(*parts, reading=Reading.SO_FAR), measured(*parts)

    assert (running.contacted, running.control) == (Group(100, 90), Group(55, 35))
    assert (final.contacted, final.control) == (Group(60, 50), Group(50, 30))
    assert (running.outcomes, final.outcomes) == (110, 110)
    assert (final.unknown, final.unknown_control) == (45, 5)


def test_everybody_who_was_assigned_counts_with_all_that_was_spent() -> None:
    effect = measured(contacted(80, 20, 10), control(60, 40))

    assert (effect.spent, effect.value) == (220.0, 300.0)
    assert effect.money.kept == pytest.approx(20.0)  # 20 points of 100
    assert effect.money.gain == pytest.approx(20.0 * 300.0 - 220.0)


def test_groups_are_the_actions_of_the_campaign_and_the_fifths_from_the_highest() -> None:
    effect = measured(
        contacted(40, 10, fifth=5), control(30, 10, fifth=5), contacted(40, 10, action="bonus"), control(9, 1)
    )

    assert [(group.by, group.name) for group in effect.groups] == [
        (Grouping.ACTION, "Call"),
        (Grouping.ACTION, "Bonus"),
        (Grouping.FIFTH, "Highest risk"),
        (Grouping.FIFTH, "Middle risk"),
    ]
    assert [group.compared.large_enough for group in effect.groups] == [True, False, True, False]


def test_those_with_their_second_best_action_are_compared_with_the_best_and_are_in_no_group() -> None:
    effect = measured(contacted(80, 20), contacted(70, 30, action="bonus", arm=Arm.SECOND), control(60, 40))

    assert effect.contacted == Group(200, 150)
    assert effect.offers is not None
    assert (effect.offers.contacted, effect.offers.control) == (Group(100, 80), Group(100, 70))
    assert [group.key for group in effect.by(Grouping.ACTION)] == ["call"]
    assert effect.by(Grouping.FIFTH)[0].compared.contacted == Group(100, 80)
    assert measured(contacted(80, 20), control(60, 40)).offers is None


def test_customers_with_a_single_action_are_not_compared_with_the_second_best() -> None:
    effect = measured(
        contacted(80, 20),
        contacted(10, 40, arm=Arm.ONLY),
        contacted(70, 30, action="bonus", arm=Arm.SECOND),
        control(60, 40),
    )

    assert effect.offers is not None
    assert (effect.offers.contacted, effect.offers.control) == (Group(100, 80), Group(100, 70))
    assert effect.contacted == Group(250, 160)
    assert effect.by(Grouping.ACTION)[0].compared.contacted == Group(150, 90)
    assert measured(contacted(80, 20), contacted(5, 5, arm=Arm.ONLY), control(60, 40)).offers is None


def test_strata_narrow_the_final_interval_and_not_the_running_one() -> None:
    parts = contacted(190, 10, fifth=1), contacted(60, 140, fifth=5), control(95, 5, fifth=1), control(30, 70, fifth=5)
    members = Members(sum(parts, ()))

    final = compare(members.of(Side.CONTACT), members.of(Side.CONTROL), Reading.FINAL).difference

    plain = difference_of(Group(400, 250), Group(200, 125))
    assert final.value == plain.value == 0.0
    assert final.high == pytest.approx(0.0615, abs=5e-5)
    assert plain.high == pytest.approx(0.0828, abs=5e-5)


def test_a_group_that_contact_clearly_harms_is_named_and_small_ones_are_not_looked_at() -> None:
    effect = measured(
        contacted(200, 200),
        control(300, 100),
        contacted(360, 40, action="bonus", fifth=2),
        control(300, 100, action="bonus", fifth=2),
        contacted(0, 29, fifth=1),
        control(29, 0, fifth=1),
    )

    assert [group.name for group in effect.harmed] == ["Call", "Middle risk"]
    assert [group.name for group in effect.groups if group.helped] == ["Bonus", "Second lowest risk"]


def test_nothing_is_named_where_nothing_differs() -> None:
    effect = measured(contacted(200, 100), control(200, 100), reading=Reading.SO_FAR)

    assert [group for group in effect.groups if group.found] == []
    assert effect.plain.low < 0.0 < effect.plain.high


def test_a_measured_save_rate_needs_large_groups_of_an_action_that_the_playbook_still_has() -> None:
    playbook = a.a_playbook(
        actions=(a.an_action(id="call", save_rate=0.30, save_rate_weight=20.0), a.an_action(id="other"))
    )
    final = measured(
        contacted(720, 180), control(225, 75), contacted(40, 9, action="bonus"), control(20, 9, action="bonus")
    )

    (proposal,) = rate_proposals(final, playbook, "Spring")

    assert (proposal.action.id, proposal.adopted) == ("call", False)
    assert proposal.rate.measured == pytest.approx(0.2)
    assert proposal.rate.rate == round(proposal.rate.rate, 4) == pytest.approx(0.2534, abs=5e-5)
    adopted = proposal.measured_action("Spring")
    assert (adopted.save_rate, adopted.save_rate_measured, adopted.measured_in) == (proposal.rate.rate, True, "Spring")
    (again,) = rate_proposals(final, playbook.with_action(adopted), "Spring")
    assert again.adopted
    assert rate_proposals(measured(contacted(291, 9), control(28, 2)), playbook, "Spring") != ()
    assert rate_proposals(measured(contacted(291, 9), control(27, 2)), playbook, "Spring") == ()
    half_a_leaver = measured(contacted(57, 3), control(29, 2))
    assert rate_proposals(half_a_leaver, playbook, "Spring") == (), "worth less than one would-be leaver"
    assert rate_proposals(measured(contacted(720, 180), control(30, 0)), playbook, "Spring") == ()
    running = measured(contacted(720, 180), control(225, 75), reading=Reading.SO_FAR)
    assert rate_proposals(running, playbook, "Spring") == ()


def test_a_second_measurement_is_joined_with_what_the_first_one_rests_on() -> None:
    assumed = a.an_action(id="call", save_rate=0.30, save_rate_measured=False, save_rate_weight=20.0, measured_in="")
    playbook = a.a_playbook(actions=(assumed,))
    final = measured(contacted(720, 180), control(225, 75))
    (first,) = rate_proposals(final, playbook, "Spring")
    adopted = first.measured_action("Spring")
    assert first.rate.customers == pytest.approx(17.43, abs=5e-3)
    assert adopted.save_rate_weight == 37.4

    (second,) = rate_proposals(final, playbook.with_action(adopted), "Summer")

    assert not second.adopted
    assert second.rate.assumed == 0.2534
    assert second.rate.rate == pytest.approx(0.2364, abs=5e-5)  # (37.4 · 0.2534 + 17.43 · 0.2) / 54.83
    assert second.measured_action("Summer").save_rate_weight == 54.8


def test_two_campaigns_with_one_name_are_different_sources() -> None:
    assert source_of("Spring", datetime(2026, 11, 30, 8, 5, tzinfo=UTC)) == "Spring, closed 2026-11-30 08:05"
