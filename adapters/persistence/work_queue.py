"""Unfinished scorings, trainings and tasks for the scheduler. Reads only the few columns that it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, literal, select, update

from adapters.persistence.json_documents import progress_from_json
from adapters.persistence.tables.campaign_tables import tasks
from adapters.persistence.tables.job_tables import runs, trainings
from domain.queueing import JobKind, QueuedJob, is_small
from domain.run import JobState

_TABLES: dict[JobKind, Table] = {JobKind.SCORING: runs, JobKind.TRAINING: trainings, JobKind.TASK: tasks}
_UNFINISHED = (JobState.QUEUED.value, JobState.RUNNING.value)


@dataclass(frozen=True, slots=True)
class SqlWorkQueue:
    """Reads the tables `runs`, `trainings` and `tasks`."""

    connection: Connection

    def unfinished(self) -> Sequence[QueuedJob]:
        jobs = [_to_job(kind, row) for kind, table in _TABLES.items() for row in self._rows(table)]
        return sorted(jobs, key=lambda job: (job.created_at, job.id))

    def _rows(self, table: Table) -> Sequence[Any]:
        c = table.c
        size = c.file_bytes if "file_bytes" in c else literal(0).label("file_bytes")
        statement = select(c.id, c.owner, c.created_at, size, c.heartbeat_at, c.progress)
        return self.connection.execute(statement.where(c.state.in_(_UNFINISHED))).all()

    def turns(self, since: datetime) -> Mapping[str, datetime]:
        turns: dict[str, datetime] = {}
        for table in _TABLES.values():
            c = table.c
            latest = select(c.owner, func.max(c.started_at).label("began")).where(c.started_at >= since)
            for row in self.connection.execute(latest.group_by(c.owner)):
                turns[row.owner] = max(row.began, turns.get(row.owner, row.began))
        return turns

    def touch(self, kind: JobKind, job_id: str, *, worker: str, at: datetime) -> bool:
        table = _TABLES.get(kind)
        if table is None:
            return False
        c = table.c
        mine = (c.id == job_id) & (c.worker == worker) & (c.state == JobState.RUNNING.value)
        return self.connection.execute(update(table).where(mine).values(heartbeat_at=at)).rowcount == 1


def _to_job(kind: JobKind, row: Any) -> QueuedJob:
    rows = progress_from_json(row.progress).of
    small = kind is JobKind.TASK or (kind is JobKind.SCORING and is_small(row.file_bytes, rows))
    return QueuedJob(kind, row.id, row.owner, row.created_at, small, row.heartbeat_at)
