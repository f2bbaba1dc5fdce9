"""Runs that their own file stops: the file goes, the report and the list of its bad rows stay."""

from __future__ import annotations

import gzip
import os
from dataclasses import replace

from adapters.storage.leftovers import LocalLeftovers
from application.use_cases.history import DeleteRuns
from application.use_cases.leftovers import FindLeftovers, SweepLeftovers
from application.use_cases.upkeep import PurgeExpired, ResumeWork
from domain.file_format import FileFormat
from domain.policy import InstallationPolicy
from domain.run import RunState, StopReport
from tests.fakes.results import InMemoryResults
from tests.fakes.system import FakeDirectory, FakeStorage
from tests.unit.use_cases.scoring.desk import ANALYST, HEADER, ROWS, Desk

TOO_MANY = "\n".join([HEADER, *ROWS[:6], "C-7,7", "C-8,8", "C-9,soon", "C-10"]).encode()


def test_of_a_file_with_too_many_bad_rows_the_report_alone_is_kept(desk: Desk) -> None:
    run = desk.submit(TOO_MANY)
    ended = desk.score(run.id)
    assert ended is not None
    assert ended == desk.run(run.id)
    assert (ended.state, ended.summary) == (RunState.FAILED, None)
    assert (ended.error or "").startswith(
        "4 of 10 rows could not be read, for example line 8 has 2 columns instead of 5."
    )
    assert ended.stopped == StopReport(
        10, 4, (("2 columns instead of 5", 3), ("1 column instead of 5", 1)), FileFormat()
    )
    assert desk.files == [desk.uploads.rejected_path(run.id)]
    assert desk.results.runs == {}
    with desk.new_uow() as uow:
        assert uow.uploads.all() == []
        assert uow.predictions.count(run.id) == 0


def test_a_file_that_breaks_while_it_is_read_is_not_kept_either(desk: Desk) -> None:
    long = "\n".join([HEADER, *ROWS * 4_000]).encode()
    run = desk.submit(gzip.compress(long, 1)[:-9])
    ended = desk.score(run.id)
    assert ended is not None
    assert ended.stopped is not None
    assert "damaged or incomplete" in (ended.error or "")
    assert not desk.uploads.path(run.id).exists()


def test_a_run_that_its_file_stopped_is_not_begun_again(desk: Desk) -> None:
    run = desk.submit(TOO_MANY)
    ended = desk.score(run.id)
    desk.clock.move(minutes=5)
    assert desk.score(run.id, worker="worker-2") is None
    assert ResumeWork(desk.new_uow, desk.queue, desk.clock)(all_queued=True) == 0
    assert desk.run(run.id) == ended


def test_a_worker_that_lost_its_run_leaves_the_file_to_the_other(desk: Desk) -> None:
    run = desk.submit(TOO_MANY)

    class Stolen(InMemoryResults):
        """Another worker takes the run over while the first is still reading."""

        def writer(self, *args: object, **more: object):  # type: ignore[no-untyped-def, override]
            desk.change(replace(desk.run(run.id), worker="worker-2"))
            return super().writer(*args, **more)  # type: ignore[arg-type]

    assert desk.score(run.id, results=Stolen()) is None
    assert desk.run(run.id).state is RunState.RUNNING
    assert desk.uploads.path(run.id).exists()
    with desk.new_uow() as uow:
        assert [record.id for record in uow.uploads.all()] == [run.id]


def test_the_list_of_a_stopped_run_stays_until_the_run_goes_or_its_time_is_over(desk: Desk) -> None:
    stopped, deleted = desk.submit(TOO_MANY), desk.submit(TOO_MANY)
    for run in (stopped, deleted):
        desk.score(run.id)
        os.utime(desk.uploads.rejected_path(run.id), (1_600_000_000, 1_600_000_000))

    DeleteRuns(desk.new_uow, desk.results, desk.uploads, FakeStorage(), desk.clock)([deleted.id], by=ANALYST)
    find = FindLeftovers(desk.new_uow, LocalLeftovers(desk.folder), FakeDirectory(), desk.clock)
    SweepLeftovers(desk.new_uow, find, desk.results, desk.uploads)()
    assert desk.files == [desk.uploads.rejected_path(stopped.id)]

    with desk.new_uow() as uow:
        uow.policies.save(InstallationPolicy(retention_days=30))
        uow.commit()
    desk.clock.move(days=31)
    PurgeExpired(desk.new_uow, desk.results, desk.uploads, desk.clock)()
    assert desk.files == []
    assert desk.run(stopped.id).stopped is not None, "the report stays"
