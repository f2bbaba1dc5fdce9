"""Personal tokens: a person makes, lists and revokes them; a program's request is authenticated by one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from application.ports.security import Secrets
from application.ports.system import Clock, Ids
from application.use_cases.accounts.passwords import CurrentPassword
from application.use_cases.accounts.sessions import lacks_second_factor
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Account, Permission
from domain.actor import Actor
from domain.api_token import MAX_TOKENS, SECRETS_START, ApiToken, checked_token
from domain.errors import Conflict, StorageProblem

USED_EVERY = timedelta(minutes=1)
"""A token's latest use is stored at most this often, so that a busy program does not write all the time."""


@dataclass(frozen=True, slots=True)
class MakeToken:
    """Makes a token. Needs the current password, so that someone else at an open session cannot make one."""

    new_uow: NewUnitOfWork
    current: CurrentPassword
    secrets: Secrets
    clock: Clock
    ids: Ids

    def __call__(
        self, name: str, scopes: Collection[str], days: int, *, password: str, by: Actor
    ) -> tuple[ApiToken, str]:
        """Returns the token and its secret, which is not stored.

        Raises InvalidInput for a wrong password or value, TooManyAttempts, or Conflict if the person has many tokens.
        """
        by.account.must_be_able_to(Permission.READ)
        name, own, valid = checked_token(name, scopes, days)
        self.current.must_be(password, of=by)
        now, secret = self.clock.now(), SECRETS_START + self.secrets.new_token()
        hashed = self.secrets.digest(secret)
        token = ApiToken(self.ids.new(), by.account.id, name, hashed, own, now, now + valid)
        with self.new_uow() as uow:
            if len(uow.api_tokens.of(by.account.id)) >= MAX_TOKENS:
                raise Conflict(f"You have {MAX_TOKENS} tokens. Revoke one first.")
            uow.api_tokens.add(token)
            note(uow, self.clock, by, "made a token", f"{name}: {', '.join(own)}")
            uow.commit()
        return token, secret


@dataclass(frozen=True, slots=True)
class ListTokens:
    new_uow: NewUnitOfWork

    def __call__(self, *, by: Account) -> Sequence[ApiToken]:
        by.must_be_able_to(Permission.READ)
        with self.new_uow() as uow:
            return uow.api_tokens.of(by.id)


@dataclass(frozen=True, slots=True)
class RevokeToken:
    """Deletes a token: it stops working at once. Raises NotFound if the person has no such token."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, token_id: str, *, by: Actor) -> ApiToken:
        by.account.must_be_able_to(Permission.READ)
        with self.new_uow() as uow:
            token = uow.api_tokens.remove(token_id, of=by.account.id)
            note(uow, self.clock, by, "revoked a token", token.name)
            uow.commit()
        return token


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """For whom a program acts, limited to what the token's scopes permit."""

    account: Account
    token: ApiToken


@dataclass(frozen=True, slots=True)
class AuthenticateToken:
    """The account of a token's secret, with the token's permissions.

    None for an unknown, revoked or expired token, and for a person who may not log in or who still has to set up the
    second factor that the role needs. Never waits for another writer.
    """

    new_note: NewUnitOfWork
    new_reading: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, secret: str) -> TokenHolder | None:
        now = self.clock.now()
        with self.new_reading() as uow:
            token = uow.api_tokens.by_hash(self.secrets.digest(secret))
            if token is None or not token.works(now):
                return None
            account = uow.accounts.get(token.account_id)
            if not account.may_log_in or lacks_second_factor(uow, account):
                return None
        if token.used_at is None or abs(now - token.used_at) > USED_EVERY:
            with suppress(StorageProblem), self.new_note() as uow:
                uow.api_tokens.touch(token.id, at=now)
                uow.commit()
        return TokenHolder(token.limited(account), token)
