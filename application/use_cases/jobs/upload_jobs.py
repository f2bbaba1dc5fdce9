"""The run or training of an upload, and marking abandoned jobs as failed."""

from __future__ import annotations

from datetime import datetime

from application.ports.unit_of_work import UnitOfWork
from domain.errors import NotFound
from domain.liveness import Liveness
from domain.run import Run, RunId
from domain.training import Training, TrainingId

TASK_STOPPED = "The worker stopped before it was done. Nothing was changed; try again."
WORKER_STOPPED = "The worker stopped before it was done. The uploaded file is kept; try again."


def end_abandoned(uow: UnitOfWork, now: datetime, liveness: Liveness, *, only: str | None = None) -> int:
    """Mark abandoned jobs, or one, as failed, so that they do not block deletions. Returns how many jobs ended.

    A worker that resumes later has lost its claim and stores nothing.
    """
    chosen = [work for work in uow.runs.unfinished() if only in (None, work.id)]
    runs = [run for run in chosen if run.is_abandoned(now, liveness)]
    tasks = [work for work in uow.tasks.unfinished() if only in (None, work.id) and work.is_abandoned(now, liveness)]
    learning = [work for work in uow.trainings.unfinished() if only in (None, work.id)]
    trainings = [training for training in learning if training.is_abandoned(now, liveness)]
    for run in runs:
        uow.runs.save(run.failed(WORKER_STOPPED, at=now))
    for training in trainings:
        uow.trainings.save(training.failed(WORKER_STOPPED, at=now))
    for task in tasks:
        uow.tasks.save(task.failed(TASK_STOPPED, at=now))
    return len(runs) + len(trainings) + len(tasks)


def run_of(uow: UnitOfWork, upload_id: str) -> Run | None:
    try:
        return uow.runs.get(RunId(upload_id))
    except NotFound:
        return None


def training_of(uow: UnitOfWork, upload_id: str) -> Training | None:
    try:
        return uow.trainings.get(TrainingId(upload_id))
    except NotFound:
        return None
