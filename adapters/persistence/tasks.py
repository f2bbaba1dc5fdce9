"""Tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from adapters.persistence import claims
from adapters.persistence.json_documents import progress_from_json, to_json
from adapters.persistence.statements import add_rows, change_row, select_for_update
from adapters.persistence.tables.campaign_tables import tasks
from domain.errors import NotFound
from domain.progress import Progress
from domain.run import JobState
from domain.task import Task, TaskId, TaskKind

_UNFINISHED = (JobState.QUEUED.value, JobState.RUNNING.value)
MISSING = "There is no such task."


@dataclass(frozen=True, slots=True)
class SqlTasks:
    """Tasks in the table `tasks`."""

    connection: Connection

    def add(self, task: Task) -> None:
        add_rows(self.connection, tasks, [_to_row(task)], clash="There is already a task with this id.")

    def get(self, task_id: TaskId) -> Task:
        row = self.connection.execute(
            select_for_update(self.connection, select(tasks).where(tasks.c.id == task_id))
        ).first()
        if row is None:
            raise NotFound(MISSING)
        return _to_task(row)

    def save(self, task: Task) -> None:
        row = _to_row(task)
        if not task.cancel_requested:
            del row["cancel_requested"]
        if not change_row(self.connection, tasks, row, tasks.c.id == task.id):
            raise NotFound(MISSING)

    def claim(self, task_id: TaskId, *, worker: str, now: datetime, stale_before: datetime) -> Task | None:
        claimed = claims.claim(self.connection, tasks, task_id, worker=worker, now=now, stale_before=stale_before)
        return self.get(task_id) if claimed else None

    def heartbeat(self, task_id: TaskId, *, worker: str, at: datetime, progress: Progress) -> bool:
        return claims.heartbeat(self.connection, tasks, task_id, worker=worker, at=at, progress=progress)

    def unfinished(self) -> Sequence[Task]:
        oldest = select(tasks).where(tasks.c.state.in_(_UNFINISHED)).order_by(tasks.c.created_at, tasks.c.id)
        return [_to_task(row) for row in self.connection.execute(oldest)]

    def latest_of(self, subject: str) -> Task | None:
        newest = select(tasks).where(tasks.c.subject == subject).order_by(tasks.c.created_at.desc(), tasks.c.id.desc())
        row = self.connection.execute(newest.limit(1)).first()
        return _to_task(row) if row is not None else None

    def remove_of(self, subject: str) -> None:
        self.connection.execute(delete(tasks).where(tasks.c.subject == subject))

    def remove_ended(self, before: datetime) -> int:
        return self.connection.execute(delete(tasks).where(tasks.c.finished_at < before)).rowcount


def _to_row(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "kind": task.kind.value,
        "subject": task.subject,
        "argument": task.argument,
        "address": task.address,
        "result": task.result,
        "owner": task.owner,
        "created_at": task.created_at,
        "state": task.state.value,
        "started_at": task.started_at,
        "finished_at": task.finished_at,
        "heartbeat_at": task.heartbeat_at,
        "worker": task.worker,
        "progress": to_json(task.progress),
        "error": task.error,
        "cancel_requested": task.cancel_requested,
    }


def _to_task(row: Any) -> Task:
    return Task(
        id=TaskId(row.id),
        kind=TaskKind(row.kind),
        subject=row.subject,
        argument=row.argument,
        address=row.address,
        result=row.result or "",
        owner=row.owner,
        created_at=row.created_at,
        state=JobState(row.state),
        started_at=row.started_at,
        finished_at=row.finished_at,
        heartbeat_at=row.heartbeat_at,
        worker=row.worker,
        progress=progress_from_json(row.progress),
        error=row.error,
        cancel_requested=row.cancel_requested,
    )
