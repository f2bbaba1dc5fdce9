"""Records of started backups."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from adapters.persistence.statements import add_rows, change_row
from adapters.persistence.tables.installation_tables import backups
from domain.backup import BackupRecord, BackupState
from domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class SqlBackupLog:
    """Records in the table `backups`."""

    connection: Connection

    def add(self, record: BackupRecord) -> None:
        add_rows(self.connection, backups, [_to_row(record)], clash="This backup already has a record.")

    def save(self, record: BackupRecord) -> None:
        if not change_row(self.connection, backups, _to_row(record), backups.c.id == record.id):
            raise NotFound("There is no record of this backup.")

    def of_night(self, night: str) -> BackupRecord | None:
        row = self.connection.execute(select(backups).where(backups.c.night == night)).first()
        return _to_record(row) if row else None

    def latest(self, state: BackupState | None = None) -> BackupRecord | None:
        newest = select(backups).order_by(backups.c.started_at.desc(), backups.c.id.desc()).limit(1)
        if state is not None:
            newest = newest.where(backups.c.state == state.value)
        row = self.connection.execute(newest).first()
        return _to_record(row) if row else None

    def remove_before(self, at: datetime) -> int:
        return self.connection.execute(delete(backups).where(backups.c.started_at < at)).rowcount

    def remove_running(self) -> int:
        running = backups.c.state == BackupState.RUNNING.value
        return self.connection.execute(delete(backups).where(running)).rowcount


def _to_row(record: BackupRecord) -> dict[str, Any]:
    return asdict(record) | {"state": record.state.value}


def _to_record(row: Any) -> BackupRecord:
    return BackupRecord(
        id=row.id,
        night=row.night,
        started_at=row.started_at,
        seen_at=row.seen_at,
        finished_at=row.finished_at,
        state=BackupState(row.state),
        worker=row.worker,
        file=row.file,
        size=row.size,
        sha256=row.sha256,
        error=row.error,
    )
