"""Which requests of programs were carried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from adapters.persistence.statements import add_rows
from adapters.persistence.tables.account_tables import submissions as table
from domain.account import AccountId
from domain.submission import Submission, SubmissionKind

CLASH = "A request with this Idempotency-Key is being carried out. Send it again in a moment."


@dataclass(frozen=True, slots=True)
class SqlSubmissions:
    """The table `submissions`."""

    connection: Connection

    def add(self, submission: Submission) -> None:
        row = {
            "account_id": submission.account_id,
            "kind": submission.kind.value,
            "key": submission.key,
            "object_id": submission.object_id,
            "at": submission.at,
        }
        add_rows(self.connection, table, [row], clash=CLASH)

    def find(self, account_id: AccountId, kind: SubmissionKind, key: str) -> Submission | None:
        own = (table.c.account_id == account_id) & (table.c.kind == kind.value) & (table.c.key == key)
        row = self.connection.execute(select(table).where(own)).first()
        return _to_submission(row) if row else None

    def of(self, account_id: AccountId) -> Sequence[Submission]:
        own = select(table).where(table.c.account_id == account_id).order_by(table.c.at.desc(), table.c.key)
        return [_to_submission(row) for row in self.connection.execute(own)]

    def forget_before(self, at: datetime) -> None:
        self.connection.execute(delete(table).where(table.c.at < at))


def _to_submission(row: Any) -> Submission:
    return Submission(AccountId(row.account_id), SubmissionKind(row.kind), row.key, row.object_id, row.at)
