"""The queue as the scheduler sees it."""

from __future__ import annotations

from dataclasses import replace

from domain.progress import Progress
from domain.queueing import JobKind, QueuedJob
from domain.run import JobState, RunId
from tests import builders as a
from tests.builders import at
from tests.contract.persistence.full import NewUow


def test_unfinished_jobs_of_both_kinds_are_listed_oldest_first(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run(id="small", created_at=at(minutes=2), progress=Progress(of=50_000)))
        uow.runs.add(a.a_run(id="long", owner="other", created_at=at(minutes=3), progress=Progress(of=50_001)))
        uow.runs.add(a.a_run(id="wide", created_at=at(minutes=4), file_bytes=3 * 1024**3))
        uow.runs.add(a.a_finished_run(id="done"))
        uow.trainings.add(a.a_training(created_at=at(minutes=1)))
        uow.trainings.add(a.a_training(id="failed", state=JobState.FAILED))
        uow.runs.claim(RunId("small"), worker="w", now=at(minutes=9), stale_before=at())
        assert list(uow.queue.unfinished()) == [
            QueuedJob(JobKind.TRAINING, "training-1", "account-1", at(minutes=1), False),
            QueuedJob(JobKind.SCORING, "small", "account-1", at(minutes=2), True, at(minutes=9)),
            QueuedJob(JobKind.SCORING, "long", "other", at(minutes=3), False),
            QueuedJob(JobKind.SCORING, "wide", "account-1", at(minutes=4), False),
        ]


def test_the_turns_are_the_latest_start_of_each_persons_jobs(new_uow: NewUow) -> None:
    with new_uow() as uow:
        assert uow.queue.turns(at()) == {}
        uow.runs.add(a.a_run(id="1", started_at=at(minutes=1)))
        uow.runs.add(a.a_run(id="2", started_at=at(minutes=5), state=JobState.DONE))
        uow.runs.add(a.a_run(id="3"))
        uow.runs.add(a.a_run(id="4", owner="other", started_at=at(minutes=2)))
        uow.trainings.add(a.a_training(id="5", owner="other", started_at=at(minutes=3)))
        uow.trainings.add(a.a_training(id="6", owner="third", started_at=at(minutes=1.9)))
        assert uow.queue.turns(at(minutes=2)) == {"account-1": at(minutes=5), "other": at(minutes=3)}


def test_only_the_holder_of_a_claim_can_touch_it(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.runs.add(a.a_run())
        uow.trainings.add(a.a_training())
        run = uow.runs.claim(RunId("run-1"), worker="w", now=at(), stale_before=at())
        assert run is not None
        touch = uow.queue.touch
        assert not touch(JobKind.SCORING, "run-1", worker="other", at=at(minutes=1))
        assert not touch(JobKind.TRAINING, "training-1", worker="w", at=at(minutes=1))
        assert not touch(JobKind.SCORING, "none", worker="w", at=at(minutes=1))
        assert not touch(JobKind.REPORT, "run-1", worker="w", at=at(minutes=1))
        assert uow.runs.get(run.id) == run
        assert touch(JobKind.SCORING, "run-1", worker="w", at=at(minutes=1))
        assert uow.runs.get(run.id) == replace(run, heartbeat_at=at(minutes=1))
