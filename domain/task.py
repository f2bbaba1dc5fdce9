"""Tasks: what a worker does with data that is stored already, such as planning a campaign."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NewType

from domain.run import JobState, Work

TaskId = NewType("TaskId", str)


class TaskKind(StrEnum):
    """What a task does with its subject: a campaign, the run whose recommendations are computed again or that is
    graded, or the files that a person makes labels from."""

    PLAN = "plan"
    START = "start"
    CLOSE = "close"
    RECOMPUTE = "recompute"
    LABEL = "label"
    GRADE = "grade"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Work):
    """One task. `argument` is what it needs besides its subject; `address` the IP address of the request.

    `result` is what a task found that only looks something up and changes nothing.
    """

    LABEL: ClassVar[str] = "task"
    id: TaskId
    kind: TaskKind
    subject: str
    argument: str = ""
    address: str = ""
    result: str = ""

    def done(self, *, at: datetime, result: str = "") -> Task:
        return replace(self._moved(JobState.DONE), finished_at=at, result=result)
