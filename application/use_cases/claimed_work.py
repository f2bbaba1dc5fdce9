"""One way to work on a claimed job, for scorings and trainings: heartbeat, outcome, and what may go wrong.

The claim is checked in the transaction that stores the outcome. A worker that lost its claim stores nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from application.ports.persistence import UnitOfWork
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork
from application.use_cases.claims import Claim, Claims, job_of
from application.use_cases.heartbeat import Heartbeat, Lost
from domain.errors import Cancelled, ChurnDeskError, NotFound, StorageBusy
from domain.liveness import Liveness
from domain.run import Progress, Run
from domain.training import Training

MAX_TRIES = 6
"""Each waits for the database's lock as long as any writer does."""
W = TypeVar("W", Run, Training)


class Rows(Protocol[W]):
    """The part of the repositories of runs and trainings that working on them needs."""

    def get(self, job_id: Any, /) -> W: ...
    def save(self, work: W, /) -> None: ...
    def claim(self, job_id: Any, /, *, worker: str, now: datetime, stale_before: datetime) -> W | None: ...
    def beat(self, job_id: Any, /, *, worker: str, at: datetime, progress: Progress) -> bool: ...


@dataclass(frozen=True, slots=True)
class ClaimedWork(Generic[W]):
    """A job in the hands of this process. `went_wrong` is what its person reads after an error of ours."""

    new_uow: NewUnitOfWork
    rows: Callable[[UnitOfWork], Rows[W]]
    clock: Clock
    liveness: Liveness
    claim: Claim
    went_wrong: str
    discard: Callable[[UnitOfWork, W], Callable[[], None]] | None = None
    """Called where a job fails or is cancelled, in that transaction; returns what to do after its commit."""

    def run_claimed(self, work: Callable[[Heartbeat], W]) -> W | None:
        """The ended job; None where the claim was lost. Errors of ours are stored and raised again."""
        try:
            return self._ended_by(work)
        except Lost:
            return None

    def _ended_by(self, work: Callable[[Heartbeat], W]) -> W:
        try:
            return work(Heartbeat(self._note, self.clock, self.liveness))
        except Lost:
            raise
        except Cancelled:
            return self._end_without_result(lambda current: current.cancelled(at=self.clock.now()))
        except ChurnDeskError as error:
            words = str(error)
            return self._end_without_result(lambda current: current.failed(words, at=self.clock.now()))
        except Exception:
            ended = self._end_without_result(self._cancelled_or_failed)
            if ended.cancel_requested:
                return ended
            raise

    def _cancelled_or_failed(self, current: W) -> W:
        """Where an account is deleted, its jobs are cancelled and their uploads go at once."""
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
        """Store something on the way, in a transaction of its own. Raises Lost, and stores nothing then."""
        self.end(lambda current: current, store=lambda uow, _: store(uow))

    def end(self, change: Callable[[W], W], *, store: Callable[[UnitOfWork, W], object] | None = None) -> W:
        """Store the outcome, and what `store` adds, in one transaction. Raises Lost, and stores nothing then.

        Tried again while others keep the database locked. Raises StorageBusy in the end.
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
            self.rows(uow).save(ended)
            uow.commit()
        return ended

    def _note(self, progress: Progress, at: datetime) -> tuple[bool, bool]:
        job_id, name = self.claim.job.id, self.claim.name
        with self.new_uow() as uow:
            ours = self.rows(uow).beat(job_id, worker=name, at=at, progress=progress)
            current = None if ours else self._current(uow)
            uow.commit()
        return ours, current is not None and current.belongs_to(name) and current.cancel_requested

    def _current(self, uow: UnitOfWork) -> W | None:
        """None where it was deleted meanwhile."""
        try:
            return self.rows(uow).get(self.claim.job.id)
        except NotFound:
            return None


@contextmanager
def claimed_by_id(
    claims: Claims,
    new_uow: NewUnitOfWork,
    rows: Callable[[UnitOfWork], Rows[W]],
    job_id: str,
    *,
    now: datetime,
    liveness: Liveness,
) -> Iterator[Claim | None]:
    """Claim one job while the block lasts; None where another claim has it, of this process or of another."""
    claim = None
    with claims.choosing():
        if not claims.holds(job_id):
            name = claims.new_name()
            with new_uow() as uow:
                work = rows(uow).claim(job_id, worker=name, now=now, stale_before=liveness.stale_before(now))
                uow.commit()
            if work is not None:
                claim = Claim(job_of(work), name)
                claims.add(claim)
    try:
        yield claim
    finally:
        if claim is not None:
            claims.release(claim)
