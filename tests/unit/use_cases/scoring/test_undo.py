"""Deleting predictions so that it can be undone for a short time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from application.ports.audit import AuditQuery
from application.use_cases.predictions.history import DeleteRuns
from application.use_cases.predictions.undo import (
    DeleteWithUndo,
    Deletion,
    FinishRunDeletions,
    UndoDeletion,
    ViewDeletion,
)
from domain.account import Role
from domain.actor import Actor
from domain.errors import NotAllowed, NotFound, RunNotFound
from domain.run import RunId
from tests.builders import an_account, contacts_in
from tests.fakes.system import FakeStorage
from tests.unit.use_cases.scoring.application import ANALYST, ScoringApplication

ANA = Actor(ANALYST, "10.0.0.7")


@dataclass
class Deleting:
    app: ScoringApplication

    @property
    def finish(self) -> FinishRunDeletions:
        app = self.app
        return FinishRunDeletions(app.new_uow, app.new_uow, app.results, app.uploads, FakeStorage(), app.clock)

    def delete(self, *run_ids: RunId, by: Actor = ANA) -> Deletion:
        app = self.app
        at_once = DeleteRuns(app.new_uow, app.results, app.uploads, FakeStorage(), app.clock)
        return DeleteWithUndo(app.new_uow, at_once, self.finish, app.ids, app.clock)(list(run_ids), by=by)

    def undo(self, batch: str, by: Actor = ANA) -> list[str]:
        return [run.file_name for run in UndoDeletion(self.app.new_uow, self.app.clock)(batch, by=by)]

    def offered(self, batch: str, by: Actor = ANA) -> Sequence[str]:
        return ViewDeletion(self.app.new_uow, self.app.clock)(batch, by=by.account)

    @property
    def names(self) -> list[str]:
        return sorted(run.file_name for run in self.app.runs)

    @property
    def audit(self) -> list[tuple[str, str, str, str]]:
        with self.app.new_uow() as uow:
            entries, _ = uow.audit.find(AuditQuery())
        kinds = ("deleted a prediction", "restored a prediction")
        return [(own.actor, own.action, own.subject, own.address) for own in entries if own.action in kinds]


@pytest.fixture
def place(app: ScoringApplication) -> Deleting:
    for name in ("a.csv", "b.csv", "c.csv"):
        app.score(app.submit(name=name).id)
        app.clock.move(minutes=1)
    return Deleting(app)


def id_of(place: Deleting, name: str) -> RunId:
    return next(run.id for run in place.app.runs if run.file_name == name)


def test_deleted_predictions_are_hidden_at_once_and_come_back_complete(place: Deleting) -> None:
    first, second = id_of(place, "a.csv"), id_of(place, "b.csv")
    before, files = place.app.run(first), sorted(place.app.files)
    deletion = place.delete(first, second)
    assert place.names == ["c.csv"]
    assert deletion.restorable == 2
    assert place.offered(deletion.batch) == ("a.csv", "b.csv")
    with pytest.raises(RunNotFound):
        place.app.run(first)
    place.app.clock.move(seconds=29)
    place.finish()

    assert place.undo(deletion.batch) == ["a.csv", "b.csv"]
    assert place.app.run(first) == before
    assert sorted(place.app.files) == files
    assert set(place.app.results.runs) >= {first, second}
    assert place.audit == [
        (ANALYST.email, "restored a prediction", "b.csv", "10.0.0.7"),
        (ANALYST.email, "restored a prediction", "a.csv", "10.0.0.7"),
    ]
    place.app.clock.move(minutes=5)
    assert place.finish() == 0
    assert place.names == ["a.csv", "b.csv", "c.csv"]


def test_after_the_time_they_are_deleted_once_with_all_that_is_theirs(place: Deleting) -> None:
    first = id_of(place, "a.csv")
    deletion = place.delete(first)
    place.app.clock.move(seconds=30)
    assert place.offered(deletion.batch) == ()
    assert place.finish() == 1
    assert place.finish() == 0

    assert first not in place.app.results.runs
    assert not any(first in str(file) for file in place.app.files)
    with place.app.new_uow() as uow:
        assert contacts_in(uow, first) == 0
        assert list(uow.deleted_runs.until(place.app.clock.now())) == []
        assert list(uow.deletions.all()) == []
    with pytest.raises(NotFound, match="permanently"):
        place.undo(deletion.batch)
    assert place.audit == [(ANALYST.email, "deleted a prediction", "a.csv", "10.0.0.7")]


def test_the_next_deletion_carries_out_an_earlier_one(place: Deleting) -> None:
    place.delete(id_of(place, "a.csv"))
    place.app.clock.move(seconds=31)
    place.delete(id_of(place, "b.csv"))
    assert [entry[2] for entry in place.audit] == ["a.csv"]
    assert place.names == ["c.csv"]


def test_a_crash_between_the_rows_and_the_files_leaves_no_file(place: Deleting) -> None:
    first = id_of(place, "a.csv")
    place.delete(first)
    place.app.clock.move(seconds=31)
    place.app.results.discard = _crash  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        place.finish()
    with place.app.new_uow() as uow:
        assert [own.subject for own in uow.deletions.all()] == [first]
        assert list(uow.deleted_runs.until(place.app.clock.now())) == []
    assert place.finish() == 0
    assert len(place.audit) == 1


def _crash(run_id: RunId) -> None:
    raise KeyboardInterrupt


def test_an_unfinished_prediction_is_deleted_at_once(place: Deleting) -> None:
    waiting = place.app.submit(name="waiting.csv")
    deletion = place.delete(waiting.id, id_of(place, "a.csv"))
    assert (len(deletion.runs), deletion.restorable) == (2, 1)
    assert place.undo(deletion.batch) == ["a.csv"]
    alone = place.app.submit(name="alone.csv")
    assert place.delete(alone.id).batch == ""
    assert place.names == ["a.csv", "b.csv", "c.csv"]


def test_only_those_who_could_delete_it_restore_a_prediction(place: Deleting) -> None:
    deletion = place.delete(id_of(place, "a.csv"))
    stranger = Actor(an_account(id="stranger", role=Role.ANALYST))
    with pytest.raises(NotFound):
        place.undo(deletion.batch, by=stranger)
    assert place.offered(deletion.batch, by=stranger) == ()
    assert place.undo(deletion.batch) == ["a.csv"]


def test_nothing_is_hidden_if_one_of_them_may_not_be_deleted(place: Deleting) -> None:
    stranger = Actor(an_account(id="stranger", role=Role.ANALYST))
    with pytest.raises((RunNotFound, NotAllowed)):
        place.delete(id_of(place, "a.csv"), by=stranger)
    assert place.names == ["a.csv", "b.csv", "c.csv"]


def test_earlier_predictions_that_a_new_one_replaces_can_be_restored(place: Deleting) -> None:
    new = place.app.submit(name="new.csv", delete_previous=True)
    place.app.score(new.id)
    assert place.names == ["new.csv"]
    assert place.offered(new.id) == ("a.csv", "b.csv", "c.csv")
    assert place.undo(new.id) == ["a.csv", "b.csv", "c.csv"]
    assert place.names == ["a.csv", "b.csv", "c.csv", "new.csv"]
