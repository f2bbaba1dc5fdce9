"""Saved views of the list of customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from adapters.persistence.json_documents import from_json, to_json
from adapters.persistence.statements import add_rows
from adapters.persistence.tables.account_tables import saved_views as table
from domain.account import AccountId
from domain.customer_query import CustomerQuery, Grouping
from domain.errors import NotFound
from domain.saved_view import SavedView

MISSING = "There is no such saved view."


@dataclass(frozen=True, slots=True)
class SqlSavedViews:
    """The table `saved_views`."""

    connection: Connection

    def save(self, view: SavedView) -> None:
        same = (table.c.account_id == view.account_id, table.c.name == view.name)
        self.connection.execute(delete(table).where(*same))
        row = {
            "id": view.id,
            "account_id": view.account_id,
            "name": view.name,
            "query": to_json(view.query),
            "grouping": view.group.value if view.group else None,
        }
        add_rows(self.connection, table, [row], clash="The account was deleted.")

    def of(self, account_id: AccountId) -> Sequence[SavedView]:
        own = select(table).where(table.c.account_id == account_id)
        views = [
            SavedView(
                row.id,
                AccountId(row.account_id),
                row.name,
                from_json(CustomerQuery, row.query),
                Grouping(row.grouping) if row.grouping else None,
            )
            for row in self.connection.execute(own)
        ]
        return sorted(views, key=lambda view: view.name.casefold())

    def remove(self, view_id: str, *, of: AccountId) -> None:
        own = delete(table).where(table.c.id == view_id, table.c.account_id == of)
        if not self.connection.execute(own).rowcount:
            raise NotFound(MISSING)
