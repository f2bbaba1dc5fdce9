"""Accepted hashes of files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from adapters.persistence.tables.installation_tables import file_hashes as table
from application.ports.stored_files import FileHash, FileKind


@dataclass(frozen=True, slots=True)
class SqlFileHashes:
    """Rows of the table `file_hashes`."""

    connection: Connection

    def accept(self, accepted: FileHash) -> None:
        if accepted.sha256 in self.of(accepted.kind, accepted.subject):
            return
        row = {
            "kind": accepted.kind.value,
            "subject": accepted.subject,
            "sha256": accepted.sha256,
            "size": accepted.size,
        }
        self.connection.execute(insert(table).values(row))

    def settle(self, only: FileHash) -> None:
        self.remove(only.kind, only.subject)
        self.accept(only)

    def remove(self, kind: FileKind, subject: str) -> None:
        self.connection.execute(delete(table).where(table.c.kind == kind.value, table.c.subject == subject))

    def all(self, kind: FileKind) -> Sequence[FileHash]:
        statement = select(table).where(table.c.kind == kind.value).order_by(table.c.subject, table.c.sha256)
        return [
            FileHash(FileKind(row.kind), row.subject, row.sha256, row.size)
            for row in self.connection.execute(statement)
        ]

    def of(self, kind: FileKind, subject: str) -> frozenset[str]:
        statement = select(table.c.sha256).where(table.c.kind == kind.value, table.c.subject == subject)
        return frozenset(self.connection.execute(statement).scalars())
