"""A queue without a worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from application.ports.jobs import JobQueue
from domain.run import RunId
from domain.task import TaskId
from domain.training import TrainingId


@dataclass
class RememberedJobs:
    """Fulfils JobQueue; remembers what was asked for and does none of it."""

    asked: list[str] = field(default_factory=list)

    def score(self, run_id: RunId) -> None:
        self.asked.append(run_id)

    def train(self, training_id: TrainingId) -> None:
        self.asked.append(training_id)

    def report(self, run_id: RunId, report_id: str) -> None:
        self.asked.append(report_id)

    def task(self, task_id: TaskId) -> None:
        self.asked.append(task_id)


if TYPE_CHECKING:
    _jobs: JobQueue = RememberedJobs()
