"""Runs and trainings in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from application.ports.deleted_runs import DeletedRun
from application.ports.runs import RunPage, RunQuery
from domain.errors import Conflict, NotFound, RunNotFound
from domain.liveness import MAX_CLOCK_AHEAD
from domain.progress import Progress
from domain.run import SYSTEM_OWNER, JobState, Run, RunId
from domain.task import Task
from domain.training import Training, TrainingId
from tests.fakes.kept.everything import Kept, isolated

Job = TypeVar("Job", Run, Training, Task)


def claimed(job: Job, *, worker: str, now: datetime, stale_before: datetime) -> Job | None:
    """The run or training as the worker's own; None where another has it."""
    beaten = job.heartbeat_at
    silent = job.state is JobState.RUNNING and (
        beaten is None or beaten < stale_before or beaten > now + MAX_CLOCK_AHEAD
    )
    return job.started(worker=worker, at=now) if job.state is JobState.QUEUED or silent else None


def beating(job: Job, *, worker: str, at: datetime, progress: Progress) -> Job | None:
    """The run or training with a new heartbeat; None where it is not the worker's or is to be cancelled."""
    ours = job.worker == worker and job.state is JobState.RUNNING and not job.cancel_requested
    return replace(job, heartbeat_at=at, progress=progress) if ours else None


@dataclass(frozen=True, slots=True)
class FakeRuns:
    kept: Kept

    def add(self, run: Run) -> None:
        if run.id in self.kept.runs:
            raise Conflict("There is already a prediction with this id.")
        self.kept.runs[run.id] = isolated(run)

    def get(self, run_id: RunId) -> Run:
        if run_id not in self.kept.runs or run_id in self.kept.deleted_runs:
            raise RunNotFound(run_id)
        return isolated(self.kept.runs[run_id])

    def save(self, run: Run) -> None:
        if run.id not in self.kept.runs:
            raise RunNotFound(run.id)
        asked = self.kept.runs[run.id].cancel_requested or run.cancel_requested
        self.kept.runs[run.id] = isolated(replace(run, cancel_requested=asked))
        if run.state.without_result:
            self._forget_contacts(run.id)

    def remove(self, run_id: RunId) -> None:
        if self.kept.runs.pop(run_id, None) is None:
            raise RunNotFound(run_id)
        self.kept.deleted_runs.pop(run_id, None)
        self._forget_contacts(run_id)
        for grading_id in [own.id for own in self.kept.gradings.values() if own.run_id == run_id]:
            del self.kept.gradings[grading_id]
        for own in [own for own in self.kept.gradings.values() if own.source.run_id == run_id]:
            self.kept.gradings[own.id] = replace(own, source=replace(own.source, run_id=None))
        for key in [key for key in self.kept.grading_offers if run_id in key]:
            del self.kept.grading_offers[key]

    def _forget_contacts(self, run_id: RunId) -> None:
        for key in [key for key in self.kept.contacts if key[0] == run_id]:
            del self.kept.contacts[key]

    def find(self, query: RunQuery) -> RunPage:
        keys: dict[str, Callable[[Run], Any]] = {
            "created": lambda run: run.created_at,
            "file": lambda run: run.file_name.casefold(),
            "customers": lambda run: run.summary.scored if run.summary else 0,
            "leaving": lambda run: run.summary.likely_to_leave if run.summary else 0,
        }
        key = keys[query.sort]
        matching = [run for run in self.kept.runs.values() if self._matches(run, query)]
        matching.sort(key=lambda run: (key(run), run.id), reverse=query.descending)
        page = matching[query.offset :][: query.limit]
        customers = sum(run.summary.scored for run in matching if run.summary)
        return RunPage(tuple(isolated(page)), len(matching), customers)

    def claim(self, run_id: RunId, *, worker: str, now: datetime, stale_before: datetime) -> Run | None:
        run = self.kept.runs.get(run_id)
        taken = claimed(run, worker=worker, now=now, stale_before=stale_before) if run else None
        if taken is not None:
            self.kept.runs[run_id] = taken
        return isolated(taken)

    def heartbeat(self, run_id: RunId, *, worker: str, at: datetime, progress: Progress) -> bool:
        run = self.kept.runs.get(run_id)
        beaten = beating(run, worker=worker, at=at, progress=progress) if run else None
        if beaten is not None:
            self.kept.runs[run_id] = beaten
        return beaten is not None

    def unfinished(self) -> Sequence[Run]:
        waiting = [run for run in self.kept.runs.values() if not run.state.ended]
        return isolated(sorted(waiting, key=lambda run: (run.created_at, run.id)))

    def _matches(self, run: Run, query: RunQuery) -> bool:
        text = query.search.strip().casefold()
        return (
            visible(run, query.visible_to)
            and (query.also_deleted or run.id not in self.kept.deleted_runs)
            and (query.owner is None or run.owner == query.owner)
            and (not query.states or run.state in query.states)
            and (query.model is None or run.model_version == query.model)
            and (query.since is None or run.created_at >= query.since)
            and (query.until is None or run.created_at < query.until)
            and (text in run.file_name.casefold() or text in self._owner_name(run))
        )

    def _owner_name(self, run: Run) -> str:
        owner = self.kept.accounts.get(run.owner)
        return owner.name.casefold() if owner else SYSTEM_OWNER if run.owner == SYSTEM_OWNER else ""


