"""Metrics for a monitoring system: waiting jobs, job totals and storage use. They hold no personal data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from application.ports.exports import ExportState, ExportStore
from application.ports.job_records import JobTotal
from application.ports.system import Clock, Storage, StorageUse
from application.use_cases.permissions import NewUnitOfWork
from domain.liveness import MAX_CLOCK_AHEAD
from domain.run import Job, JobState

KINDS = ("score", "train")
"""Kinds of jobs that are queued in the database."""
WAITING_STATES = (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class InstallationFigures:
    """The state of the installation now; ages in seconds, never negative."""

    unfinished: Mapping[tuple[str, str], int]
    """Jobs by kind and state. Contains every kind and state, even if the number is 0."""
    oldest_waiting: float
    """Age of the oldest queued job; 0 if there is none."""
    worker_seen: float | None
    """Time since the last heartbeat of a worker; None if there has never been one."""
    totals: Sequence[JobTotal]


@dataclass(frozen=True, slots=True)
class MeasureInstallation:
    """Measures the installation with a few short queries in one read transaction."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self) -> InstallationFigures:
        with self.new_uow() as uow:
            work: list[tuple[str, Job]] = [("score", run) for run in uow.runs.unfinished()]
            work += [("train", training) for training in uow.trainings.unfinished()]
            seen = uow.workers.last_seen(until=self.clock.now() + MAX_CLOCK_AHEAD)
            totals = uow.job_totals.all()
        now = self.clock.now()
        counts = Counter((kind, str(job.state)) for kind, job in work)
        since = [job.created_at for _, job in work if job.state is JobState.QUEUED]
        return InstallationFigures(
            unfinished={(kind, str(state)): counts[kind, str(state)] for kind in KINDS for state in WAITING_STATES},
            oldest_waiting=max(0.0, (now - min(since)).total_seconds()) if since else 0.0,
            worker_seen=None if seen is None else max(0.0, (now - seen).total_seconds()),
            totals=totals,
        )


@dataclass(frozen=True, slots=True)
class FileFigures:
    """Bytes by kind of data, and unfinished exports by state."""

    storage: StorageUse
    exports: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MeasureFiles:
    """Measures the data directory. Reads every folder, so callers cache the result."""

    storage: Storage
    exports: ExportStore

    def __call__(self) -> FileFigures:
        waiting = Counter(str(record.state) for record in self.exports.unfinished())
        states = (ExportState.WAITING, ExportState.MAKING)
        return FileFigures(self.storage.use(), {str(state): waiting[state] for state in states})


@dataclass(frozen=True, slots=True)
class RecordJob:
    """Adds an ended job to the totals."""

    new_uow: NewUnitOfWork

    def __call__(self, ended: JobTotal) -> None:
        with self.new_uow() as uow:
            uow.job_totals.add(ended)
            uow.commit()
