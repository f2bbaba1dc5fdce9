"""Predictions whose deletion can still be undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.run import Run, RunId


@dataclass(frozen=True, slots=True)
class DeletedRun:
    """A deleted run, hidden from everybody. Runs of a batch were deleted together and are restored together.

    `by` is the email of the person who deleted it, and `address` that person's IP address, for the audit log.
    """

    run: Run
    batch: str
    at: datetime
    by: str
    address: str = ""


class DeletedRuns(Protocol):
    """Runs that are hidden until their deletion is undone or carried out.

    `Runs.get` and `Runs.find` do not have them, nor do histories of customers and lists of gradings. All that belongs
    to them is still stored. `Runs.remove` carries the deletion out.
    """

    def add(self, deleted: DeletedRun) -> None:
        """Hide a run. Raises RunNotFound if there is none, or if it is hidden already."""

    def of_batch(self, batch: str) -> Sequence[DeletedRun]:
        """In the order of the runs' creation."""

    def until(self, at: datetime) -> Sequence[DeletedRun]:
        """Runs that were deleted at or before this time, oldest deletion first."""

    def restore(self, run_id: RunId) -> None:
        """Show the run again. Raises RunNotFound if it is not hidden."""