@dataclass(frozen=True, slots=True)
class FakeDeletedRuns:
    kept: Kept

    def add(self, deleted: DeletedRun) -> None:
        FakeRuns(self.kept).get(deleted.run.id)
        self.kept.deleted_runs[deleted.run.id] = isolated(deleted)

    def of_batch(self, batch: str) -> Sequence[DeletedRun]:
        theirs = [own for own in self._all() if own.batch == batch]
        return sorted(theirs, key=lambda own: (own.run.created_at, own.run.id))

    def until(self, at: datetime) -> Sequence[DeletedRun]:
        due = [own for own in self._all() if own.at <= at]
        return sorted(due, key=lambda own: (own.at, own.run.created_at, own.run.id))

    def restore(self, run_id: RunId) -> None:
        if self.kept.deleted_runs.pop(run_id, None) is None:
            raise RunNotFound(run_id)

    def _all(self) -> list[DeletedRun]:
        """With the runs as they are stored now."""
        return [replace(own, run=isolated(self.kept.runs[own.run.id])) for own in self.kept.deleted_runs.values()]


def visible(run: Run, account_id: str | None) -> bool:
    return account_id is None or run.owner == account_id or run.shared


@dataclass(frozen=True, slots=True)
class FakeTrainings:
    kept: Kept

    def add(self, training: Training) -> None:
        if training.id in self.kept.trainings:
            raise Conflict("There is already a training with this id.")
        self.kept.trainings[training.id] = isolated(training)

    def get(self, training_id: TrainingId) -> Training:
        if training_id not in self.kept.trainings:
            raise NotFound("There is no such training.")
        return isolated(self.kept.trainings[training_id])

    def save(self, training: Training) -> None:
        asked = self.get(training.id).cancel_requested or training.cancel_requested
        self.kept.trainings[training.id] = isolated(replace(training, cancel_requested=asked))

    def claim(self, training_id: TrainingId, *, worker: str, now: datetime, stale_before: datetime) -> Training | None:
        training = self.kept.trainings.get(training_id)
        taken = claimed(training, worker=worker, now=now, stale_before=stale_before) if training else None
        if taken is not None:
            self.kept.trainings[training_id] = taken
        return isolated(taken)

    def heartbeat(self, training_id: TrainingId, *, worker: str, at: datetime, progress: Progress) -> bool:
        training = self.kept.trainings.get(training_id)
        beaten = beating(training, worker=worker, at=at, progress=progress) if training else None
        if beaten is not None:
            self.kept.trainings[training_id] = beaten
        return beaten is not None

    def unfinished(self) -> Sequence[Training]:
        waiting = [own for own in self.kept.trainings.values() if not own.state.ended]
        return isolated(sorted(waiting, key=lambda own: (own.created_at, own.id)))

    def latest(self, *, owner: str | None = None, limit: int | None = 20) -> Sequence[Training]:
        theirs = [own for own in self.kept.trainings.values() if owner is None or own.owner == owner]
        return isolated(sorted(theirs, key=lambda own: (own.created_at, own.id), reverse=True)[:limit])
