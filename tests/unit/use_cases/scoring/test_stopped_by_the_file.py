"""Runs that their own file stops: the file goes, the report and the list of its bad rows stay."""

from __future__ import annotations

import gzip
import os
from dataclasses import replace

from adapters.storage.leftovers import LocalLeftovers
from application.use_cases.maintenance.leftovers import FindLeftovers, SweepLeftovers
from application.use_cases.maintenance.scheduled_tasks import PurgeExpired, ResumeWork
from application.use_cases.predictions.history import DeleteRuns
from domain.actor import Actor
from domain.file_format import FileFormat
from domain.policy import InstallationPolicy
from domain.run import JobState, StopReport
from tests.builders import contacts_in
from tests.fakes.results import InMemoryResults
from tests.fakes.system import FakeDirectory, FakeStorage
from tests.unit.use_cases.scoring.application import ANALYST, HEADER, ROWS, ScoringApplication

TOO_MANY = "\n".join([HEADER, *ROWS[:6], "C-7,7", "C-8,8", "C-9,soon", "C-10"]).encode()


def test_only_the_report_of_a_file_with_too_many_rejected_rows_is_kept(app: ScoringApplication) -> None:
    run = app.submit(TOO_MANY)
    ended = app.score(run.id)
    assert ended is not None
    assert ended == app.run(run.id)
    assert (ended.state, ended.summary) == (JobState.FAILED, None)
    assert (ended.error or "").startswith(
        "4 of 10 rows could not be read, for example line 8 has 2 columns instead of 5."
    )
    assert ended.stopped == StopReport(
        10, 4, (("2 columns instead of 5", 3), ("1 column instead of 5", 1)), FileFormat(marks=((2, "."),))
    )
    assert app.files == [app.uploads.rejected_path(run.id)]
    assert app.results.runs == {}
    with app.new_uow() as uow:
        assert uow.uploads.all() == []
        assert contacts_in(uow, run.id) == 0


def test_a_file_that_breaks_while_it_is_read_is_not_kept_either(app: ScoringApplication) -> None:
    long = "\n".join([HEADER, *ROWS * 4_000]).encode()
    run = app.submit(gzip.compress(long, 1)[:-9])
    ended = app.score(run.id)
    assert ended is not None
    assert ended.stopped is not None
    assert "damaged or incomplete" in (ended.error or "")
    assert not app.uploads.path(run.id).exists()


def test_a_run_stopped_by_its_file_is_not_restarted(app: ScoringApplication) -> None:
    run = app.submit(TOO_MANY)
    ended = app.score(run.id)
    app.clock.move(minutes=5)
    assert app.score(run.id, worker="worker-2") is None
    assert ResumeWork(app.new_uow, app.queue, app.clock)(all_queued=True) == 0
    assert app.run(run.id) == ended


def test_a_worker_that_lost_its_run_leaves_the_file_to_the_other(app: ScoringApplication) -> None:
    run = app.submit(TOO_MANY)

    class Stolen(InMemoryResults):
        """Another worker takes the run over while the first is still reading."""

        def writer(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
            app.change(replace(app.run(run.id), worker="worker-2"))
            return super().writer(*args, **more)  # type: ignore[arg-type]

    assert app.score(run.id, results=Stolen()) is None
    assert app.run(run.id).state is JobState.RUNNING
    assert app.uploads.path(run.id).exists()
    with app.new_uow() as uow:
        assert [record.id for record in uow.uploads.all()] == [run.id]


def test_the_rejected_rows_of_a_stopped_run_are_kept_until_deletion_or_expiry(app: ScoringApplication) -> None:
    stopped, deleted = app.submit(TOO_MANY), app.submit(TOO_MANY)
    for run in (stopped, deleted):
        app.score(run.id)
        os.utime(app.uploads.rejected_path(run.id), (1_600_000_000, 1_600_000_000))

    DeleteRuns(app.new_uow, app.results, app.uploads, FakeStorage(), app.clock)([deleted.id], by=Actor(ANALYST))
    find = FindLeftovers(app.new_uow, LocalLeftovers(app.folder), FakeDirectory(), app.clock)
    SweepLeftovers(app.new_uow, find, app.results, app.uploads)()
    assert app.files == [app.uploads.rejected_path(stopped.id)]

    with app.new_uow() as uow:
        uow.policies.save(InstallationPolicy(retention_days=30))
        uow.commit()
    app.clock.move(days=31)
    PurgeExpired(app.new_uow, app.results, app.uploads, app.clock)()
    assert app.files == []
    assert app.run(stopped.id).stopped is not None, "the report stays"
