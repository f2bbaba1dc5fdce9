"""Claims of runs and trainings. A claim is one statement, so only one of two workers can succeed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Table, or_, update

from adapters.persistence.json_documents import to_json
from domain.liveness import MAX_CLOCK_AHEAD
from domain.progress import JobStage, Progress
from domain.run import JobState


def claim(
    connection: Connection, table: Table, job_id: str, *, worker: str, now: datetime, stale_before: datetime
) -> bool:
    """Claim a queued job, or a running one whose last heartbeat is before `stale_before` or in the future.

    A job with a cancellation request can be claimed too: the worker that claims it marks it as cancelled.
    """
    columns = table.c
    abandoned = (columns.state == JobState.RUNNING.value) & or_(
        columns.heartbeat_at.is_(None),
        columns.heartbeat_at < stale_before,
        columns.heartbeat_at > now + MAX_CLOCK_AHEAD,
    )
    result = connection.execute(
        update(table)
        .where(columns.id == job_id, or_(columns.state == JobState.QUEUED.value, abandoned))
        .values(
            state=JobState.RUNNING.value,
            worker=worker,
            started_at=now,
            heartbeat_at=now,
            progress=to_json(Progress(JobStage.STARTING)),
        )
    )
    return result.rowcount == 1


def heartbeat(
    connection: Connection, table: Table, job_id: str, *, worker: str, at: datetime, progress: Progress
) -> bool:
    """Record heartbeat and progress of a claimed job. Returns False if the claim was lost or the job is cancelled."""
    columns = table.c
    result = connection.execute(
        update(table)
        .where(
            columns.id == job_id,
            columns.worker == worker,
            columns.state == JobState.RUNNING.value,
            columns.cancel_requested.is_(False),
        )
        .values(heartbeat_at=at, progress=to_json(progress))
    )
    return result.rowcount == 1
