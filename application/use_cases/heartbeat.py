"""A worker's heartbeat for the job it works on, by which it also learns that it has to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from application.ports.system import Clock
from domain.errors import Cancelled, StorageBusy
from domain.liveness import Liveness
from domain.run import Progress


class Lost(Exception):
    """The job is no longer this claim's: another worker took it over, or it was cancelled or deleted meanwhile."""


@dataclass
class Heartbeat:
    """Notes progress at most once a second, counted by a clock that nobody can set back.

    `note` writes the progress. It returns whether the job still belongs to the claim, and whether it is to be
    cancelled.
    """

    note: Callable[[Progress, datetime], tuple[bool, bool]]
    clock: Clock
    liveness: Liveness = field(default_factory=Liveness)
    last: float | None = None

    def __call__(self, progress: Progress, *, always: bool = False) -> None:
        """Raises Cancelled or Lost."""
        elapsed = self.clock.monotonic()
        if not always and self.last is not None and elapsed - self.last < self.liveness.between_beats.total_seconds():
            return
        self.last = elapsed
        try:
            ours, cancelled = self.note(progress, self.clock.now())
        except StorageBusy:  # the next one will do: nobody takes the job over before its worker was silent for long
            return
        if cancelled:
            raise Cancelled
        if not ours:
            raise Lost
