"""Work that outlives a request."""

from __future__ import annotations

from typing import Protocol

from domain.run import RunId
from domain.training import TrainingId


class JobQueue(Protocol):
    """Tells workers that there is work. The database says what is to be done, and who is next.

    A queue that cannot take a message is no error: workers look for waiting jobs by themselves, too.
    """

    def score(self, run_id: RunId) -> None: ...
    def train(self, training_id: TrainingId) -> None: ...
    def report(self, run_id: RunId, report_id: str) -> None: ...
