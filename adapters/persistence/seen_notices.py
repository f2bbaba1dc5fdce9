"""Which notices each person has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from adapters.persistence.statements import add_rows
from adapters.persistence.tables.account_tables import seen_notices as table
from domain.account import AccountId


@dataclass(frozen=True, slots=True)
class SqlSeenNotices:
    """The table `seen_notices`."""

    connection: Connection

    def mark(self, account_id: AccountId, keys: Sequence[str], *, at: datetime) -> None:
        own = sorted(set(keys))
        self.connection.execute(delete(table).where(table.c.account_id == account_id, table.c.key.in_(own)))
        rows = [{"account_id": account_id, "key": key, "at": at} for key in own]
        add_rows(self.connection, table, rows, clash="The account was deleted.")

    def of(self, account_id: AccountId) -> Mapping[str, datetime]:
        rows = self.connection.execute(select(table.c.key, table.c.at).where(table.c.account_id == account_id))
        return {row.key: row.at for row in rows}

    def forget_before(self, at: datetime) -> None:
        self.connection.execute(delete(table).where(table.c.at < at))
