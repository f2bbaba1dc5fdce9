"""Who works on a run or a training: one statement each, so that of two workers one wins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Table, or_, update

from adapters.persistence.documents import to_json
from domain.run import Progress, RunState


def claim(
    connection: Connection, table: Table, job_id: str, *, worker: str, now: datetime, stale_before: datetime
) -> bool:
    """Take a queued job, or a running one without a sign of life since `stale_before`.

    A job whose cancelling was asked for can be claimed too: whoever takes it over ends it properly.
    """
    columns = table.c
    abandoned = (columns.state == RunState.RUNNING.value) & or_(
        columns.heartbeat_at.is_(None), columns.heartbeat_at < stale_before
    )
    taken = connection.execute(
        update(table)
        .where(columns.id == job_id, or_(columns.state == RunState.QUEUED.value, abandoned))
        .values(
            state=RunState.RUNNING.value, worker=worker, started_at=now, heartbeat_at=now, progress=to_json(Progress())
        )
    )
    return taken.rowcount == 1


def beat(connection: Connection, table: Table, job_id: str, *, worker: str, at: datetime, progress: Progress) -> bool:
    """Note a sign of life of the worker that has the job; False when it lost it or is asked to stop."""
    columns = table.c
    noted = connection.execute(
        update(table)
        .where(
            columns.id == job_id,
            columns.worker == worker,
            columns.state == RunState.RUNNING.value,
            columns.cancel_requested.is_(False),
        )
        .values(heartbeat_at=at, progress=to_json(progress))
    )
    return noted.rowcount == 1
