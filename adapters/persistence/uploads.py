"""Records of stored uploads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select

from adapters.persistence.statements import add_rows
from adapters.persistence.tables.job_tables import uploads
from application.ports.stored_files import UploadRecord


@dataclass(frozen=True, slots=True)
class SqlUploadLog:
    """Records in the table `uploads`."""

    connection: Connection

    def add(self, record: UploadRecord) -> None:
        """Raises Conflict if a record with this id exists."""
        add_rows(self.connection, uploads, [_to_row(record)], clash="There is already an upload with this id.")

    def get(self, upload_id: str) -> UploadRecord | None:
        row = self.connection.execute(select(uploads).where(uploads.c.id == upload_id)).first()
        return _to_record(row) if row else None

    def remove(self, upload_id: str) -> None:
        self.connection.execute(delete(uploads).where(uploads.c.id == upload_id))

    def all(self) -> Sequence[UploadRecord]:
        rows = self.connection.execute(select(uploads).order_by(uploads.c.at.desc(), uploads.c.id.desc()))
        return [_to_record(row) for row in rows]


def _to_row(record: UploadRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "owner": record.owner,
        "file_name": record.file_name,
        "sha256": record.sha256,
        "size": record.size,
        "at": record.at,
    }


def _to_record(row: Any) -> UploadRecord:
    return UploadRecord(
        id=row.id, owner=row.owner, file_name=row.file_name, sha256=row.sha256, size=row.size, at=row.at
    )
