"""Finished runs: whose they are, what a new threshold moves, and how they go."""

from __future__ import annotations

import pytest

from application.use_cases.predictions.history import DeleteRuns, SetThreshold
from application.use_cases.predictions.open_result import OpenResult
from domain.account import Role
from domain.actor import Actor
from domain.errors import RunNotFound
from tests.builders import an_account, contacts_in
from tests.fakes.system import FakeStorage
from tests.unit.use_cases.scoring.application import ANALYST, ScoringApplication


def test_replacing_deletes_only_the_persons_own_predictions_and_only_on_request(app: ScoringApplication) -> None:
    other = an_account(id="other", role=Role.ANALYST)
    with app.new_uow() as uow:
        uow.accounts.add(other)
        uow.commit()
    first, foreign = app.submit(name="first.csv"), app.submit(name="foreign.csv", by=other)
    for run in (first, foreign):
        app.score(run.id)
    app.clock.move(minutes=1)
    kept = app.submit(name="second.csv")
    app.score(kept.id)
    assert {run.file_name for run in app.runs} == {"first.csv", "foreign.csv", "second.csv"}
    app.clock.move(minutes=1)
    app.score(app.submit(name="third.csv", delete_previous=True).id)
    assert {run.file_name for run in app.runs} == {"foreign.csv", "third.csv"}


def test_deleting_a_run_deletes_its_files_results_and_contacts(app: ScoringApplication) -> None:
    run = app.submit()
    app.score(run.id)
    DeleteRuns(app.new_uow, app.results, app.uploads, FakeStorage(), app.clock)([run.id], by=Actor(ANALYST))
    assert app.files == []
    assert app.results.runs == {}
    with app.new_uow() as uow:
        assert contacts_in(uow, run.id) == 0
    with pytest.raises(RunNotFound):
        app.run(run.id)


def test_another_persons_run_is_not_found(app: ScoringApplication) -> None:
    run = app.submit()
    stranger = an_account(id="stranger", role=Role.ANALYST)
    with pytest.raises(RunNotFound):
        OpenResult(app.new_uow, app.results)(run.id, by=stranger)
    with pytest.raises(RunNotFound):
        DeleteRuns(app.new_uow, app.results, app.uploads, FakeStorage(), app.clock)([run.id], by=Actor(stranger))


def test_a_stored_threshold_changes_labels_and_totals(app: ScoringApplication) -> None:
    run = app.submit()
    app.score(run.id)
    changed = SetThreshold(app.new_uow, app.results, app.clock)(run.id, 0.01, by=Actor(ANALYST))
    assert changed.summary is not None
    assert changed.summary.likely_to_leave == 10
    assert app.run(run.id).threshold == 0.01


def test_the_expected_quality_is_stored_for_the_threshold(app: ScoringApplication) -> None:
    run = app.submit()
    scored = app.score(run.id)
    assert scored is not None
    assert scored.summary is not None
    assert scored.summary.expected is not None
    assert (scored.summary.expected.customers, scored.summary.expected.threshold) == (10, run.threshold)

    changed = SetThreshold(app.new_uow, app.results, app.clock)(run.id, 0.01, by=Actor(ANALYST))
    assert changed.summary is not None
    assert changed.summary.expected is not None
    assert changed.summary.expected.threshold == 0.01
    assert OpenResult(app.new_uow, app.results)(run.id, by=ANALYST).expected == changed.summary.expected
