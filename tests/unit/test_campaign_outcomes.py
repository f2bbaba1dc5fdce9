"""Rules about outcomes: which files can say who left, what they say, and what storing it changes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from domain.campaign import CampaignState
from domain.campaign_members import Outcome
from domain.campaign_outcomes import (
    ClosingOrder,
    ClosingStep,
    OutcomeCheck,
    changes_of,
    is_another_base,
    must_be_later,
    must_take_outcomes,
    outcome_in_later_file,
)
from domain.errors import Conflict, InvalidInput
from domain.run import JobState, RunId
from domain.truth import TruthReading
from tests.builders import a_campaign, a_run, a_summary, at

DAY, LATER = date(2026, 11, 30), date(2026, 12, 5)
UNKNOWN, STAYED, LEFT = (Outcome.UNKNOWN, None), (Outcome.STAYED, None), (Outcome.LEFT, None)


def a_check(**given: Any) -> OutcomeCheck:
    values: dict[str, Any] = {
        "customers": 1_000,
        "found": 900,
        "of_members": False,
        "members": 100,
        "present": 80,
        "marked": 10,
        "missing": 15,
        "left": 25,
        "unsaid": 2,
        "has_truth": True,
        "new": 90,
        "changed": 5,
    }
    return OutcomeCheck(**(values | given))


@pytest.mark.parametrize(("found", "customers"), [(60, 100), (3, 5), (600_000, 1_000_000), (1, 1)])
def test_sixty_percent_of_the_customers_are_the_same_base(found: int, customers: int) -> None:
    assert not is_another_base(found, customers)
    assert not a_check(found=found, customers=customers).is_another_base


@pytest.mark.parametrize(("found", "customers"), [(59, 100), (2, 4), (599_999, 1_000_000), (0, 1), (0, 0)])
def test_fewer_than_sixty_percent_are_another_base(found: int, customers: int) -> None:
    assert is_another_base(found, customers)
    assert a_check(found=found, customers=customers).is_another_base


def test_who_is_missing_or_marked_has_left_and_the_others_stayed() -> None:
    assert outcome_in_later_file(present=True, marked=False) is Outcome.STAYED
    assert outcome_in_later_file(present=True, marked=True) is Outcome.LEFT
    assert outcome_in_later_file(present=False, marked=False) is Outcome.LEFT
    assert outcome_in_later_file(present=False, marked=True) is Outcome.LEFT


UNDATED = a_summary(months=())
BASE = a_run(id="run-1", state=JobState.DONE, summary=UNDATED, file_sha256="a" * 64, month="2026-10")


def test_a_later_prediction_with_ids_can_be_used() -> None:
    campaign = a_campaign(state=CampaignState.RUNNING, started_at=at(minutes=5))
    must_be_later(campaign, a_run(id="run-2", state=JobState.DONE, created_at=at(minutes=5), summary=UNDATED), BASE)
    later = a_run(id="run-2", state=JobState.DONE, created_at=at(minutes=5), summary=UNDATED, month="2026-11")
    must_be_later(campaign, later, BASE)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"id": RunId("run-1")}, "was made from this prediction"),
        ({"created_at": at(minutes=5) - timedelta(seconds=1)}, "older than the start"),
        ({"summary": a_summary(id_header="")}, "no ids"),
        ({"state": JobState.FAILED, "summary": None}, "no result yet"),
        ({"summary": a_summary(truth_reading=TruthReading(1, 1, 0, 8))}, "not understood"),
        ({"file_sha256": "a" * 64}, "was made from this file"),
        ({"month": "2026-10"}, "of 2026-10, those of the campaign of 2026-10"),
        ({"file_name": "customers-2026-09.csv"}, "of 2026-09, those of the campaign of 2026-10"),
    ],
)
def test_a_prediction_that_cannot_say_who_left_is_refused(given: dict[str, Any], words: str) -> None:
    campaign = a_campaign(state=CampaignState.MEASURING, started_at=at(minutes=5))
    usual = {"id": "run-2", "state": JobState.DONE, "created_at": at(minutes=9), "summary": UNDATED}
    with pytest.raises(InvalidInput, match=words):
        must_be_later(campaign, a_run(**(usual | given)), BASE)


def test_only_a_campaign_that_runs_or_is_measured_takes_outcomes() -> None:
    for state in (CampaignState.RUNNING, CampaignState.MEASURING):
        must_take_outcomes(a_campaign(state=state, started_at=at()))
    with pytest.raises(Conflict, match="not started"):
        must_take_outcomes(a_campaign())
    with pytest.raises(Conflict, match="closed"):
        must_take_outcomes(a_campaign(state=CampaignState.CLOSED, started_at=at()))


def test_figures_come_back_from_their_text_and_have_one_fingerprint() -> None:
    check = a_check()
    assert OutcomeCheck.from_text(check.to_text()) == check
    assert check.stayed == 75
    assert check.fingerprint == a_check().fingerprint
    assert check.fingerprint != a_check(left=24).fingerprint


def test_the_argument_of_a_task_says_what_to_do() -> None:
    assert ClosingOrder.from_text("run-2") == ClosingOrder(RunId("run-2"))
    order = ClosingOrder(RunId("run-2"), ClosingStep.CLOSE, "0123")
    assert ClosingOrder.from_text(order.to_text()) == order
    assert ClosingOrder.from_text(ClosingOrder(RunId("run-2")).to_text()) == ClosingOrder(RunId("run-2"))


def test_outcomes_that_are_recorded_already_change_nothing() -> None:
    recorded = {1: UNKNOWN, 2: STAYED, 3: LEFT, 4: (Outcome.LEFT, DAY), 5: STAYED}
    found = {1: LEFT, 2: STAYED, 3: STAYED, 4: LEFT, 5: (Outcome.STAYED, DAY)}
    changes = changes_of(recorded, found)
    assert changes.outcomes == {1: LEFT, 3: STAYED}
    assert changes.before == {1: UNKNOWN, 3: LEFT}
    assert (changes.first, changes.corrected, changes.left) == (1, 1, 1)


def test_a_day_is_added_or_corrected_and_goes_with_the_outcome() -> None:
    recorded = {1: LEFT, 2: (Outcome.LEFT, DAY), 3: (Outcome.LEFT, DAY), 4: UNKNOWN}
    found = {1: (Outcome.LEFT, DAY), 2: (Outcome.LEFT, LATER), 3: STAYED, 4: (Outcome.LEFT, DAY)}
    changes = changes_of(recorded, found)
    assert changes.outcomes == found
    assert (changes.first, changes.corrected) == (1, 1)
