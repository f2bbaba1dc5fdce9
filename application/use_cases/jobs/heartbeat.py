"""The heartbeat of a job. It stores progress and tells the worker when the job was cancelled or the claim lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from application.ports.system import Clock
from domain.errors import Cancelled, StorageBusy
from domain.liveness import Liveness
from domain.progress import Progress


class Lost(Exception):
    """The claim on the job was lost: another worker took it over, or it was cancelled or deleted."""


@dataclass
class Heartbeat:
    """Records progress at most once a second, measured by a monotonic clock.

    `note` writes the progress. It returns whether the claim is still valid, and whether the job is to be cancelled.
    """

    note: Callable[[Progress, datetime], tuple[bool, bool]]
    clock: Clock
    liveness: Liveness = field(default_factory=Liveness)
    last: float | None = None

    def __call__(self, progress: Progress, *, always: bool = False) -> None:
        """Raises Cancelled if the job is to be cancelled, Lost if the claim was lost."""
        elapsed = self.clock.monotonic()
        if not always and self.last is not None and elapsed - self.last < self.liveness.between_beats.total_seconds():
            return
        self.last = elapsed
        try:
            ours, cancelled = self.note(progress, self.clock.now())
        except StorageBusy:  # the next call tries again: a job is taken over only after a long silence of its worker
            return
        if cancelled:
            raise Cancelled
        if not ours:
            raise Lost
