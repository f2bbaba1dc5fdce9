"""Outcomes from a later prediction: shown first, stored as they were shown, and refused for another base."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from domain.campaign import CampaignState
from domain.campaign_members import EventKind, Outcome
from domain.campaign_outcomes import OutcomeCheck
from domain.effect import Group
from domain.errors import Conflict, InvalidInput, NotAllowed, NotFound, RunNotFound
from domain.run import JobState
from tests.builders import a_summary
from tests.builders.moments import SHA256
from tests.unit.use_cases.campaign_effects import MANAGER, ONE, OWNER, STRANGER, VIEWER, by
from tests.unit.use_cases.campaign_outcomes import LATER, RUN, Recorded

UNKNOWN, STAYED, LEFT = Outcome
EVERYBODY = [(f"C-{n}", None, None) for n in range(1, 11)]


@pytest.fixture
def work(tmp_path: Path) -> Recorded:
    return Recorded(folder=tmp_path)


def seven_of_ten(work: Recorded) -> None:
    """C-2 and C-5 are missing, C-1 and C-4 are marked, C-3 stayed; seven of the ten customers are there."""
    rows = [("C-1", None, True), ("C-3", None, False), ("C-4", None, True), ("C-8", None, None)]
    work.later_file(*rows, ("C-6", None, False), ("C-7", None, False), ("C-9", None, False), ("N-1", None, False))


def test_what_a_later_file_says_is_shown_and_nothing_is_stored(work: Recorded) -> None:
    seven_of_ten(work)

    task = work.checked()

    assert task.state is JobState.DONE
    assert OutcomeCheck.from_text(task.result) == OutcomeCheck(
        customers=10,
        found=7,
        of_members=False,
        members=5,
        present=3,
        marked=2,
        missing=2,
        left=4,
        unsaid=0,
        has_truth=True,
        new=5,
        changed=0,
    )
    assert work.outcomes() == [UNKNOWN] * 5
    assert work.campaign().version == 1
    view = work.open()
    assert view.shown is not None
    assert view.shown.run is not None
    assert (view.shown.run.id, view.busy, view.problem) == (LATER, False, None)


def test_what_was_shown_is_recorded_and_the_campaign_goes_on(work: Recorded) -> None:
    seven_of_ten(work)

    ended = work.stored(work.checked())

    assert ended.state is JobState.DONE
    assert work.outcomes() == [LEFT, LEFT, STAYED, LEFT, LEFT]
    assert (work.campaign().state, work.campaign().version) == (CampaignState.RUNNING, 2)
    (event,) = work.events()
    assert (event.kind, event.by, event.before) == (EventKind.OUTCOMES, "Owner", "december.csv")
    assert event.after == "1 stayed, 4 left, 0 of them corrected"
    assert [(own.kind, own.before, own.after) for own in work.events(1)] == [(EventKind.OUTCOME, "unknown", "left")]
    assert work.audit() == [("recorded outcomes of a campaign", "Spring calls: 1 stayed, 4 left, 0 of them corrected")]
    assert work.open().shown is None


def test_recording_and_closing_is_one_step(work: Recorded) -> None:
    seven_of_ten(work)

    work.stored(work.checked(), close=True)

    campaign = work.campaign()
    assert (campaign.state, campaign.version) == (CampaignState.CLOSED, 3)
    assert campaign.effect is not None
    assert (campaign.effect.contacted, campaign.effect.control) == (Group(3, 1), Group(2, 0))
    with pytest.raises(Conflict, match="closed"):
        work.use.check(ONE, LATER, based_on=3, by=by(OWNER))


def test_an_outcome_that_a_later_file_corrects_stays_in_the_history(work: Recorded) -> None:
    work.later_file(*EVERYBODY)
    work.stored(work.checked())
    assert work.outcomes() == [STAYED] * 5
    work.later_file(*EVERYBODY[1:], run="run-3")

    checked = work.checked("run-3")

    assert OutcomeCheck.from_text(checked.result).changed == 1
    work.stored(checked)
    assert work.outcomes() == [LEFT, STAYED, STAYED, STAYED, STAYED]
    assert [(own.before, own.after) for own in work.events(1)] == [("stayed", "left"), ("unknown", "stayed")]
    assert len(work.events(2)) == 1


@pytest.mark.parametrize(("there", "another"), [(6, False), (5, True)])
def test_a_file_with_fewer_than_sixty_percent_of_the_customers_is_refused(
    work: Recorded, there: int, another: bool
) -> None:
    work.later_file(*EVERYBODY[:there])
    checked = work.checked()
    assert OutcomeCheck.from_text(checked.result).is_another_base is another
    if another:
        with pytest.raises(InvalidInput, match="looks like another base"):
            work.use.store(ONE, checked.id, close=True, based_on=1, by=by(OWNER))
        assert work.outcomes() == [UNKNOWN] * 5
    else:
        assert work.stored(checked).state is JobState.DONE


def test_without_the_prediction_of_the_campaign_its_members_are_the_base(work: Recorded) -> None:
    work.later_file(*EVERYBODY[:2], *EVERYBODY[4:])
    work.results.discard(RUN)
    found = OutcomeCheck.from_text(work.checked().result)
    assert (found.customers, found.found, found.of_members) == (5, 3, True)
    with work.new_uow() as uow:
        uow.runs.remove(RUN)
        uow.commit()
    found = OutcomeCheck.from_text(work.checked().result)
    assert (found.customers, found.found, found.of_members) == (5, 3, True)


def test_what_changed_since_it_was_shown_is_shown_again(work: Recorded) -> None:
    seven_of_ten(work)
    checked = work.checked()
    work.record(ONE, 3, LEFT, on=None, version=1, by=by(OWNER))

    ended = work.stored(checked)

    assert ended.state is JobState.FAILED
    assert "have changed. Nothing was stored" in (ended.error or "")
    assert work.outcomes() == [UNKNOWN, UNKNOWN, LEFT, UNKNOWN, UNKNOWN]
    view = work.open()
    assert view.shown is not None
    assert (view.shown.task.id, view.shown.check.changed, view.shown.check.new) == (ended.id, 1, 4)
    work.stored(ended)
    assert work.outcomes() == [LEFT, LEFT, STAYED, LEFT, LEFT]


def test_only_the_figures_of_the_latest_check_can_be_stored(work: Recorded) -> None:
    work.later_file(*EVERYBODY)
    first = work.checked()
    second = work.checked()
    with pytest.raises(Conflict, match="no longer here"):
        work.use.store(ONE, first.id, close=False, based_on=1, by=by(OWNER))
    work.stored(second)
    with pytest.raises(Conflict, match="no longer here"):
        work.use.store(ONE, second.id, close=False, based_on=2, by=by(OWNER))


def test_nobody_stores_outcomes_over_a_change_that_they_did_not_see(work: Recorded) -> None:
    work.later_file(*EVERYBODY)
    with pytest.raises(Conflict, match="in the meantime"):
        work.use.check(ONE, LATER, based_on=7, by=by(OWNER))
    checked = work.checked()
    with pytest.raises(Conflict, match="in the meantime"):
        work.use.store(ONE, checked.id, close=False, based_on=7, by=by(OWNER))


def test_only_those_who_direct_the_campaign_look_into_later_files(work: Recorded) -> None:
    work.later_file(*EVERYBODY, shared=True)
    with pytest.raises(NotFound):
        work.use.check(ONE, LATER, based_on=1, by=by(STRANGER))
    with pytest.raises(NotFound):
        work.open(STRANGER)
    checked = work.done(work.use.check(ONE, LATER, based_on=1, by=by(MANAGER)))
    assert checked.owner == MANAGER.id
    with work.new_uow() as uow:
        uow.campaigns.save(replace(work.campaign(), shared=True, version=2))
        uow.commit()
    with pytest.raises(NotAllowed):
        work.use.check(ONE, LATER, based_on=2, by=by(VIEWER))
    view = work.open(VIEWER)
    assert (view.open, view.runs, view.task, view.shown) == (False, (), None, None)


def test_a_prediction_that_the_person_may_not_see_is_not_looked_into(work: Recorded) -> None:
    work.later_file(*EVERYBODY, owner=STRANGER.id)
    with pytest.raises(RunNotFound):
        work.use.check(ONE, LATER, based_on=1, by=by(OWNER))
    assert work.open().runs == ()


def test_the_prediction_of_the_campaign_says_nothing_about_later(work: Recorded) -> None:
    with pytest.raises(InvalidInput, match="was made from this prediction"):
        work.use.check(ONE, RUN, based_on=1, by=by(MANAGER))


def test_predictions_that_can_be_used_are_offered(work: Recorded) -> None:
    work.later_file(*EVERYBODY)
    work.later_file(*EVERYBODY, run="same", file_sha256=SHA256)
    work.later_file(*EVERYBODY, run="numbered", summary=a_summary(id_header=""))
    assert [run.id for run in work.open().runs] == [LATER]


def test_erased_members_are_not_looked_for(work: Recorded) -> None:
    work.later_file(*EVERYBODY)
    with work.new_uow() as uow:
        uow.campaigns.erase_customer("C-5")
        uow.commit()
    assert OutcomeCheck.from_text(work.checked().result).members == 4
    with work.new_uow() as uow:
        for number in range(1, 5):
            uow.campaigns.erase_customer(f"C-{number}")
        uow.commit()
    ended = work.checked()
    assert (ended.state, ended.error) == (
        JobState.FAILED,
        "All members of this campaign were erased, so nobody can be found in a file.",
    )


def test_members_of_whom_the_truth_says_nothing_stayed(work: Recorded) -> None:
    work.later_file(*EVERYBODY[:4], ("C-5", None, True), *EVERYBODY[5:])
    found = OutcomeCheck.from_text(work.checked().result)
    assert (found.unsaid, found.left, found.stayed) == (4, 1, 4)
