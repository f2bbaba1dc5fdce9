"""The heartbeat of a job. It stores progress and tells the worker when the job was cancelled or the claim lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from application.ports.system import Clock
from domain.errors import Cancelled, StorageBusy
from domain.liveness import Liveness
from domain.progress import Progress, Stage
from domain.time_left import TimeLeft


class Lost(Exception):
    """The claim on the job was lost: another worker took it over, or it was cancelled or deleted."""


@dataclass
class Heartbeat:
    """Records progress at the beginning of each stage and else a few times a second, measured by a monotonic clock.

    `note` writes the progress. It returns whether the claim is still valid, and whether the job is to be cancelled.
    `share` says how much of the whole job is done at a progress; the share and the time left are noted with it.
    """

    note: Callable[[Progress, datetime], tuple[bool, bool]]
    clock: Clock
    liveness: Liveness = field(default_factory=Liveness)
    share: Callable[[Progress], float | None] = lambda _: None
    last: float | None = None
    stage: Stage | None = None
    began: float | None = None
    whole: float | None = None
    time_left: TimeLeft = field(default_factory=TimeLeft)

    def __call__(self, progress: Progress, *, always: bool = False) -> None:
        """Raises Cancelled if the job is to be cancelled, Lost if the claim was lost."""
        elapsed = self.clock.monotonic()
        if not (always or self._is_due(progress, elapsed)):
            return
        self.last, self.stage = elapsed, progress.stage
        try:
            ours, cancelled = self.note(self._measured(progress, elapsed), self.clock.now())
        except StorageBusy:  # the next call tries again: a job is taken over only after a long silence of its worker
            return
        if cancelled:
            raise Cancelled
        if not ours:
            raise Lost

    def _is_due(self, progress: Progress, elapsed: float) -> bool:
        if self.last is None or progress.stage is not self.stage:
            return True
        return elapsed - self.last >= self.liveness.between_beats.total_seconds()

    def _measured(self, progress: Progress, elapsed: float) -> Progress:
        """With the share of the job and the time left. The share never falls, though rows are estimated at first."""
        self.began = elapsed if self.began is None else self.began
        share = self.share(progress)
        if share is not None:
            self.whole = max(share, self.whole or 0.0)
        return replace(progress, whole=self.whole, left=self.time_left(elapsed - self.began, self.whole))
