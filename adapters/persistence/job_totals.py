"""Totals of finished jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, select

from adapters.persistence.statements import add_rows, change_row
from adapters.persistence.tables.job_tables import job_totals
from application.ports.job_records import JobTotal

_COUNTED = ("jobs", "seconds", "rows", "rejected")


@dataclass(frozen=True, slots=True)
class SqlJobTotals:
    """One row per kind and outcome in the table `job_totals`."""

    connection: Connection

    def add(self, more: JobTotal) -> None:
        table = job_totals.c
        totals = {name: table[name] + getattr(more, name) for name in _COUNTED}
        if not change_row(self.connection, job_totals, totals, table.kind == more.kind, table.outcome == more.outcome):
            add_rows(
                self.connection, job_totals, [asdict(more)], clash="Two jobs of a new kind ended at the same time."
            )

    def all(self) -> Sequence[JobTotal]:
        rows = self.connection.execute(select(job_totals).order_by(job_totals.c.kind, job_totals.c.outcome))
        return [JobTotal(**row) for row in rows.mappings()]
