"""Work that outlives a request."""

from __future__ import annotations

from typing import Protocol

from domain.run import RunId
from domain.training import TrainingId


class JobQueue(Protocol):
    """Hands work to a worker; the database, not the queue, is the truth about what is still to do.

    Never fails: a job that the queue does not take is found in the database by a worker and queued then.
    """

    def score(self, run_id: RunId) -> None: ...
    def train(self, training_id: TrainingId) -> None: ...
    def report(self, run_id: RunId, report_id: str) -> None: ...
