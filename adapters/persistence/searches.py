"""Stored customer searches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from adapters.persistence.statements import add_rows
from adapters.persistence.tables.job_tables import customer_searches as table
from application.ports.runs import CustomerSearch
from domain.account import AccountId


@dataclass(frozen=True, slots=True)
class SqlSearches:
    """The table `customer_searches`."""

    connection: Connection

    def save(self, search: CustomerSearch, *, keep: int) -> None:
        self.connection.execute(delete(table).where(table.c.key == search.key))
        row = {"key": search.key, "account_id": search.account_id, "text": search.text, "at": search.at}
        add_rows(self.connection, table, [row], clash="The account was deleted.")
        own = table.c.account_id == search.account_id
        latest = select(table.c.key).where(own).order_by(table.c.at.desc(), table.c.key).limit(keep)
        latest_keys = self.connection.scalars(latest).all()
        self.connection.execute(delete(table).where(own, table.c.key.not_in(latest_keys)))

    def get(self, key: str) -> CustomerSearch | None:
        return _to_search(self.connection.execute(select(table).where(table.c.key == key)).first())

    def find(self, account_id: AccountId, text: str) -> CustomerSearch | None:
        own = select(table).where(table.c.account_id == account_id, table.c.text == text)
        return _to_search(self.connection.execute(own.order_by(table.c.at.desc()).limit(1)).first())

    def forget_before(self, at: datetime) -> None:
        self.connection.execute(delete(table).where(table.c.at < at))

    def forget_all(self) -> None:
        self.connection.execute(delete(table))


def _to_search(row: Any) -> CustomerSearch | None:
    return None if row is None else CustomerSearch(row.key, AccountId(row.account_id), row.text, row.at)
