"""How a worker processes scorings, trainings and tasks: claim, heartbeat, and how each end is stored.

The claim is checked in the transaction that stores the outcome. A worker that lost its claim stores nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.jobs.claims import Claim, Claims, job_of
from application.use_cases.jobs.heartbeat import Heartbeat, Lost
from application.use_cases.jobs.run_job import run_claimed
from application.use_cases.permissions import NewUnitOfWork
from domain.errors import NotFound, StorageBusy
from domain.liveness import Liveness
from domain.progress import Progress
from domain.question import Question
from domain.run import Run
from domain.task import Task
from domain.training import Training

MAX_TRIES = 6
"""Attempts to store an outcome. Each one waits for the database's lock as long as any writer does."""
W = TypeVar("W", Run, Training, Task)


class Rows(Protocol[W]):
    """The methods of the repositories of work that job processing needs."""

    def get(self, job_id: Any, /) -> W: ...
    def save(self, work: W, /) -> None: ...
    def claim(self, job_id: Any, /, *, worker: str, now: datetime, stale_before: datetime) -> W | None: ...
    def heartbeat(self, job_id: Any, /, *, worker: str, at: datetime, progress: Progress) -> bool: ...


@dataclass(frozen=True, slots=True)
class ClaimedWork(Generic[W]):
    """A job that this process has claimed.

    `went_wrong` is the message shown to its owner after an error on our side.
    """

    new_uow: NewUnitOfWork
    rows: Callable[[UnitOfWork], Rows[W]]
    clock: Clock
    liveness: Liveness
    claim: Claim
    went_wrong: str
    discard: Callable[[UnitOfWork, W], Callable[[], None]] | None = None
    """Called in the transaction that stores a failed or cancelled job. Returns an action to do after the commit."""

    def heartbeat(self) -> Heartbeat:
        return Heartbeat(self._note, self.clock, self.liveness)

    def cancel(self) -> W:
        return self._end_without_result(lambda current: current.cancelled(at=self.clock.now()))

    def fail(self, words: str, question: Question | None = None) -> W:
        return self._end_without_result(lambda current: current.failed(words, at=self.clock.now(), question=question))

    def fail_by_our_error(self) -> tuple[W, bool]:
        ended = self._end_without_result(self._cancelled_or_failed)
        return ended, ended.cancel_requested

    def _cancelled_or_failed(self, current: W) -> W:
        """Cancelled if the owner or a deletion of the account asked for it, else failed.

        Deleting an account cancels its jobs and deletes their uploads at once, which makes a running job fail.
        """
        now = self.clock.now()
        return current.cancelled(at=now) if current.cancel_requested else current.failed(self.went_wrong, at=now)

    def _end_without_result(self, change: Callable[[W], W]) -> W:
        afterwards: list[Callable[[], None]] = []

        def store(uow: UnitOfWork, ended: W) -> None:
            if self.discard is not None:
                afterwards.append(self.discard(uow, ended))

        ended = self.end(change, store=store)
        for act in afterwards:
            act()
        return ended

    def store(self, store: Callable[[UnitOfWork], object]) -> None:
        """Store intermediate data in a separate transaction. Raises Lost, and stores nothing, if the claim was lost."""
        self.end(lambda current: current, store=lambda uow, _: store(uow))

    def end(self, change: Callable[[W], W], *, store: Callable[[UnitOfWork, W], object] | None = None) -> W:
        """Store the outcome, and the data that `store` adds, in one transaction.

        Raises Lost, and stores nothing, if the claim was lost. Tries again while other writers lock the database, and
        finally raises StorageBusy.
        """
        for _ in range(MAX_TRIES - 1):
            try:
                return self._end(change, store)
            except StorageBusy:
                continue
        return self._end(change, store)

    def _end(self, change: Callable[[W], W], store: Callable[[UnitOfWork, W], object] | None) -> W:
        with self.new_uow() as uow:
            current = self._current(uow)
            if current is None or not current.belongs_to(self.claim.name):
                raise Lost
            ended = change(current)
            if store is not None:
                store(uow, ended)
            if ended is not current:
                self.rows(uow).save(ended)
            uow.commit()
        return ended

    def _note(self, progress: Progress, at: datetime) -> tuple[bool, bool]:
        job_id, name = self.claim.job.id, self.claim.name
        with self.new_uow() as uow:
            ours = self.rows(uow).heartbeat(job_id, worker=name, at=at, progress=progress)
            current = None if ours else self._current(uow)
            uow.commit()
        return ours, current is not None and current.belongs_to(name) and current.cancel_requested

    def _current(self, uow: UnitOfWork) -> W | None:
        """The current row of the job; None if it was deleted."""
        try:
            return self.rows(uow).get(self.claim.job.id)
        except NotFound:
            return None


@dataclass(frozen=True, slots=True)
class JobRunner(Generic[W]):
    """Claims scorings, trainings or tasks and runs them to their end.

    `went_wrong` and `discard` are as in ClaimedWork.
    """

    new_uow: NewUnitOfWork
    rows: Callable[[UnitOfWork], Rows[W]]
    clock: Clock
    liveness: Liveness
    claims: Claims
    went_wrong: str
    discard: Callable[[UnitOfWork, W], Callable[[], None]] | None = None

    def run(
        self, job_id: str, work: Callable[[ClaimedWork[W], Heartbeat], W], *, claim: Claim | None = None
    ) -> W | None:
        """Returns the ended job; None if another worker has claimed it.

        Without a `claim`, claims and releases the job itself.
        """
        if claim is not None:
            return self._run(claim, work)
        own = self._claim(job_id)
        if own is None:
            return None
        try:
            return self._run(own, work)
        finally:
            self.claims.release(own)

    def _run(self, claim: Claim, work: Callable[[ClaimedWork[W], Heartbeat], W]) -> W | None:
        job = ClaimedWork(
            self.new_uow, self.rows, self.clock, self.liveness, claim, self.went_wrong, discard=self.discard
        )
        return run_claimed(job, lambda: work(job, job.heartbeat()))

    def _claim(self, job_id: str) -> Claim | None:
        """None if this process or another one has claimed the job."""
        with self.claims.choosing():
            if self.claims.holds(job_id):
                return None
            now, name = self.clock.now(), self.claims.new_name()
            with self.new_uow() as uow:
                stale_before = self.liveness.stale_before(now)
                work = self.rows(uow).claim(job_id, worker=name, now=now, stale_before=stale_before)
                uow.commit()
            if work is None:
                return None
            claim = Claim(job_of(work), name)
            self.claims.add(claim)
            return claim
