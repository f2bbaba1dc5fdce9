"""Heartbeats of workers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from adapters.persistence.statements import add_rows, change_row
from adapters.persistence.tables.job_tables import workers


@dataclass(frozen=True, slots=True)
class SqlWorkers:
    """One row per worker in the table `workers`."""

    connection: Connection

    def heartbeat(self, name: str, *, at: datetime) -> None:
        if not change_row(self.connection, workers, {"seen_at": at}, workers.c.name == name):
            add_rows(self.connection, workers, [{"name": name, "seen_at": at}], clash="Two workers have the same name.")

    def last_seen(self, *, until: datetime | None = None) -> datetime | None:
        latest = select(func.max(workers.c.seen_at))
        if until is not None:
            latest = latest.where(workers.c.seen_at <= until)
        return self.connection.execute(latest).scalar()
