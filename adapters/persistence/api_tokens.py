"""Personal tokens of programs that act for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from adapters.persistence.statements import add_rows
from adapters.persistence.tables.account_tables import api_tokens as table
from domain.account import AccountId
from domain.api_token import ApiToken, Scope
from domain.errors import NotFound

MISSING = "There is no such token."
NO_SUCH_OWNER = "The token already exists, or the account was deleted."


@dataclass(frozen=True, slots=True)
class SqlApiTokens:
    """The table `api_tokens`."""

    connection: Connection

    def add(self, token: ApiToken) -> None:
        row = {
            "id": token.id,
            "account_id": token.account_id,
            "name": token.name,
            "token_hash": token.token_hash,
            "scopes": " ".join(token.scopes),
            "created_at": token.created_at,
            "expires_at": token.expires_at,
            "used_at": token.used_at,
        }
        add_rows(self.connection, table, [row], clash=NO_SUCH_OWNER)

    def by_hash(self, token_hash: str) -> ApiToken | None:
        row = self.connection.execute(select(table).where(table.c.token_hash == token_hash)).first()
        return _to_token(row) if row else None

    def of(self, account_id: AccountId) -> Sequence[ApiToken]:
        own = select(table).where(table.c.account_id == account_id)
        rows = self.connection.execute(own.order_by(table.c.created_at.desc(), table.c.id.desc()))
        return [_to_token(row) for row in rows]

    def touch(self, token_id: str, *, at: datetime) -> None:
        self.connection.execute(update(table).where(table.c.id == token_id).values(used_at=at))

    def remove(self, token_id: str, *, of: AccountId) -> ApiToken:
        own = (table.c.id == token_id) & (table.c.account_id == of)
        row = self.connection.execute(select(table).where(own)).first()
        if row is None:
            raise NotFound(MISSING)
        self.connection.execute(delete(table).where(own))
        return _to_token(row)

    def remove_of(self, account_id: AccountId) -> int:
        return self.connection.execute(delete(table).where(table.c.account_id == account_id)).rowcount

    def remove_expired(self, before: datetime) -> int:
        return self.connection.execute(delete(table).where(table.c.expires_at < before)).rowcount


def _to_token(row: Any) -> ApiToken:
    return ApiToken(
        id=row.id,
        account_id=AccountId(row.account_id),
        name=row.name,
        token_hash=row.token_hash,
        scopes=tuple(Scope(own) for own in row.scopes.split()),
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
