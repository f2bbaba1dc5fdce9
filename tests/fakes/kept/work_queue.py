"""Scorings and trainings as the scheduler sees them, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.use_cases.jobs.claims import job_of
from domain.queueing import JobKind, QueuedJob
from domain.run import JobState, Run
from domain.task import Task
from domain.training import Training
from tests.fakes.kept.everything import Kept
from tests.fakes.kept.runs import Job


@dataclass(frozen=True, slots=True)
class FakeWorkQueue:
    kept: Kept

    @property
    def _all(self) -> list[Run | Training | Task]:
        return [*self.kept.runs.values(), *self.kept.trainings.values(), *self.kept.tasks.values()]

    def unfinished(self) -> Sequence[QueuedJob]:
        jobs = [job_of(work) for work in self._all if not work.state.ended]
        return sorted(jobs, key=lambda job: (job.created_at, job.id))

    def turns(self, since: datetime) -> Mapping[str, datetime]:
        turns: dict[str, datetime] = {}
        for work in self._all:
            began = work.started_at
            if began is not None and began >= since:
                turns[work.owner] = max(began, turns.get(work.owner, began))
        return turns

    def touch(self, kind: JobKind, job_id: str, *, worker: str, at: datetime) -> bool:
        if kind is JobKind.SCORING:
            return _touch(self.kept.runs, job_id, worker=worker, at=at)
        if kind is JobKind.TASK:
            return _touch(self.kept.tasks, job_id, worker=worker, at=at)
        return kind is JobKind.TRAINING and _touch(self.kept.trainings, job_id, worker=worker, at=at)


def _touch(kept: dict[str, Job], job_id: str, *, worker: str, at: datetime) -> bool:
    work = kept.get(job_id)
    if work is None or work.worker != worker or work.state is not JobState.RUNNING:
        return False
    kept[job_id] = replace(work, heartbeat_at=at)
    return True
