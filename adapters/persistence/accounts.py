"""Accounts, login sessions and one-time links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from adapters.persistence.statements import add_rows, change_row, select_for_update
from adapters.persistence.tables.account_tables import accounts, login_sessions, one_time_links
from domain.account import (
    CLOCK_TOLERANCE,
    SESSION_ABSOLUTE,
    SESSION_IDLE,
    Account,
    AccountId,
    LinkPurpose,
    LoginSession,
    OneTimeLink,
    Role,
)
from domain.csv_style import CsvStyle
from domain.errors import AccountNotFound, NotFound

EMAIL_TAKEN = "There is already an account with this email."
NO_SUCH_OWNER = "The row already exists, or the account was deleted."


@dataclass(frozen=True, slots=True)
class SqlAccounts:
    """Accounts in the table `accounts`."""

    connection: Connection

    def add(self, account: Account) -> None:
        add_rows(self.connection, accounts, [_to_row(account)], clash=EMAIL_TAKEN)

    def get(self, account_id: AccountId) -> Account:
        row = self.connection.execute(
            select_for_update(self.connection, select(accounts).where(accounts.c.id == account_id))
        ).first()
        if row is None:
            raise AccountNotFound
        return _to_account(row)

    def by_email(self, email: str) -> Account | None:
        row = self.connection.execute(select(accounts).where(accounts.c.email == email)).first()
        return _to_account(row) if row else None

    def save(self, account: Account) -> None:
        if not change_row(self.connection, accounts, _to_row(account), accounts.c.id == account.id, clash=EMAIL_TAKEN):
            raise AccountNotFound

    def remove(self, account_id: AccountId) -> None:
        if not self.connection.execute(delete(accounts).where(accounts.c.id == account_id)).rowcount:
            raise AccountNotFound

    def all(self) -> Sequence[Account]:
        rows = self.connection.execute(select(accounts).order_by(accounts.c.name_folded, accounts.c.email))
        return [_to_account(row) for row in rows]


def _to_row(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "email": account.email,
        "name": account.name,
        "name_folded": account.name.casefold(),
        "role": account.role.value,
        "password_hash": account.password_hash,
        "created_at": account.created_at,
        "approved": account.approved,
        "disabled": account.disabled,
        "last_login_at": account.last_login_at,
        "password_changed_at": account.password_changed_at,
        "csv_style": account.csv_style and account.csv_style.value,
    }


def _to_account(row: Any) -> Account:
    return Account(
        id=AccountId(row.id),
        email=row.email,
        name=row.name,
        role=Role(row.role),
        password_hash=row.password_hash,
        created_at=row.created_at,
        approved=row.approved,
        disabled=row.disabled,
        last_login_at=row.last_login_at,
        password_changed_at=row.password_changed_at,
        csv_style=CsvStyle(row.csv_style) if row.csv_style else None,
    )


@dataclass(frozen=True, slots=True)
class SqlSessions:
    """Login sessions in the table `login_sessions`."""

    connection: Connection

    def add(self, session: LoginSession) -> None:
        add_rows(self.connection, login_sessions, [_to_session_row(session)], clash=NO_SUCH_OWNER)

    def get(self, token_hash: str) -> LoginSession | None:
        row = self.connection.execute(select(login_sessions).where(login_sessions.c.token_hash == token_hash)).first()
        return _to_session(row) if row else None

    def touch(self, token_hash: str, *, at: datetime) -> None:
        self.connection.execute(
            update(login_sessions).where(login_sessions.c.token_hash == token_hash).values(seen_at=at)
        )

    def remove(self, token_hash: str) -> None:
        self.connection.execute(delete(login_sessions).where(login_sessions.c.token_hash == token_hash))

    def remove_of(self, account_id: AccountId, *, but: str | None = None) -> int:
        statement = delete(login_sessions).where(login_sessions.c.account_id == account_id)
        if but is not None:
            statement = statement.where(login_sessions.c.token_hash != but)
        return self.connection.execute(statement).rowcount

    def of(self, account_id: AccountId) -> Sequence[LoginSession]:
        rows = self.connection.execute(
            select(login_sessions)
            .where(login_sessions.c.account_id == account_id)
            .order_by(login_sessions.c.seen_at.desc(), login_sessions.c.token_hash)
        )
        return [_to_session(row) for row in rows]

    def remove_expired(self, now: datetime) -> int:
        idle = login_sessions.c.seen_at < now - SESSION_IDLE
        old = login_sessions.c.created_at < now - SESSION_ABSOLUTE
        latest = now + CLOCK_TOLERANCE
        ahead = (login_sessions.c.seen_at > latest) | (login_sessions.c.created_at > latest)
        return self.connection.execute(delete(login_sessions).where(idle | old | ahead)).rowcount

    def remove_all(self) -> int:
        return self.connection.execute(delete(login_sessions)).rowcount


def _to_session_row(session: LoginSession) -> dict[str, Any]:
    return {
        "token_hash": session.token_hash,
        "account_id": session.account_id,
        "created_at": session.created_at,
        "seen_at": session.seen_at,
        "address": session.address,
        "browser": session.browser,
    }


def _to_session(row: Any) -> LoginSession:
    return LoginSession(
        token_hash=row.token_hash,
        account_id=AccountId(row.account_id),
        created_at=row.created_at,
        seen_at=row.seen_at,
        address=row.address,
        browser=row.browser,
    )


@dataclass(frozen=True, slots=True)
class SqlLinks:
    """One-time links in the table `one_time_links`."""

    connection: Connection

    def add(self, link: OneTimeLink) -> None:
        add_rows(self.connection, one_time_links, [_to_link_row(link)], clash=NO_SUCH_OWNER)

    def get(self, token_hash: str) -> OneTimeLink | None:
        row = self.connection.execute(
            select_for_update(self.connection, select(one_time_links).where(one_time_links.c.token_hash == token_hash))
        ).first()
        return _to_link(row) if row else None

    def save(self, link: OneTimeLink) -> None:
        """Raises NotFound."""
        row = _to_link_row(link)
        if not change_row(
            self.connection,
            one_time_links,
            row,
            one_time_links.c.token_hash == link.token_hash,
            clash=NO_SUCH_OWNER,
        ):
            raise NotFound("There is no such link.")

    def remove_of(self, account_id: AccountId) -> None:
        self.connection.execute(delete(one_time_links).where(one_time_links.c.account_id == account_id))

    def open(self) -> Sequence[OneTimeLink]:
        rows = self.connection.execute(
            select(one_time_links)
            .where(one_time_links.c.used_at.is_(None))
            .order_by(one_time_links.c.created_at.desc(), one_time_links.c.token_hash)
        )
        return [_to_link(row) for row in rows]

    def remove_spent(self, now: datetime) -> int:
        links = one_time_links.c
        ahead = links.created_at > now + CLOCK_TOLERANCE
        used_or_expired = links.used_at.is_not(None) | (links.expires_at <= now) | ahead
        return self.connection.execute(delete(one_time_links).where(used_or_expired)).rowcount

    def remove_all(self) -> int:
        return self.connection.execute(delete(one_time_links)).rowcount


def _to_link_row(link: OneTimeLink) -> dict[str, Any]:
    return {
        "token_hash": link.token_hash,
        "purpose": link.purpose.value,
        "account_id": link.account_id,
        "email": link.email,
        "role": link.role.value if link.role else None,
        "created_at": link.created_at,
        "expires_at": link.expires_at,
        "used_at": link.used_at,
    }


def _to_link(row: Any) -> OneTimeLink:
    return OneTimeLink(
        token_hash=row.token_hash,
        purpose=LinkPurpose(row.purpose),
        account_id=AccountId(row.account_id) if row.account_id else None,
        email=row.email,
        role=Role(row.role) if row.role else None,
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )
