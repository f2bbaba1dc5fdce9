"""The jobs that this process works on, each under a name that no other claim ever had."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from domain.queueing import Job, JobKind, is_small, may_take_large
from domain.run import Run
from domain.training import Training


def job_of(work: Run | Training) -> Job:
    """A scoring or training as the scheduler sees it. A training is never small."""
    kind = JobKind.SCORING if isinstance(work, Run) else JobKind.TRAINING
    small = kind is JobKind.SCORING and is_small(work.file_bytes, work.progress.of)
    return Job(kind, work.id, work.owner, work.created_at, small, work.heartbeat_at)


@dataclass(frozen=True, slots=True)
class Claim:
    """One taking of one job. `name` stands in the job's row for as long as the claim holds."""

    job: Job
    name: str


@dataclass
class Claims:
    """Claims of one process, whose `threads` work on jobs. Safe to use from several threads."""

    process: str
    threads: int = 1
    _held: dict[str, Claim] = field(default_factory=dict)
    _turns: dict[str, datetime] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def new_name(self) -> str:
        return f"{self.process}#{secrets.token_hex(6)}"

    def held(self) -> tuple[Claim, ...]:
        with self._lock:
            return tuple(self._held.values())

    def holds(self, job_id: str) -> bool:
        """Whether a thread of this process works on the job, whatever the database says by now."""
        with self._lock:
            return job_id in self._held

    @property
    def takes_large(self) -> bool:
        """Whether a large job may begin: one thread stays free for small ones where there are several."""
        return may_take_large(sum(not claim.job.small for claim in self.held()), threads=self.threads)

    @contextmanager
    def choosing(self) -> Iterator[None]:
        """One thread at a time looks for work, so that what it decides by still holds when it has claimed a job."""
        with self._lock:
            yield

    def add(self, claim: Claim, *, at: datetime | None = None) -> None:
        """`at`: when the job begins; it counts as a turn of its owner."""
        with self._lock:
            self._held[claim.job.id] = claim
            if at is not None:
                self._turns[claim.job.owner] = at

    def turns(self) -> dict[str, datetime]:
        """When the last job of each person began in this process. Exports leave no such trace in the database."""
        with self._lock:
            return dict(self._turns)

    def release(self, claim: Claim) -> None:
        with self._lock:
            if self._held.get(claim.job.id) is claim:
                del self._held[claim.job.id]
