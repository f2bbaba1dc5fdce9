"""Runs that were deleted and can still be restored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, insert, select

from adapters.persistence.runs import SqlRuns
from adapters.persistence.statements import select_for_update
from adapters.persistence.tables.job_tables import deleted_runs as table
from adapters.persistence.tables.job_tables import runs
from application.ports.deleted_runs import DeletedRun
from domain.errors import RunNotFound
from domain.run import RunId


@dataclass(frozen=True, slots=True)
class SqlDeletedRuns:
    """The table `deleted_runs`."""

    connection: Connection

    def add(self, deleted: DeletedRun) -> None:
        SqlRuns(self.connection).get(deleted.run.id)
        self.connection.execute(
            insert(table).values(
                run_id=deleted.run.id, batch=deleted.batch, at=deleted.at, by=deleted.by, address=deleted.address
            )
        )

    def of_batch(self, batch: str) -> Sequence[DeletedRun]:
        return self._found(_joined(table.c.batch == batch).order_by(runs.c.created_at, runs.c.id))

    def until(self, at: datetime) -> Sequence[DeletedRun]:
        return self._found(_joined(table.c.at <= at).order_by(table.c.at, runs.c.created_at, runs.c.id))

    def restore(self, run_id: RunId) -> None:
        if not self.connection.execute(delete(table).where(table.c.run_id == run_id)).rowcount:
            raise RunNotFound(run_id)

    def _found(self, statement: Select[Any]) -> Sequence[DeletedRun]:
        rows = self.connection.execute(select_for_update(self.connection, statement)).all()
        return [
            DeletedRun(SqlRuns.run_of(row), row.deleted_batch, row.deleted_at, row.deleted_by, row.deleted_from)
            for row in rows
        ]


def _joined(condition: ColumnElement[bool]) -> Select[Any]:
    deletion = (
        table.c.batch.label("deleted_batch"),
        table.c.at.label("deleted_at"),
        table.c.by.label("deleted_by"),
        table.c.address.label("deleted_from"),
    )
    return select(runs, *deletion).join_from(table, runs).where(condition)
