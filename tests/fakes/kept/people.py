"""Accounts, sessions and links in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.account import Account, AccountId, LoginSession, OneTimeLink
from domain.errors import AccountNotFound, Conflict, NotFound
from tests.fakes.kept.everything import Kept, isolated


@dataclass(frozen=True, slots=True)
class FakeAccounts:
    kept: Kept

    def add(self, account: Account) -> None:
        if account.id in self.kept.accounts:
            raise Conflict("There is already an account with this id.")
        self._must_be_free(account)
        self.kept.accounts[account.id] = isolated(account)

    def get(self, account_id: AccountId) -> Account:
        if account_id not in self.kept.accounts:
            raise AccountNotFound
        return isolated(self.kept.accounts[account_id])

    def by_email(self, email: str) -> Account | None:
        return isolated(next((own for own in self.kept.accounts.values() if own.email == email), None))

    def save(self, account: Account) -> None:
        if account.id not in self.kept.accounts:
            raise AccountNotFound
        self._must_be_free(account)
        self.kept.accounts[account.id] = isolated(account)

    def remove(self, account_id: AccountId) -> None:
        if self.kept.accounts.pop(account_id, None) is None:
            raise AccountNotFound
        self.kept.second_factors.pop(account_id, None)
        self.kept.seen_notices.pop(account_id, None)
        for code in [code for code, (owner, _) in self.kept.recovery_codes.items() if owner == account_id]:
            del self.kept.recovery_codes[code]
        of_the_person = (self.kept.sessions, self.kept.links, self.kept.pending_log_ins, self.kept.searches)
        for kept in (*of_the_person, self.kept.saved_views, self.kept.api_tokens, self.kept.submissions):
            for token_hash in [key for key, own in kept.items() if own.account_id == account_id]:
                del kept[token_hash]

    def all(self) -> Sequence[Account]:
        return isolated(sorted(self.kept.accounts.values(), key=lambda own: (own.name.casefold(), own.email)))

    def _must_be_free(self, account: Account) -> None:
        if any(own.email == account.email and own.id != account.id for own in self.kept.accounts.values()):
            raise Conflict("There is already an account with this email.")


@dataclass(frozen=True, slots=True)
class FakeSessions:
    kept: Kept

    def add(self, session: LoginSession) -> None:
        if session.token_hash in self.kept.sessions or session.account_id not in self.kept.accounts:
            raise Conflict("The row already exists, or the account was deleted.")
        self.kept.sessions[session.token_hash] = isolated(session)

    def get(self, token_hash: str) -> LoginSession | None:
        return isolated(self.kept.sessions.get(token_hash))

    def touch(self, token_hash: str, *, at: datetime) -> None:
        if token_hash in self.kept.sessions:
            self.kept.sessions[token_hash] = replace(self.kept.sessions[token_hash], seen_at=at)

    def remove(self, token_hash: str) -> None:
        self.kept.sessions.pop(token_hash, None)

    def remove_of(self, account_id: AccountId, *, but: str | None = None) -> int:
        ending = [own.token_hash for own in self.of(account_id) if own.token_hash != but]
        for token_hash in ending:
            del self.kept.sessions[token_hash]
        return len(ending)

    def of(self, account_id: AccountId) -> Sequence[LoginSession]:
        theirs = [own for own in self.kept.sessions.values() if own.account_id == account_id]
        return isolated(sorted(theirs, key=lambda own: own.seen_at, reverse=True))

    def remove_expired(self, now: datetime) -> int:
        expired = [key for key, own in self.kept.sessions.items() if own.expired(now)]
        for key in expired:
            del self.kept.sessions[key]
        return len(expired)

    def remove_all(self) -> int:
        ended = len(self.kept.sessions)
        self.kept.sessions.clear()
        return ended


@dataclass(frozen=True, slots=True)
class FakeLinks:
    kept: Kept

    def add(self, link: OneTimeLink) -> None:
        if link.token_hash in self.kept.links:
            raise Conflict("The row already exists, or the account was deleted.")
        self._must_have_account(link)
        self.kept.links[link.token_hash] = isolated(link)

    def get(self, token_hash: str) -> OneTimeLink | None:
        return isolated(self.kept.links.get(token_hash))

    def save(self, link: OneTimeLink) -> None:
        if link.token_hash not in self.kept.links:
            raise NotFound("There is no such link.")
        self._must_have_account(link)
        self.kept.links[link.token_hash] = isolated(link)

    def remove_of(self, account_id: AccountId) -> None:
        for token_hash in [key for key, own in self.kept.links.items() if own.account_id == account_id]:
            del self.kept.links[token_hash]

    def open(self) -> Sequence[OneTimeLink]:
        unused = [own for own in self.kept.links.values() if own.used_at is None]
        return isolated(sorted(unused, key=lambda own: own.created_at, reverse=True))

    def remove_spent(self, now: datetime) -> int:
        expired = [key for key, own in self.kept.links.items() if not own.usable(now)]
        for key in expired:
            del self.kept.links[key]
        return len(expired)

    def remove_all(self) -> int:
        removed = len(self.kept.links)
        self.kept.links.clear()
        return removed

    def _must_have_account(self, link: OneTimeLink) -> None:
        if link.account_id is not None and link.account_id not in self.kept.accounts:
            raise Conflict("The row already exists, or the account was deleted.")
