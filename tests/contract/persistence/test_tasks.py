"""Tasks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.errors import Conflict, NotFound
from domain.progress import Progress, SoFar, TaskStage
from domain.queueing import JobKind
from domain.run import JobState
from domain.task import TaskId, TaskKind
from tests import builders as a
from tests.builders import at
from tests.contract.persistence.full import NewUow, check_every_field_is_filled

ONE = TaskId("task-1")


def a_full_task(**given: Any) -> Any:
    filled = {
        "kind": TaskKind.RECOMPUTE,
        "argument": "run-9",
        "address": "127.0.0.1",
        "state": JobState.FAILED,
        "started_at": at(minutes=1),
        "finished_at": at(minutes=3),
        "heartbeat_at": at(minutes=2),
        "worker": "worker-7",
        "progress": Progress(TaskStage.CHOOSING, 3, 9, SoFar(3, 1, 2, 40.5), 0.4, 20),
        "error": "The disk is full.",
        "result": "{}",
        "cancel_requested": True,
    }
    return a.a_task(**(filled | given))


def test_a_task_comes_back_with_every_field(new_uow: NewUow) -> None:
    task, bare = a_full_task(), a.a_task(id=TaskId("bare"))
    check_every_field_is_filled(task)
    with new_uow() as uow:
        uow.tasks.add(task)
        uow.tasks.add(bare)
        with pytest.raises(Conflict):
            uow.tasks.add(task)
        assert (uow.tasks.get(ONE), uow.tasks.get(bare.id)) == (task, bare)
        uow.tasks.save(a_full_task(id="bare"))
        assert uow.tasks.get(bare.id) == a_full_task(id="bare")


def test_a_missing_task_raises_an_error(new_uow: NewUow) -> None:
    with new_uow() as uow:
        with pytest.raises(NotFound):
            uow.tasks.get(ONE)
        with pytest.raises(NotFound):
            uow.tasks.save(a.a_task())


def test_a_request_to_cancel_is_not_lost(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.tasks.add(a.a_task(cancel_requested=True))
        uow.tasks.save(a.a_task())
        assert uow.tasks.get(ONE).cancel_requested


def test_one_worker_claims_a_task_and_reports_on_it(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.tasks.add(a.a_task())
        stale = at(minutes=-1)
        assert uow.tasks.claim(ONE, worker="one", now=at(), stale_before=stale) is not None
        assert uow.tasks.claim(ONE, worker="two", now=at(), stale_before=stale) is None
        assert uow.tasks.claim(TaskId("none"), worker="two", now=at(), stale_before=stale) is None
        progress = Progress(TaskStage.CHOOSING)
        assert uow.tasks.heartbeat(ONE, worker="one", at=at(minutes=1), progress=progress)
        assert not uow.tasks.heartbeat(ONE, worker="two", at=at(minutes=1), progress=progress)
        assert uow.tasks.get(ONE).progress == progress
        assert uow.queue.touch(JobKind.TASK, ONE, worker="one", at=at(minutes=2))
        assert not uow.queue.touch(JobKind.TASK, ONE, worker="two", at=at(minutes=2))


def test_unfinished_tasks_are_small_jobs_of_the_queue(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.tasks.add(a.a_task())
        uow.tasks.add(a.a_task(id="later", created_at=at(minutes=1)))
        uow.tasks.add(a.a_task(id="ended", state=JobState.DONE, started_at=at(minutes=5)))
        assert [task.id for task in uow.tasks.unfinished()] == [ONE, "later"]
        assert [(job.kind, job.id, job.small) for job in uow.queue.unfinished()] == [
            (JobKind.TASK, ONE, True),
            (JobKind.TASK, "later", True),
        ]
        assert uow.queue.turns(at()) == {"person-1": at(minutes=5)}


def test_the_latest_task_of_a_subject(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.tasks.add(a.a_task())
        uow.tasks.add(a.a_task(id="later", created_at=at(minutes=1)))
        uow.tasks.add(a.a_task(id="other", subject="campaign-2", created_at=at(minutes=2)))
        latest = uow.tasks.latest_of("campaign-1")
        assert latest is not None
        assert latest.id == "later"
        uow.tasks.remove_of("campaign-1")
        assert uow.tasks.latest_of("campaign-1") is None
        assert uow.tasks.latest_of("campaign-2") is not None


def test_old_ended_tasks_are_removed(new_uow: NewUow) -> None:
    with new_uow() as uow:
        uow.tasks.add(a.a_task())
        uow.tasks.add(a.a_task(id="ended", state=JobState.DONE, finished_at=at()))
        assert uow.tasks.remove_ended(at()) == 0
        assert uow.tasks.remove_ended(at() + timedelta(seconds=1)) == 1
        assert [task.id for task in uow.tasks.unfinished()] == [ONE]
