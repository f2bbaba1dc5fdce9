"""Which job a worker takes next, where a waiting one stands, and how many a person may have waiting.

The database decides. The message queue only wakes workers, so messages that are lost or doubled change nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from application.ports.exports import ExportRecord, ExportState, ExportStore
from application.ports.persistence import UnitOfWork
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork
from application.use_cases.claims import Claim, Claims
from domain.account import Account
from domain.errors import TooManyWaiting
from domain.liveness import Liveness
from domain.queueing import TURN_REMEMBERED, Job, JobKind, QueuePlace, next_job, place_of
from domain.run import DEFAULT_LIVENESS, SYSTEM_OWNER, RunId
from domain.training import TrainingId

MAX_WAITING = 20
"""Files that a person may have waiting, where the installation does not say otherwise."""
RETRY_AFTER = 30


@dataclass(frozen=True, slots=True)
class Queue:
    """Jobs that nobody works on, and when each person's last job began."""

    waiting: tuple[Job, ...]
    turns: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class ReadQueue:
    """The queue of the whole installation: scorings, trainings and exports."""

    exports: ExportStore
    claims: Claims
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, uow: UnitOfWork, exports: Sequence[Job], now: datetime) -> Queue:
        jobs = [job for job in uow.queue.unfinished() if job.is_free(self.liveness, now)]
        turns = dict(uow.queue.turns(now - TURN_REMEMBERED))
        for owner, began in self.claims.turns().items():
            turns[owner] = max(began, turns.get(owner, began))
        return Queue((*jobs, *exports), turns)

    def waiting_exports(self) -> list[Job]:
        """Read before the transaction: they are files."""
        return [_job_of(record) for record in self.exports.unfinished() if record.state is ExportState.WAITING]


def _job_of(record: ExportRecord) -> Job:
    order = record.order
    return Job(JobKind.REPORT, f"{order.run_id}/{order.id}", str(order.owner), order.at, small=True)


@dataclass(frozen=True, slots=True)
class ClaimNext:
    """Claim the next job for a free thread, in one transaction; None where nothing waits for this process."""

    new_uow: NewUnitOfWork
    read: ReadQueue
    claims: Claims
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, *, but: Collection[str] = ()) -> Claim | None:
        """The caller works on it, and releases it in any case. Exports among `but` are left out."""
        exports = [job for job in self.read.waiting_exports() if job.id not in but]
        with self.claims.choosing():
            now, name = self.clock.now(), self.claims.new_name()
            with self.new_uow() as uow:
                job = self._claimed(uow, exports, name, now)
                uow.commit()
            if job is None:
                return None
            claim = Claim(job, name)
            self.claims.add(claim, at=now)
        return claim

    def _claimed(self, uow: UnitOfWork, exports: Sequence[Job], name: str, now: datetime) -> Job | None:
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
            waiting.remove(job)  # another process was quicker

    def _take(self, uow: UnitOfWork, job: Job, name: str, now: datetime) -> bool:
        stale = self.liveness.stale_before(now)
        if job.kind is JobKind.SCORING:
            return uow.runs.claim(RunId(job.id), worker=name, now=now, stale_before=stale) is not None
        if job.kind is JobKind.TRAINING:
            return uow.trainings.claim(TrainingId(job.id), worker=name, now=now, stale_before=stale) is not None
        return True  # the store of exports gives each to one worker


@dataclass(frozen=True, slots=True)
class TouchClaims:
    """Show that this process lives for every job it works on, also during a long step without progress."""

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
    """How many jobs are before a waiting one; None where it does not wait. Who may see the job is asked before."""

    new_uow: NewUnitOfWork
    read: ReadQueue
    clock: Clock

    def __call__(self, job_id: str) -> QueuePlace | None:
        exports, now = self.read.waiting_exports(), self.clock.now()
        with self.new_uow() as uow:
            queue = self.read(uow, exports, now)
        return place_of(job_id, queue.waiting, queue.turns, now)


def must_have_room(uow: UnitOfWork, by: Account, *, now: datetime, most: int = MAX_WAITING) -> None:
    """Raises TooManyWaiting where the person has as many files waiting as one person may have."""
    if by.id == SYSTEM_OWNER:
        return
    own = sum(job.owner == by.id and job.is_free(DEFAULT_LIVENESS, now) for job in uow.queue.unfinished())
    if own >= most:
        files = "file" if own == 1 else "files"
        raise TooManyWaiting(
            f"You have {own} {files} waiting. This one was not stored. Upload it when some of them are done, or "
            "cancel some of them first.",
            retry_after=RETRY_AFTER,
        )
