"""Files that still have to be deleted from disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from adapters.persistence.tables.installation_tables import pending_deletions as table
from application.ports.stored_files import FilePart, PendingDeletion


@dataclass(frozen=True, slots=True)
class SqlDeletions:
    """Records in the table `pending_deletions`."""

    connection: Connection

    def add(self, deletion: PendingDeletion) -> PendingDeletion:
        result = self.connection.execute(insert(table).values(_to_row(deletion)))
        (deletion_id,) = result.inserted_primary_key or (0,)
        return replace(deletion, id=int(deletion_id))

    def remove(self, deletion_id: int) -> None:
        self.connection.execute(delete(table).where(table.c.id == deletion_id))

    def remove_of(self, subject: str) -> None:
        self.connection.execute(delete(table).where(table.c.subject == subject))

    def all(self) -> Sequence[PendingDeletion]:
        return [_to_deletion(row) for row in self.connection.execute(select(table).order_by(table.c.id))]


def _to_row(deletion: PendingDeletion) -> dict[str, Any]:
    return {
        "subject": deletion.subject,
        "parts": " ".join(sorted(deletion.parts)),
        "due": deletion.due,
        "until": deletion.until,
        "unless_listed": deletion.unless_listed,
    }


def _to_deletion(row: Any) -> PendingDeletion:
    return PendingDeletion(
        subject=row.subject,
        parts=frozenset(FilePart(part) for part in row.parts.split()),
        due=row.due,
        until=row.until,
        unless_listed=row.unless_listed,
        id=row.id,
    )
