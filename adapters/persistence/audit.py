"""The audit log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from adapters.persistence.statements import add_rows, contains
from adapters.persistence.tables.installation_tables import audit_log
from application.ports.audit import AuditEntry, AuditQuery


@dataclass(frozen=True, slots=True)
class SqlAuditLog:
    """Entries in the table `audit_log`. Database triggers prevent changes to them."""

    connection: Connection

    def record(self, entry: AuditEntry) -> None:
        add_rows(self.connection, audit_log, [_to_row(entry)], clash="This entry is already recorded.")

    def find(self, query: AuditQuery) -> tuple[Sequence[AuditEntry], int]:
        """Entries from `since` (inclusive) to `until` (exclusive); `search` matches actor, action, subject or address.

        Returns one page, newest first, and the total number of matches.
        """
        conditions = _conditions(query)
        total = self.connection.execute(select(func.count()).select_from(audit_log).where(*conditions)).scalar_one()
        rows = self.connection.execute(
            select(audit_log)
            .where(*conditions)
            .order_by(audit_log.c.at.desc(), audit_log.c.id.desc())
            .offset(query.offset)
            .limit(query.limit)
        )
        return [_to_entry(row) for row in rows], total

    def actions(self) -> Sequence[str]:
        return self.connection.scalars(select(audit_log.c.action).distinct().order_by(audit_log.c.action)).all()


def _conditions(query: AuditQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.search.strip():
        conditions.append(contains(audit_log.c.text_folded, query.search.strip()))
    if query.action:
        conditions.append(audit_log.c.action == query.action)
    if query.since is not None:
        conditions.append(audit_log.c.at >= query.since)
    if query.until is not None:
        conditions.append(audit_log.c.at < query.until)
    return conditions


def _to_row(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "address": entry.address,
        "text_folded": "\n".join((entry.actor, entry.action, entry.subject, entry.address)).casefold(),
    }


def _to_entry(row: Any) -> AuditEntry:
    return AuditEntry(at=row.at, actor=row.actor, action=row.action, subject=row.subject, address=row.address)
