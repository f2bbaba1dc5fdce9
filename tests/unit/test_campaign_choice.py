"""From chosen customers to members: groups, second offers, limits that hold, numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.allocation import Limits, is_feasible
from domain.campaign_choice import Placed, Proposal, Selected, contacted_of, fingerprint, placed
from domain.campaign_members import Arm, Side

CHANNELS = ("phone", "sms", "phone")


def someone(
    number: int, *, action: int = 0, gain: float = 10.0, offer: float = 2.0, second: int | None = None
) -> Selected:
    return Selected(
        number,
        f"C-{number}",
        (number % 97) / 100,
        Proposal(action, gain, offer),
        None if second is None else Proposal(second, gain / 2, 1.0),
    )


def members(
    selected: list[Selected], *, limits: Limits | None = None, control: float = 0.1, second: float = 0.0
) -> tuple[Placed, ...]:
    return placed(
        selected, CHANNELS, limits=limits or Limits(), control_share=control, second_share=second, key="a key"
    )


def test_a_tenth_is_left_alone_in_every_stratum() -> None:
    found = members([someone(number, action=number % 2) for number in range(1_000)])
    sides = Counter(one.side for one in found)
    assert sides == {Side.CONTACT: 900, Side.CONTROL: 100}
    for action in (0, 1):
        for fifth in range(1, 6):
            own = [one for one in found if one.fifth == fifth and one.selected.best.action == action]
            controls = sum(one.side is Side.CONTROL for one in own)
            assert len(own) * 0.1 - 1 < controls < len(own) * 0.1 + 1
            assert {one.stratum for one in own} == {fifth * 1_000 + action}


def test_the_contacted_are_numbered_by_gain_and_controls_come_last() -> None:
    found = members([someone(number, gain=float(number % 50)) for number in range(200)])
    assert [one.number for one in found] == list(range(1, 201))
    contacted = [one for one in found if one.side is Side.CONTACT]
    assert found[: len(contacted)] == tuple(contacted)
    gains = [one.proposal.gain for one in contacted]
    assert gains == sorted(gains, reverse=True)


def test_nobody_is_left_alone_if_nobody_should_be() -> None:
    assert {one.side for one in members([someone(1), someone(2)], control=0.0)} == {Side.CONTACT}
    assert members([]) == ()


def test_some_of_the_contacted_are_offered_their_second_action() -> None:
    selected = [someone(number, second=1 if number % 2 else None) for number in range(400)]
    found = members(selected, second=0.5)
    seconds = [one for one in found if one.arm is Arm.SECOND]
    able = [one for one in found if one.side is Side.CONTACT and one.selected.second is not None]
    assert abs(len(seconds) - len(able) / 2) <= 1
    assert all(one.side is Side.CONTACT and one.proposal.action == 1 for one in seconds)
    assert all(one.proposal.action == 0 for one in found if one.arm is not Arm.SECOND)
    only = [one for one in found if one.side is Side.CONTACT and one.selected.second is None]
    assert {one.arm for one in only} == {Arm.ONLY}
    assert {one.arm for one in able} == {Arm.BEST, Arm.SECOND}
    assert {one.arm for one in found if one.side is Side.CONTROL} == {Arm.BEST}


def test_without_a_draw_of_second_offers_everybody_has_the_best_one() -> None:
    selected = [someone(number, second=1 if number % 2 else None) for number in range(40)]
    assert {one.arm for one in members(selected, second=0.0)} == {Arm.BEST}


def test_who_gains_least_from_the_offer_they_were_allotted_is_left_out() -> None:
    """The first customer's best offer earns 30, but the second one, by SMS, was drawn and earns 4."""
    twice = Selected(1, "C-1", 0.5, Proposal(0, 30.0, 2.0), Proposal(1, 4.0, 1.0))
    other = Selected(2, "C-2", 0.5, Proposal(1, 5.0, 1.0))
    kept = [
        placed(
            [twice, other],
            CHANNELS,
            limits=Limits(contacts={"sms": 1}),
            control_share=0.0,
            second_share=0.5,
            key=key,
        )
        for key in map(str, range(100))
    ]
    assert {tuple((one.selected.customer_id, one.arm) for one in found) for found in kept} == {
        (("C-1", Arm.BEST), ("C-2", Arm.ONLY)),
        (("C-2", Arm.ONLY),),
    }


def test_the_draw_is_the_same_in_any_order() -> None:
    selected = [someone(number) for number in range(100)]
    there = {one.selected.customer_id: one.side for one in members(selected)}
    unequal = [replace(one, probability=number / 100) for number, one in enumerate(selected)]
    one_way, other_way = members(unequal), members(unequal[::-1])
    assert {(one.selected, one.side, one.number) for one in one_way} == {
        (one.selected, one.side, one.number) for one in other_way
    }
    assert len(there) == 100


def test_a_channel_that_is_too_full_loses_those_who_gain_least() -> None:
    selected = [someone(number, gain=float(number)) for number in range(1, 101)]
    found = members(selected, limits=Limits(contacts={"phone": 50}), control=0.0)
    assert sorted(one.selected.row for one in found) == list(range(51, 101))


def test_a_campaign_that_is_too_large_loses_those_who_gain_least() -> None:
    found = members([someone(number, gain=float(number)) for number in range(1, 101)], limits=Limits(customers=30))
    assert min(one.selected.row for one in found) == 71
    assert len(found) == 30


def test_offers_that_are_too_dear_are_left_out() -> None:
    selected = [someone(1, gain=1.0), someone(2, gain=5.0), someone(3, gain=0.5, offer=0.0)]
    found = members(selected, limits=Limits(offers=3.0), control=0.0)
    assert [one.selected.row for one in found] == [2, 3]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.builds(
            someone,
            number=st.integers(1, 10_000),
            action=st.integers(0, 2),
            gain=st.floats(0.01, 100),
            offer=st.floats(0, 20),
            second=st.none() | st.integers(0, 2),
        ),
        max_size=40,
        unique_by=lambda one: one.row,
    ),
    st.builds(
        Limits,
        customers=st.none() | st.integers(0, 40),
        contacts=st.dictionaries(st.sampled_from(["phone", "sms"]), st.integers(0, 30)),
        offers=st.none() | st.floats(0, 300),
    ),
    st.floats(0, 0.5),
    st.floats(0, 0.5),
)
def test_no_campaign_breaks_a_limit_or_takes_anybody_twice(
    selected: list[Selected], limits: Limits, control: float, second: float
) -> None:
    found = members(selected, limits=limits, control=control, second=second)
    assert is_feasible(contacted_of(found, CHANNELS), limits)
    assert limits.customers is None or len(found) <= limits.customers
    assert len({one.selected.customer_id for one in found}) == len(found)
    assert [one.number for one in found] == list(range(1, len(found) + 1))


@pytest.mark.parametrize("change", [{"side": Side.CONTROL}, {"arm": Arm.SECOND}])
def test_a_fingerprint_changes_with_group_and_action(change: dict[str, object]) -> None:
    first = members([someone(1, second=1)], control=0.0)
    other = (replace(first[0], **change),)  # type: ignore[arg-type]  # the values above fit their fields
    ids = ["a", "b", "c"]
    assert fingerprint(first, ids, "run 1") == fingerprint(first, ids, "run 1")
    assert fingerprint(first, ids, "run 1") != fingerprint(other, ids, "run 1")
    assert fingerprint(first, ids, "run 1") != fingerprint(first, ids, "run 2")
