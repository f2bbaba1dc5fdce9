"""Sharing work out, statuses that can be set, and the progress of a list."""

from __future__ import annotations

import pytest

from domain.campaign_members import CampaignEvent, EventKind, Side, Status, total_of
from domain.campaign_work import (
    ListProgress,
    changed_meanwhile,
    dealt,
    must_be_settable,
    progress_of,
    settable,
    status_before,
)
from domain.errors import Conflict, InvalidInput
from tests.builders import a_member, at


def an_event(kind: EventKind = EventKind.STATUS, before: str = "to_contact", after: str = "reached") -> CampaignEvent:
    return CampaignEvent(at(), "Shop North", kind, 1, before, after)


def test_members_are_dealt_to_and_fro_in_the_order_of_the_list() -> None:
    assert dealt([11, 12, 13, 14, 15, 16, 17], ["a", "b", "c"]) == {"a": [11, 16, 17], "b": [12, 15], "c": [13, 14]}
    assert dealt([5], ["a", "b"]) == {"a": [5], "b": []}
    assert dealt([], ["a"]) == {"a": []}
    with pytest.raises(InvalidInput):
        dealt([1], [])


@pytest.mark.parametrize(("members", "people"), [(100, 3), (101, 4), (7, 7), (3, 5)])
def test_everybody_gets_as_many_give_or_take_one(members: int, people: int) -> None:
    shares = dealt(range(members), [str(person) for person in range(people)])
    sizes = [len(share) for share in shares.values()]
    assert max(sizes) - min(sizes) <= 1
    assert sorted(number for share in shares.values() for number in share) == list(range(members))


def test_shares_have_nearly_the_same_risk() -> None:
    """Ten members with falling gains 10 … 1 among two people: 28 and 27, while taking turns would give 30 and 25."""
    shares = dealt(list(range(10, 0, -1)), ["a", "b"])
    assert (sum(shares["a"]), sum(shares["b"])) == (28, 27)


def test_progress_counts_those_who_are_contacted() -> None:
    members = [
        a_member(1),
        a_member(2, status=Status.NO_ANSWER),
        a_member(3, status=Status.ACCEPTED, offer_cost=7.0),
        a_member(4, status=Status.OPTED_OUT),
        a_member(5, status=Status.LEFT_ALONE),
        a_member(6, side=Side.CONTROL),
    ]
    assert progress_of(total_of(members)) == ListProgress(
        planned=4, open=2, contacted=3, accepted=1, opted_out=1, left_alone=1, expected_gain=160.0, spent=10.0
    )


def test_a_customer_who_must_not_be_contacted_can_only_opt_out() -> None:
    assert len(settable(a_member(), blocked=False)) == 6
    assert settable(a_member(), blocked=True) == (Status.OPTED_OUT,)
    assert settable(a_member(status=Status.OPTED_OUT), blocked=False) == ()
    assert settable(a_member(status=Status.LEFT_ALONE), blocked=False) == ()
    assert settable(a_member(customer_id=""), blocked=False) == ()
    must_be_settable(a_member(), Status.OPTED_OUT, blocked=True)
    with pytest.raises(Conflict, match="do-not-contact"):
        must_be_settable(a_member(), Status.REACHED, blocked=True)
    with pytest.raises(Conflict, match="erased"):
        must_be_settable(a_member(customer_id=""), Status.REACHED, blocked=False)


def test_only_the_latest_status_is_undone_and_opting_out_never() -> None:
    reached, opted_out = a_member(status=Status.REACHED), a_member(status=Status.OPTED_OUT)
    assert status_before(reached, an_event()) is Status.TO_CONTACT
    assert status_before(reached, an_event(before="no_answer")) is Status.NO_ANSWER
    assert status_before(reached, None) is None
    assert status_before(reached, an_event(EventKind.NOTE)) is None
    assert status_before(reached, an_event(EventKind.UNDONE)) is None
    assert status_before(reached, an_event(after="declined")) is None
    assert status_before(opted_out, an_event(after="opted_out")) is None


def test_who_changed_an_entry_is_told_with_what_it_is_now() -> None:
    member = a_member(status=Status.NO_ANSWER)
    assert changed_meanwhile(member, an_event()) == (
        "Shop North changed this entry in the meantime: it is “No answer” now. Your change was not stored."
    )
    assert changed_meanwhile(member, None).startswith("Someone else changed")
