"""The job queue: the next job for a worker, a job's position, and the limit of waiting files per account.

The database decides. The message queue only wakes workers, so messages that are lost or doubled change nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from application.ports.exports import ExportRecord, ExportState, ExportStore
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.jobs.claims import Claim, Claims
from application.use_cases.permissions import NewUnitOfWork
from domain.account import Account
from domain.errors import TooManyWaiting
from domain.liveness import DEFAULT_LIVENESS, Liveness
from domain.queueing import FILE_KINDS, TURN_REMEMBERED, JobKind, QueuedJob, QueuePlace, next_job, place_of
from domain.run import SYSTEM_OWNER, RunId
from domain.task import TaskId
from domain.training import TrainingId

MAX_WAITING = 20
"""Maximum number of files that a person can have waiting, unless the installation sets another limit."""
RETRY_AFTER = 30


@dataclass(frozen=True, slots=True)
class Queue:
    """Jobs that no worker has claimed, and the start of each person's latest job."""

    waiting: tuple[QueuedJob, ...]
    turns: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class ReadQueue:
    """The queue of the whole installation: scorings, trainings, tasks and exports."""

    exports: ExportStore
    claims: Claims
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, uow: UnitOfWork, exports: Sequence[QueuedJob], now: datetime) -> Queue:
        jobs = [job for job in uow.queue.unfinished() if job.is_free(self.liveness, now)]
        turns = dict(uow.queue.turns(now - TURN_REMEMBERED))
        for owner, began in self.claims.turns().items():
            turns[owner] = max(began, turns.get(owner, began))
        return Queue((*jobs, *exports), turns)

    def waiting_exports(self) -> list[QueuedJob]:
        """Exports that wait for a worker. They are files, so they are read before the transaction."""
        return [_job_of(record) for record in self.exports.unfinished() if record.state is ExportState.WAITING]


def _job_of(record: ExportRecord) -> QueuedJob:
    order = record.order
    return QueuedJob(JobKind.REPORT, f"{order.run_id}/{order.id}", str(order.owner), order.at, small=True)


@dataclass(frozen=True, slots=True)
class ClaimNext:
    """Claims the next job for a free thread, in one transaction.

    None if no job waits for this process, or if the process is about to be replaced and takes no more jobs.
    """

    new_uow: NewUnitOfWork
    read: ReadQueue
    claims: Claims
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, *, but: Collection[str] = ()) -> Claim | None:
        """The caller does the job and must release the claim, even after an error. Exports in `but` are left out."""
        exports = [job for job in self.read.waiting_exports() if job.id not in but]
        with self.claims.choosing():
            if self.claims.closing:
                return None
            now, name = self.clock.now(), self.claims.new_name()
            with self.new_uow() as uow:
                job = self._claimed(uow, exports, name, now)
                uow.commit()
            if job is None:
                return None
            claim = Claim(job, name)
            self.claims.add(claim, at=now)
        return claim

    def _claimed(self, uow: UnitOfWork, exports: Sequence[QueuedJob], name: str, now: datetime) -> QueuedJob | None:
        queue = self.read(uow, exports, now)
        exporting = any(claim.job.kind is JobKind.REPORT for claim in self.claims.held())
        waiting = [
            job
            for job in queue.waiting
            if not self.claims.holds(job.id) and not (exporting and job.kind is JobKind.REPORT)
        ]
        while True:
            job = next_job(waiting, queue.turns, now, large_too=self.claims.takes_large)
            if job is None or self._take(uow, job, name, now):
                return job
            waiting.remove(job)  # another process claimed it first

    def _take(self, uow: UnitOfWork, job: QueuedJob, name: str, now: datetime) -> bool:
        stale = self.liveness.stale_before(now)
        if job.kind is JobKind.SCORING:
            return uow.runs.claim(RunId(job.id), worker=name, now=now, stale_before=stale) is not None
        if job.kind is JobKind.TRAINING:
            return uow.trainings.claim(TrainingId(job.id), worker=name, now=now, stale_before=stale) is not None
        if job.kind is JobKind.TASK:
            return uow.tasks.claim(TaskId(job.id), worker=name, now=now, stale_before=stale) is not None
        return True  # the export store lets only one worker claim each export


@dataclass(frozen=True, slots=True)
class TouchClaims:
    """Updates the heartbeat of every job of this process, so that long steps without progress do not look abandoned."""

    new_uow: NewUnitOfWork
    claims: Claims
    clock: Clock

    def __call__(self) -> None:
        held = self.claims.held()
        if not held:
            return
        with self.new_uow() as uow:
            for claim in held:
                uow.queue.touch(claim.job.kind, claim.job.id, worker=claim.name, at=self.clock.now())
            uow.commit()


@dataclass(frozen=True, slots=True)
class ViewPlace:
    """Counts the jobs before a waiting one; None if it does not wait. The caller checks who may see the job."""

    new_uow: NewUnitOfWork
    read: ReadQueue
    clock: Clock

    def __call__(self, job_id: str) -> QueuePlace | None:
        exports, now = self.read.waiting_exports(), self.clock.now()
        with self.new_uow() as uow:
            queue = self.read(uow, exports, now)
        return place_of(job_id, queue.waiting, queue.turns, now)


def must_have_room(uow: UnitOfWork, by: Account, *, now: datetime, liveness: Liveness, most: int = MAX_WAITING) -> None:
    """Raises TooManyWaiting if the person already has the maximum number of files waiting."""
    if by.id == SYSTEM_OWNER:
        return
    own = sum(
        job.owner == by.id and job.kind in FILE_KINDS and job.is_free(liveness, now) for job in uow.queue.unfinished()
    )
    if own >= most:
        files = "file" if own == 1 else "files"
        raise TooManyWaiting(
            f"You have {own} {files} waiting. This one was not stored. Upload it when some of them are done, or "
            "cancel some of them first.",
            retry_after=RETRY_AFTER,
        )
