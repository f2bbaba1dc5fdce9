"""Personal tokens, with which a program acts for a person: what they may do, how long they work, and their rules."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.account import CLOCK_TOLERANCE, Account, AccountId, Permission
from domain.errors import InvalidInput

MAX_TOKEN_NAME = 60
MAX_TOKENS = 20
"""Tokens of one person."""
SHORTEST_DAYS, LONGEST_DAYS = 1, 366
PROPOSED_DAYS = 90
EXPIRED_TOKENS_KEPT = timedelta(days=30)
"""How long the list still shows an expired token, so that people see why a program stopped."""
SECRETS_START = "netone_"
"""Every token starts with it, so that programs that look for leaked secrets can find one."""


class Scope(StrEnum):
    """What a token may be used for. An operation asks for one scope; the person's role has to permit it as well."""

    READ = "read"
    SCORE = "score"
    TRAIN = "train"
    MANAGE = "manage"

    @property
    def words(self) -> str:
        return WORDS[self]


WORDS = {
    Scope.READ: "Read: predictions, customers, models and downloads",
    Scope.SCORE: "Score: send customers and files, and get predictions",
    Scope.TRAIN: "Train: send labelled files, and train models",
    Scope.MANAGE: "Manage: promote models, delete predictions",
}

PERMITS: dict[Scope, frozenset[Permission]] = {
    Scope.READ: frozenset({Permission.READ, Permission.SEE_ALL_RUNS}),
    Scope.SCORE: frozenset({Permission.READ, Permission.PREDICT}),
    Scope.TRAIN: frozenset({Permission.READ, Permission.TRAIN}),
    Scope.MANAGE: frozenset({Permission.READ, Permission.PREDICT, Permission.PROMOTE, Permission.SEE_ALL_RUNS}),
}
"""The permissions that use cases may check under a scope. No token administers, so a stolen one cannot make another."""


@dataclass(frozen=True, slots=True)
class ApiToken:
    """One token of one person. Only a hash of its secret is kept."""

    id: str
    account_id: AccountId
    name: str
    token_hash: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def works(self, now: datetime) -> bool:
        """False once it has expired, and for one that was made while the clock was ahead."""
        return now < self.expires_at and self.created_at <= now + CLOCK_TOLERANCE

    def allows(self, scope: Scope) -> bool:
        return scope in self.scopes

    def limited(self, account: Account) -> Account:
        """The account with the permissions that both its role and this token's scopes give."""
        return replace(account, limited_to=frozenset().union(*(PERMITS[scope] for scope in self.scopes)))


def checked_token(name: str, scopes: Collection[str], days: int) -> tuple[str, tuple[Scope, ...], timedelta]:
    """A token's name with single spaces, its scopes in order, and how long it works. Raises InvalidInput."""
    own = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not own or len(own) > MAX_TOKEN_NAME:
        raise InvalidInput(f"A name has between 1 and {MAX_TOKEN_NAME} characters.", field="name")
    unknown = [scope for scope in scopes if scope not in set(Scope)]
    if unknown or not scopes:
        raise InvalidInput("Choose at least one of: read, score, train, manage.", field="scopes")
    if not SHORTEST_DAYS <= days <= LONGEST_DAYS:
        raise InvalidInput(f"A token works for {SHORTEST_DAYS} to {LONGEST_DAYS} days.", field="days")
    return own, tuple(scope for scope in Scope if scope in scopes), timedelta(days=days)
