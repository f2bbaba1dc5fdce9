"""One-time links to set up the installation, accept an invitation or reset a password. Users pass on the links."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from application.ports.security import EmailRules, Secrets
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.accounts.login_throttling import Attempts
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import (
    INVITATION_VALID,
    RESET_VALID,
    SET_UP_VALID,
    Account,
    AccountId,
    LinkPurpose,
    OneTimeLink,
    Permission,
    Role,
)
from domain.actor import Actor
from domain.errors import Conflict, NotFound

LINK_SPENT = "This link has been used or has expired. Ask an administrator for a new one."


def usable_link(uow: UnitOfWork, token_hash: str, purpose: LinkPurpose, now: datetime) -> OneTimeLink:
    """The link with this hash. Raises NotFound if it is unknown, used, expired or made for another purpose.

    A set-up link also stops working once there is an administrator, even if another link or command created that one.
    """
    link = uow.links.get(token_hash)
    if link is None or link.purpose is not purpose or not link.usable(now):
        raise NotFound(LINK_SPENT)
    if purpose is LinkPurpose.SET_UP and has_administrator(uow):
        raise NotFound(LINK_SPENT)
    return link


def has_administrator(uow: UnitOfWork) -> bool:
    return any(account.role is Role.ADMIN for account in uow.accounts.all())


@dataclass(frozen=True, slots=True)
class CheckLink:
    """Checks whether a one-time link can still be used. Throttles visitors who try invalid links."""

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, token: str, purpose: LinkPurpose, *, address: str) -> OneTimeLink:
        """Raises NotFound for an invalid link, TooManyAttempts after too many invalid ones."""
        hashed, now = self.secrets.digest(token), self.clock.now()
        attempts = Attempts("link", hashed, address)
        try:
            with self.new_reading() as uow:
                attempts.check_throttle(uow, now)
                return usable_link(uow, hashed, purpose, now)
        except NotFound:
            with self.new_uow() as uow:
                attempts.note(uow, now)
                uow.commit()
            raise


@dataclass(frozen=True, slots=True)
class CreateSetUpLink:
    """Creates the one-time link for the first administrator; None if there is an administrator."""

    new_uow: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self) -> str | None:
        """Returns the link's new secret. Earlier set-up links stop working."""
        with self.new_uow() as uow:
            if has_administrator(uow):
                return None
            now = self.clock.now()
            for link in uow.links.open():
                if link.purpose is LinkPurpose.SET_UP:
                    uow.links.save(replace(link, used_at=now))
            token = self.secrets.new_token()
            uow.links.add(
                OneTimeLink(
                    token_hash=self.secrets.digest(token),
                    purpose=LinkPurpose.SET_UP,
                    account_id=None,
                    email=None,
                    role=Role.ADMIN,
                    created_at=now,
                    expires_at=now + SET_UP_VALID,
                )
            )
            uow.commit()
        return token


@dataclass(frozen=True, slots=True)
class Invite:
    """Creates a one-time link for one email and role. The administrator passes it on: the product sends no emails."""

    new_uow: NewUnitOfWork
    emails: EmailRules
    secrets: Secrets
    clock: Clock

    def __call__(self, email: str, role: Role, *, by: Actor) -> str:
        """Returns the link's secret, which is not stored. An earlier invitation of the same email stops working."""
        by.account.must_be_able_to(Permission.ADMINISTER)
        email = self.emails.normalised(email)
        token, now = self.secrets.new_token(), self.clock.now()
        with self.new_uow() as uow:
            if uow.accounts.by_email(email) is not None:
                raise Conflict(f"{email} has an account already. Change its role instead.")
            for link in uow.links.open():
                if link.purpose is LinkPurpose.INVITE and link.email == email:
                    uow.links.save(replace(link, used_at=now))
            uow.links.add(
                OneTimeLink(
                    token_hash=self.secrets.digest(token),
                    purpose=LinkPurpose.INVITE,
                    account_id=None,
                    email=email,
                    role=role,
                    created_at=now,
                    expires_at=now + INVITATION_VALID,
                )
            )
            note(uow, self.clock, by, f"invited a {role.value}", email)
            uow.commit()
        return token


@dataclass(frozen=True, slots=True)
class WithdrawInvitation:
    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, token_hash: str, *, by: Actor) -> None:
        by.account.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            link = uow.links.get(token_hash)
            if link is None or link.purpose is not LinkPurpose.INVITE or link.used_at is not None:
                raise NotFound("There is no such invitation.")
            uow.links.save(replace(link, used_at=self.clock.now()))
            note(uow, self.clock, by, "withdrew an invitation", link.email or "")
            uow.commit()


@dataclass(frozen=True, slots=True)
class CreateResetLink:
    """Creates a one-time link to choose a new password. Earlier links of the account stop working."""

    new_uow: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, account_id: AccountId, *, by: Actor) -> tuple[Account, str]:
        """Returns the account and the link's secret, which is not stored."""
        by.account.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            account = uow.accounts.get(account_id)
            uow.links.remove_of(account.id)
            token, link = reset_link(self.secrets, account, now=self.clock.now())
            uow.links.add(link)
            note(uow, self.clock, by, "made a reset link", account.email)
            uow.commit()
        return account, token


def reset_link(secrets: Secrets, account: Account, *, now: datetime) -> tuple[str, OneTimeLink]:
    """Create a one-time link to reset a password. Returns its secret and the record to store."""
    token = secrets.new_token()
    link = OneTimeLink(
        token_hash=secrets.digest(token),
        purpose=LinkPurpose.RESET,
        account_id=account.id,
        email=account.email,
        role=None,
        created_at=now,
        expires_at=now + RESET_VALID,
    )
    return token, link
