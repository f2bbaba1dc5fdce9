"""Personal tokens in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.persistence.api_tokens import MISSING, NO_SUCH_OWNER
from domain.account import AccountId
from domain.api_token import ApiToken
from domain.errors import Conflict, NotFound
from tests.fakes.kept.everything import Kept


@dataclass
class FakeApiTokens:
    kept: Kept

    def add(self, token: ApiToken) -> None:
        clash = token.id in self.kept.api_tokens or self.by_hash(token.token_hash) is not None
        if clash or token.account_id not in self.kept.accounts:
            raise Conflict(NO_SUCH_OWNER)
        self.kept.api_tokens[token.id] = token

    def by_hash(self, token_hash: str) -> ApiToken | None:
        return next((own for own in self.kept.api_tokens.values() if own.token_hash == token_hash), None)

    def of(self, account_id: AccountId) -> Sequence[ApiToken]:
        own = [token for token in self.kept.api_tokens.values() if token.account_id == account_id]
        return sorted(own, key=lambda token: (token.created_at, token.id), reverse=True)

    def touch(self, token_id: str, *, at: datetime) -> None:
        if token_id in self.kept.api_tokens:
            self.kept.api_tokens[token_id] = replace(self.kept.api_tokens[token_id], used_at=at)

    def remove(self, token_id: str, *, of: AccountId) -> ApiToken:
        token = self.kept.api_tokens.get(token_id)
        if token is None or token.account_id != of:
            raise NotFound(MISSING)
        return self.kept.api_tokens.pop(token_id)

    def remove_of(self, account_id: AccountId) -> int:
        own = self.of(account_id)
        for token in own:
            del self.kept.api_tokens[token.id]
        return len(own)

    def remove_expired(self, before: datetime) -> int:
        expired = [token.id for token in self.kept.api_tokens.values() if token.expires_at < before]
        for token_id in expired:
            del self.kept.api_tokens[token_id]
        return len(expired)
