"""The queue of background jobs."""

from __future__ import annotations

from typing import Protocol

from domain.run import RunId
from domain.task import TaskId
from domain.training import TrainingId


class JobQueue(Protocol):
    """Wakes workers when a job is queued. The database decides which job is next.

    A queue that cannot accept a message raises no error: workers also poll for waiting jobs.
    """

    def score(self, run_id: RunId) -> None: ...
    def train(self, training_id: TrainingId) -> None: ...
    def report(self, run_id: RunId, report_id: str) -> None: ...
    def task(self, task_id: TaskId) -> None: ...
