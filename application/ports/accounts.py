"""Repositories of accounts, sessions, one-time links, second factors and failed attempts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.account import Account, AccountId, LoginSession, OneTimeLink
from domain.second_factor import PendingLogIn, SecondFactor


class Accounts(Protocol):
    """User accounts. Emails are unique: `add` and `save` raise Conflict for an email that another account has."""

    def add(self, account: Account) -> None: ...
    def get(self, account_id: AccountId) -> Account:
        """Raises AccountNotFound."""

    def by_email(self, email: str) -> Account | None: ...
    def save(self, account: Account) -> None:
        """Raises AccountNotFound."""

    def remove(self, account_id: AccountId) -> None:
        """Delete the account with its sessions and links. Raises AccountNotFound."""

    def all(self) -> Sequence[Account]:
        """All accounts, ordered by name, then email."""


class Sessions(Protocol):
    """Log-in sessions, identified by the hash of their token."""

    def add(self, session: LoginSession) -> None: ...
    def get(self, token_hash: str) -> LoginSession | None: ...
    def touch(self, token_hash: str, *, at: datetime) -> None: ...
    def remove(self, token_hash: str) -> None: ...
    def remove_of(self, account_id: AccountId, *, but: str | None = None) -> int:
        """End every session of an account, except the one with the hash `but`. Returns how many ended."""

    def of(self, account_id: AccountId) -> Sequence[LoginSession]:
        """Sessions of the account, the most recently used first."""

    def remove_expired(self, now: datetime) -> int:
        """Delete expired sessions. Returns how many."""

    def remove_all(self) -> int:
        """End all sessions of all accounts. Returns how many."""


class Links(Protocol):
    """One-time links, identified by the hash of their token."""

    def add(self, link: OneTimeLink) -> None: ...
    def get(self, token_hash: str) -> OneTimeLink | None: ...
    def save(self, link: OneTimeLink) -> None: ...
    def remove_of(self, account_id: AccountId) -> None: ...
    def open(self) -> Sequence[OneTimeLink]:
        """Unused links, newest first."""

    def remove_spent(self, now: datetime) -> int:
        """Delete used and expired links. Returns how many."""

    def remove_all(self) -> int:
        """Delete all links, used and unused. Returns how many."""


class SecondFactors(Protocol):
    """Authenticator apps and recovery codes. An account has at most one app. They are deleted with the account."""

    def get(self, account_id: AccountId) -> SecondFactor | None: ...
    def save(self, factor: SecondFactor) -> None:
        """Add the app or replace the account's earlier one. Raises Conflict if the account was deleted."""

    def remove(self, account_id: AccountId) -> bool:
        """Remove the app and the recovery codes. Returns whether there was an app."""

    def replace_codes(self, account_id: AccountId, code_hashes: Sequence[str]) -> None:
        """Replace the account's recovery codes by new ones, given as hashes."""

    def use_code(self, account_id: AccountId, code_hash: str, *, at: datetime) -> bool:
        """Mark an unused code of this account as used. False if the account has no such code."""

    def codes_left(self, account_id: AccountId) -> int: ...
    def unused_codes(self, account_id: AccountId) -> Sequence[str]:
        """Hashes of the unused codes, in order."""

    def enabled(self) -> Sequence[AccountId]:
        """Accounts with an authenticator app in use."""


class PendingLogIns(Protocol):
    """Log-ins with a correct password that still need a code, identified by the hash of their token.

    They are deleted with the account.
    """

    def add(self, pending: PendingLogIn) -> None: ...
    def get(self, token_hash: str) -> PendingLogIn | None: ...
    def remove(self, token_hash: str) -> None: ...
    def remove_of(self, account_id: AccountId) -> None: ...
    def remove_expired(self, now: datetime) -> int: ...


ATTEMPTS_KEPT = timedelta(days=7)
"""Older attempts are deleted when a new one is recorded, so that failed attempts cannot fill the database."""


class Throttle(Protocol):
    """Failed attempts by key (of an account or an IP address). They survive restarts."""

    def failures(self, key: str, *, since: datetime) -> Sequence[datetime]: ...
    def record(self, key: str, *, at: datetime) -> None: ...
    def clear(self, key: str) -> None: ...
    def forget(self, key: str, *, at: datetime) -> None:
        """Delete the attempt that was recorded at exactly this time."""

    def forget_before(self, at: datetime) -> None:
        """Delete attempts of all keys before this time."""
