"""A worker's signs of life for the job it has in hand, which are also how it learns that it should stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.ports.system import Clock
from domain.errors import Cancelled, StorageBusy
from domain.run import Progress

STALE = timedelta(seconds=30)
"""A job whose worker gave no sign of life for so long is taken over."""
BETWEEN_BEATS = timedelta(seconds=1)


class Lost(Exception):
    """Another worker has taken the job over."""


@dataclass
class Heartbeat:
    """Notes progress at most once a second.

    `note` writes it, and says whether the job is still this worker's, and whether its cancelling was asked for.
    """

    note: Callable[[Progress, datetime], tuple[bool, bool]]
    clock: Clock
    last: datetime | None = None

    def __call__(self, progress: Progress, *, always: bool = False) -> None:
        """Raises Cancelled or Lost."""
        now = self.clock.now()
        if not always and self.last is not None and now - self.last < BETWEEN_BEATS:
            return
        self.last = now
        try:
            ours, cancelled = self.note(progress, now)
        except StorageBusy:  # the next one will do: nobody takes the job over before half a minute is over
            return
        if cancelled:
            raise Cancelled
        if not ours:
            raise Lost
