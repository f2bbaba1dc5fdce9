"""When a worker counts as not running. The banner, health page, `/readyz` and take-over of jobs use this rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

MAX_CLOCK_AHEAD = timedelta(seconds=5)
"""A heartbeat may be this far in the future, as clocks of two machines differ. Beyond, the clock was set back."""
MAX_BETWEEN_BEATS = timedelta(seconds=0.4)


@dataclass(frozen=True, slots=True)
class Liveness:
    """A worker is silent once its last heartbeat is older than `silent_after`."""

    silent_after: timedelta = timedelta(seconds=30)

    def __post_init__(self) -> None:
        if self.silent_after <= timedelta(0):
            raise ValueError("a worker needs some time between two heartbeats")

    def stale_before(self, now: datetime) -> datetime:
        """Heartbeats before this moment are too old."""
        return now - self.silent_after

    def newest(self, now: datetime) -> datetime:
        """Heartbeats after this moment are from the future."""
        return now + MAX_CLOCK_AHEAD

    def lives(self, heartbeat: datetime | None, now: datetime) -> bool:
        """Whether a heartbeat shows that its worker is running. One from the future is ignored: a clock changed."""
        return heartbeat is not None and self.stale_before(now) <= heartbeat <= self.newest(now)

    def waits_long(self, queued_at: datetime, now: datetime) -> bool:
        """Whether a job has been queued so long that the message to the workers may have been lost."""
        return queued_at < self.stale_before(now)

    @property
    def between_beats(self) -> timedelta:
        """How often a job notes its progress."""
        return min(MAX_BETWEEN_BEATS, self.silent_after / 5)


DEFAULT_LIVENESS = Liveness()
