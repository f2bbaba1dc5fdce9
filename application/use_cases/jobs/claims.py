"""Claims of this process: the jobs that it works on, each with a unique claim name."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from domain.queueing import JobKind, QueuedJob, is_small, may_take_large
from domain.run import Run
from domain.task import Task
from domain.training import Training


def job_of(work: Run | Training | Task) -> QueuedJob:
    """Work as the scheduler sees it. A training is never small; a task always is."""
    if isinstance(work, Task):
        return QueuedJob(JobKind.TASK, work.id, work.owner, work.created_at, True, work.heartbeat_at)
    kind = JobKind.SCORING if isinstance(work, Run) else JobKind.TRAINING
    small = kind is JobKind.SCORING and is_small(work.file_bytes, work.progress.of)
    return QueuedJob(kind, work.id, work.owner, work.created_at, small, work.heartbeat_at)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim on one job. The job's row holds `name` as long as the claim is valid."""

    job: QueuedJob
    name: str


@dataclass
class Claims:
    """Claims of one process, whose `threads` work on jobs. Safe to use from several threads."""

    process: str
    threads: int = 1
    max_jobs: int = 0
    """Number of jobs after which the process takes no more, so that a new one can replace it; 0: no limit."""
    _held: dict[str, Claim] = field(default_factory=dict)
    _turns: dict[str, datetime] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _ended: int = 0
    _closing: bool = False

    def new_name(self) -> str:
        return f"{self.process}#{secrets.token_hex(6)}"

    def held(self) -> tuple[Claim, ...]:
        with self._lock:
            return tuple(self._held.values())

    def holds(self, job_id: str) -> bool:
        """Whether a thread of this process works on the job, even if the database now says otherwise."""
        with self._lock:
            return job_id in self._held

    @property
    def takes_large(self) -> bool:
        """Whether a large job may begin. With several threads, one stays free for small jobs."""
        return may_take_large(sum(not claim.job.small for claim in self.held()), threads=self.threads)

    @contextmanager
    def choosing(self) -> Iterator[None]:
        """Lets one thread at a time choose a job, so that its choice is still valid when it claims the job."""
        with self._lock:
            yield

    def add(self, claim: Claim, *, at: datetime | None = None) -> None:
        """`at` is the time at which the job begins. It counts as its owner's turn in the queue."""
        with self._lock:
            self._held[claim.job.id] = claim
            if at is not None:
                self._turns[claim.job.owner] = at

    def turns(self) -> dict[str, datetime]:
        """For each owner, the start of their latest job in this process.

        The database does not record this for exports.
        """
        with self._lock:
            return dict(self._turns)

    def release(self, claim: Claim) -> None:
        with self._lock:
            if self._held.get(claim.job.id) is claim:
                del self._held[claim.job.id]
                self._ended += 1
                self._close_if_due()

    def _close_if_due(self) -> None:
        """Wait for a large job before closing: meanwhile, the other threads continue with small jobs."""
        if self.max_jobs and self._ended >= self.max_jobs and all(held.job.small for held in self.held()):
            self._closing = True

    @property
    def closing(self) -> bool:
        """Whether this process takes no more jobs."""
        with self._lock:
            return self._closing

    @property
    def finished(self) -> bool:
        """Whether this process takes no more jobs and has ended all that it took: it can be replaced."""
        with self._lock:
            return self._closing and not self._held
