"""Claims of runs and trainings: one statement each, so that of two workers one wins."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Table, or_, update

from adapters.persistence.documents import to_json
from domain.liveness import MAX_CLOCK_AHEAD
from domain.run import Progress, RunState


def claim(
    connection: Connection, table: Table, job_id: str, *, worker: str, now: datetime, stale_before: datetime
) -> bool:
    """Take a queued job, or a running one whose last heartbeat is before `stale_before` or in the future.

    A job that is to be cancelled can be claimed too: the worker that takes it over ends it properly.
    """
    columns = table.c
    abandoned = (columns.state == RunState.RUNNING.value) & or_(
        columns.heartbeat_at.is_(None),
        columns.heartbeat_at < stale_before,
        columns.heartbeat_at > now + MAX_CLOCK_AHEAD,
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
    """Note a heartbeat and progress of the claim that has the job; False when it lost it or is asked to stop."""
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
