"""Records of workers, of unfinished jobs and of how jobs ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.queueing import JobKind, QueuedJob


class Workers(Protocol):
    """Heartbeats of the worker processes."""

    def heartbeat(self, name: str, *, at: datetime) -> None: ...
    def last_seen(self, *, until: datetime | None = None) -> datetime | None:
        """The latest heartbeat of any worker. With `until`, later heartbeats are ignored."""


@dataclass(frozen=True, slots=True)
class JobTotal:
    """All jobs of one kind and outcome since the installation was created.

    `rows` are customers scored, `rejected` are rows that could not be read.
    """

    kind: str
    outcome: str
    jobs: int = 0
    seconds: float = 0.0
    rows: int = 0
    rejected: int = 0


class JobTotals(Protocol):
    """Totals of ended jobs. They only grow: deleting a run does not change them."""

    def add(self, more: JobTotal) -> None:
        """Add to the total of the same kind and outcome."""

    def all(self) -> Sequence[JobTotal]:
        """All totals, ordered by kind, then outcome."""


class WorkQueue(Protocol):
    """Unfinished scorings and trainings of all accounts, for the scheduler."""

    def unfinished(self) -> Sequence[QueuedJob]:
        """Queued and running jobs, oldest first."""

    def turns(self, since: datetime) -> Mapping[str, datetime]:
        """The start of each owner's latest job, among jobs that began at `since` or later. Includes ended jobs."""

    def touch(self, kind: JobKind, job_id: str, *, worker: str, at: datetime) -> bool:
        """Store a heartbeat of a running job without progress. False if the claim was lost."""
