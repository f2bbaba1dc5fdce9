"""The order in which workers take jobs. Pure functions; the caller queries the database.

People take turns: the person whose last job began longest ago is next. Among people who had no turn lately, small jobs
go before large ones, then the oldest first. A large job lets small ones pass for MAX_LARGE_WAIT at most, so no job
waits for ever.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.liveness import MAX_CLOCK_AHEAD, Liveness

MAX_LARGE_WAIT = timedelta(minutes=10)
"""A large job that came this much earlier than a small one goes before it."""
TURN_REMEMBERED = timedelta(minutes=10)
"""A person whose last job began longer ago counts as one who had no turn."""
MAX_SMALL_BYTES = 8 * 1024**2
MAX_SMALL_ROWS = 50_000


class JobKind(StrEnum):
    SCORING = "score"
    TRAINING = "train"
    REPORT = "report"
    TASK = "task"


FILE_KINDS = frozenset({JobKind.SCORING, JobKind.TRAINING})
"""The jobs that work on an uploaded file."""


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """A scoring, a training, a report or a task as the scheduler sees it. `heartbeat_at` is its worker's last one."""

    kind: JobKind
    id: str
    owner: str
    created_at: datetime
    small: bool
    heartbeat_at: datetime | None = None

    @property
    def due(self) -> datetime:
        return self.created_at if self.small else self.created_at + MAX_LARGE_WAIT

    def is_free(self, liveness: Liveness, now: datetime) -> bool:
        """Whether it waits for a worker: it is queued, or its worker is silent."""
        return not liveness.lives(self.heartbeat_at, now)


def is_small(file_bytes: int, rows: int | None) -> bool:
    """Whether scoring a file takes seconds. `rows` is an estimate; None where there is none."""
    return file_bytes <= MAX_SMALL_BYTES and (rows is None or rows <= MAX_SMALL_ROWS)


def may_take_large(large_running: int, *, threads: int) -> bool:
    """Whether a process with this many threads may begin another large job: one thread is kept for small ones."""
    return large_running < max(1, threads - 1)


def in_order(waiting: Iterable[QueuedJob], turns: Mapping[str, datetime], now: datetime) -> Iterator[QueuedJob]:
    """The jobs in the order in which one worker would take them. `turns`: when each person's last job began."""
    own: dict[str, list[tuple[datetime, datetime, str, QueuedJob]]] = {}
    for job in waiting:
        heapq.heappush(own.setdefault(job.owner, []), (job.due, job.created_at, job.id, job))
    people = [(_turn(turns.get(owner), now), jobs[0][:3], owner) for owner, jobs in own.items()]
    heapq.heapify(people)
    taken = 0.0
    while people:
        owner = heapq.heappop(people)[2]
        yield heapq.heappop(own[owner])[3]
        taken += 1
        if own[owner]:
            heapq.heappush(people, ((2, taken), own[owner][0][:3], owner))


def next_job(
    waiting: Iterable[QueuedJob], turns: Mapping[str, datetime], now: datetime, *, large_too: bool = True
) -> QueuedJob | None:
    """The job that a free worker takes; without `large_too` only a small one. None if no job waits."""
    return next(in_order((job for job in waiting if large_too or job.small), turns, now), None)


def _turn(began: datetime | None, now: datetime) -> tuple[int, float]:
    """Sorts people: no turn lately, then those whose last turn is longest ago, then those who had one meanwhile."""
    if began is None or not now - TURN_REMEMBERED <= began <= now + MAX_CLOCK_AHEAD:
        return (0, 0.0)
    return (1, began.timestamp())


@dataclass(frozen=True, slots=True)
class QueuePlace:
    """How many waiting jobs of others and of the same person are before one. `files_only`: each works on a file."""

    others: int = 0
    own: int = 0
    files_only: bool = True

    @property
    def words(self) -> str:
        """One sentence for the person who waits."""
        noun = "file" if self.files_only else "job"
        before = self.others + self.own
        if not before:
            return f"It is the next {noun} in the queue."
        first = self.others or self.own
        counted = f"{first} {noun}{'s' if first > 1 else ''}"
        whose = "of other people" if self.others else "of yours"
        more = f" and {self.own} of yours" if self.others and self.own else ""
        return f"{counted} {whose}{more} {'is' if before == 1 else 'are'} before it."


def place_of(
    job_id: str, waiting: Iterable[QueuedJob], turns: Mapping[str, datetime], now: datetime
) -> QueuePlace | None:
    """The job's place in the queue; None where it does not wait."""
    before: list[QueuedJob] = []
    for job in in_order(waiting, turns, now):
        if job.id == job_id:
            own = sum(one.owner == job.owner for one in before)
            return QueuePlace(len(before) - own, own, all(one.kind in FILE_KINDS for one in before))
        before.append(job)
    return None
