"""The made-up contacts of the sample data have the effect that they say they have."""

from __future__ import annotations

import pytest

from domain.campaign_members import Outcome, Side, Status
from domain.sample_campaign import sample_contact

MANY = [f"C-{number}" for number in range(20_000)]


def outcomes(side: Side, *, would_leave: bool) -> list[tuple[Status, Outcome]]:
    return [sample_contact("key", one, side, would_leave=would_leave) for one in MANY]


def test_two_in_five_of_the_contacted_who_would_have_left_are_kept_and_accepted() -> None:
    drawn = outcomes(Side.CONTACT, would_leave=True)
    kept = [status for status, outcome in drawn if outcome is Outcome.STAYED]
    assert len(kept) / len(MANY) == pytest.approx(0.4, abs=0.01)
    assert set(kept) == {Status.ACCEPTED}


def test_those_who_stay_anyway_stay_whatever_they_answer() -> None:
    drawn = outcomes(Side.CONTACT, would_leave=False)
    assert {outcome for _, outcome in drawn} == {Outcome.STAYED}
    shares = {status: sum(own is status for own, _ in drawn) / len(MANY) for status in Status}
    assert shares[Status.NO_ANSWER] == pytest.approx(0.20, abs=0.01)
    assert shares[Status.DECLINED] == pytest.approx(0.40, abs=0.01)
    assert shares[Status.ACCEPTED] == pytest.approx(0.25, abs=0.01)
    assert shares[Status.TO_CONTACT] == 0.0


def test_controls_do_what_the_file_says_and_are_not_contacted() -> None:
    assert set(outcomes(Side.CONTROL, would_leave=True)) == {(Status.TO_CONTACT, Outcome.LEFT)}
    assert set(outcomes(Side.CONTROL, would_leave=False)) == {(Status.TO_CONTACT, Outcome.STAYED)}
