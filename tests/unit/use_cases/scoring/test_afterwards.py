"""Finished runs: whose they are, what a new threshold moves, and how they go."""

from __future__ import annotations

import pytest

from application.use_cases.history import DeleteRuns, SetThreshold
from application.use_cases.open_result import OpenResult
from domain.account import Role
from domain.errors import RunNotFound
from tests.builders import an_account
from tests.fakes.system import FakeStorage
from tests.unit.use_cases.scoring.desk import ANALYST, Desk


def test_previous_predictions_go_only_when_asked_for_and_only_the_person_s_own(desk: Desk) -> None:
    other = an_account(id="other", role=Role.ANALYST)
    with desk.new_uow() as uow:
        uow.accounts.add(other)
        uow.commit()
    first, foreign = desk.submit(name="first.csv"), desk.submit(name="foreign.csv", by=other)
    for run in (first, foreign):
        desk.score(run.id)
    desk.clock.move(minutes=1)
    kept = desk.submit(name="second.csv")
    desk.score(kept.id)
    assert {run.file_name for run in desk.runs} == {"first.csv", "foreign.csv", "second.csv"}
    desk.clock.move(minutes=1)
    desk.score(desk.submit(name="third.csv", delete_previous=True).id)
    assert {run.file_name for run in desk.runs} == {"foreign.csv", "third.csv"}


def test_a_deleted_run_takes_its_files_results_and_contacts_along(desk: Desk) -> None:
    run = desk.submit()
    desk.score(run.id)
    DeleteRuns(desk.new_uow, desk.results, desk.uploads, FakeStorage(), desk.clock)([run.id], by=ANALYST)
    assert desk.files == []
    assert desk.results.runs == {}
    with desk.new_uow() as uow:
        assert uow.predictions.count(run.id) == 0
    with pytest.raises(RunNotFound):
        desk.run(run.id)


def test_somebody_else_s_run_looks_as_if_it_did_not_exist(desk: Desk) -> None:
    run = desk.submit()
    stranger = an_account(id="stranger", role=Role.ANALYST)
    with pytest.raises(RunNotFound):
        OpenResult(desk.new_uow, desk.results)(run.id, by=stranger)
    with pytest.raises(RunNotFound):
        DeleteRuns(desk.new_uow, desk.results, desk.uploads, FakeStorage(), desk.clock)([run.id], by=stranger)


def test_a_threshold_that_is_stored_moves_labels_and_sums(desk: Desk) -> None:
    run = desk.submit()
    desk.score(run.id)
    changed = SetThreshold(desk.new_uow, desk.results, desk.clock)(run.id, 0.01, by=ANALYST)
    assert changed.summary is not None
    assert changed.summary.likely_to_leave == 10
    assert desk.run(run.id).threshold == 0.01
