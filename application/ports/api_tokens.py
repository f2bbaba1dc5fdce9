"""Personal tokens of programs that act for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.account import AccountId
from domain.api_token import ApiToken


class ApiTokens(Protocol):
    """Tokens, identified by the hash of their secret. They are deleted with the account."""

    def add(self, token: ApiToken) -> None:
        """Raises Conflict if the token exists, or if the account was deleted."""

    def by_hash(self, token_hash: str) -> ApiToken | None: ...
    def of(self, account_id: AccountId) -> Sequence[ApiToken]:
        """A person's tokens, the newest first, the expired included."""

    def touch(self, token_id: str, *, at: datetime) -> None:
        """Note the token's latest use."""

    def remove(self, token_id: str, *, of: AccountId) -> ApiToken:
        """Delete the token and return it. Raises NotFound if the person has no such token."""

    def remove_of(self, account_id: AccountId) -> int:
        """Delete all tokens of a person. Returns how many."""

    def remove_expired(self, before: datetime) -> int:
        """Delete tokens that expired before this time. Returns how many."""
