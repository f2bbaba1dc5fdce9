"""A process that is killed at any line between a file operation and a commit: the next pass leaves nothing orphaned."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.formatting.babel_formats import formats_of
from adapters.intake.reader import CsvCustomerFiles
from adapters.intake.uploads import FileUploads
from application.ports.runs import RunQuery
from application.use_cases.maintenance.file_deletion import FinishDeletions
from application.use_cases.predictions.history import DeleteRuns
from application.use_cases.predictions.submit_scoring import SubmitScoring
from domain.actor import Actor
from domain.run import JobState
from tests.fakes.results import InMemoryResults, InMemoryWriter
from tests.fakes.system import FakeDirectory, FakeStorage
from tests.unit.use_cases.scoring.application import ANALYST, FILE, ScoringApplication
from tests.unit.use_cases.scoring.interruptions import (
    ADMIN,
    DEEDS,
    Doomed,
    Fuse,
    Killed,
    scoring_and_deleting_previous,
    scoring_what_stops,
    uploading,
    uploading_to_train,
    uploading_what_is_refused,
)

LONG_AGO = 1_600_000_000
MANY_STEPS = 200


def prepared(folder: Path, template: ScoringApplication) -> ScoringApplication:
    """Two scored runs of the analyst, the first with rows that were rejected."""
    app = ScoringApplication(folder, registry=template.registry)
    with template.new_uow() as uow:
        (model,) = uow.models.all()
    with app.new_uow() as uow:
        uow.accounts.add(ANALYST)
        uow.accounts.add(ADMIN)
        uow.models.add(model)
        uow.commit()
    for content in (FILE + b"\nC-11,soon", FILE):
        app.score(app.submit(content).id)
        app.clock.move(minutes=1)
    assert [run.state for run in app.runs] == [JobState.DONE] * 2
    return app


def the_next_pass(app: ScoringApplication, *, hours: int = 2) -> None:
    """What a worker does after a restart and within the next two hours."""
    for path in app.files:
        os.utime(path, (LONG_AGO, LONG_AGO))
    finish = FinishDeletions(app.new_uow, app.results, app.uploads, FakeStorage(), FakeDirectory(), app.clock)
    finish()
    app.clock.move(hours=hours)
    with app.new_uow() as uow:
        unfinished = uow.runs.unfinished()
    for run in unfinished:
        app.score(run.id)
    finish()


def check_nothing_is_orphaned(app: ScoringApplication) -> None:
    with app.new_uow() as uow:
        runs = {run.id: run for run in uow.runs.find(RunQuery(limit=100, also_deleted=True)).runs}
        listed = {record.id for record in uow.uploads.all()}
        assert list(uow.deletions.all()) == []
    kept = {path.name.partition(".")[0] for path in app.files if path.name.endswith(".upload")}
    lists = {path.name.partition(".")[0] for path in app.files if path.name.endswith(".rejected.csv")}
    assert not [path for path in app.files if path.name.endswith(".part")]
    assert kept == listed, "every upload has its record, and every record its upload"
    assert lists <= listed | {run_id for run_id, run in runs.items() if run.stopped is not None}
    assert set(app.results.runs) <= {run_id for run_id, run in runs.items() if run.state is JobState.DONE}
    assert all(run.state.ended for run in runs.values())


@pytest.mark.parametrize("deed", DEEDS)
def test_a_kill_at_any_line_leaves_no_orphans_after_the_next_clean_up(
    deed: Callable[[Doomed], None], app: ScoringApplication, tmp_path: Path
) -> None:
    killed = 0
    for step in range(MANY_STEPS):
        one = prepared(tmp_path / f"{step}", app)
        done_before = {run.id for run in one.runs if run.state is JobState.DONE}
        try:
            deed(Doomed(one, Fuse(step)))
        except Killed:
            killed += 1
        finished = killed <= step
        the_next_pass(one)
        check_nothing_is_orphaned(one)
        if deed in (uploading, uploading_to_train, uploading_what_is_refused, scoring_what_stops):
            assert done_before <= set(one.results.runs), "no earlier result is lost"
        if finished:
            break
    else:
        pytest.fail("the deed never ended")
    assert killed >= 2, "there were lines to be killed at"


def test_previous_predictions_are_deleted_with_the_commit_that_finishes_the_run(
    app: ScoringApplication, tmp_path: Path
) -> None:
    for step in range(MANY_STEPS):
        one = prepared(tmp_path / f"{step}", app)
        with suppress(Killed):
            scoring_and_deleting_previous(Doomed(one, Fuse(step)))
            break
        the_next_pass(one)
        assert len(one.runs) == 1, f"killed at step {step}"
        assert one.runs[0].state is JobState.DONE


class Locked(FileUploads):
    """Files that cannot be deleted just now."""

    def discard(self, upload_id: str) -> None:
        raise PermissionError(13, "in use")


def test_files_that_cannot_be_deleted_now_are_deleted_later(app: ScoringApplication) -> None:
    run = app.submit()
    app.score(run.id)
    locked = Locked(app.uploads.folder)

    DeleteRuns(app.new_uow, app.results, locked, FakeStorage(), app.clock)([run.id], by=Actor(ANALYST))
    assert app.runs == (), "the person's deletion succeeds anyway"
    assert app.files != []

    the_next_pass(app, hours=0)
    assert app.files == []


def test_a_run_that_is_deleted_while_it_is_scored_ends_quietly_and_leaves_nothing(app: ScoringApplication) -> None:
    run = app.submit()

    class Deleting(InMemoryResults):
        """The person deletes the run while its customers are being scored; its files are gone under the worker."""

        def writer(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
            DeleteRuns(app.new_uow, app.results, app.uploads, FakeStorage(), app.clock)([run.id], by=Actor(ANALYST))
            raise FileNotFoundError(2, "No such file or directory")

    class DeletingLate(InMemoryResults):
        """The same while the contact list is being made."""

        def writer(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
            made = super().writer(*args, **more)  # type: ignore[arg-type]
            return DeletingWriter(self, run.id, made.schema, made.playbook)

    class DeletingWriter(InMemoryWriter):
        def best_contacts(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
            DeleteRuns(app.new_uow, app.results, app.uploads, FakeStorage(), app.clock)([run.id], by=Actor(ANALYST))
            return super().best_contacts(*args, **more)  # type: ignore[arg-type]

    assert app.score(run.id, results=Deleting()) is None
    assert app.files == []

    run = app.submit()
    late = DeletingLate()
    assert app.score(run.id, results=late) is None
    assert late.runs == {}
    assert app.runs == ()
    the_next_pass(app)
    check_nothing_is_orphaned(app)


def test_files_written_by_a_suspended_worker_after_the_deletion_are_deleted(app: ScoringApplication) -> None:
    run = app.submit()
    with app.new_uow() as uow:
        uow.runs.save(uow.runs.get(run.id).started(worker="suspended", at=app.clock.now()))
        uow.commit()
    DeleteRuns(app.new_uow, app.results, app.uploads, FakeStorage(), app.clock)([run.id], by=Actor(ANALYST))
    app.uploads.rejected_path(run.id).write_text("row,reason\n")

    the_next_pass(app)

    assert app.files == []
    check_nothing_is_orphaned(app)


def test_an_upload_that_takes_hours_is_not_deleted_while_it_arrives(app: ScoringApplication) -> None:
    finish = FinishDeletions(app.new_uow, app.results, app.uploads, FakeStorage(), FakeDirectory(), app.clock)

    class Slow(io.BytesIO):
        """Two hours pass before the last byte, and the hourly pass comes meanwhile."""

        def read(self, size: int | None = -1) -> bytes:
            app.clock.move(hours=2)
            part = next(path for path in app.files if path.suffix == ".part")
            now = app.clock.now().timestamp()
            os.utime(part, (now, now))
            finish()
            return super().read(size)

    submit = SubmitScoring(app.new_uow, CsvCustomerFiles(), app.uploads, app.queue, app.clock, app.ids, formats_of)
    run = submit(Slow(FILE), "customers.csv", by=Actor(ANALYST))
    finish()

    assert app.files == [app.uploads.path(run.id)]
    check = app.score(run.id)
    assert check is not None
    assert check.state is JobState.DONE
