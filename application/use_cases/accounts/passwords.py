"""Passwords: rules for new ones, checking the current one, changing and resetting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from application.ports.security import BreachedPasswords, Pace, PasswordHasher, PasswordMeter, Secrets, Strength
from application.ports.system import Clock
from application.use_cases.accounts.login_throttling import Attempts, client_network
from application.use_cases.accounts.one_time_links import LINK_SPENT, CheckLink, usable_link
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import CONTEXT_WORDS, Account, LinkPurpose, PasswordCheck, check_password
from domain.actor import Actor
from domain.errors import InvalidInput, NotFound, TooManyAttempts

PATIENCE = 2.0
"""Seconds that a submitted form may wait until its password is measured: its own preview may be under way."""
NOT_CURRENT = "This is not your current password."


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """Checks a new password against the rules: length, zxcvbn's score, personal words, known breaches.

    Measuring costs processor time, so each address has a limit, which is checked first. `address` is None for the
    command line, which has no limit.
    """

    meter: PasswordMeter
    breached: BreachedPasswords
    pace: Pace

    def measure(
        self, password: str, *, personal: Sequence[str], address: str | None, patience: float = 0.0
    ) -> tuple[Strength, tuple[PasswordCheck, ...]]:
        """Raises TooManyAttempts before anything is measured, or MeterBusy after `patience` seconds."""
        if address is not None:
            wait = self.pace.wait(client_network(address))
            if wait:
                raise TooManyAttempts(wait)
        strength = self.meter.measure(password, personal=(*personal, *CONTEXT_WORDS), patience=patience)
        breached = self.breached.includes(password) if self.breached.configured else None
        return strength, check_password(password, score=strength.score, personal=personal, breached=breached)

    def must_hold(
        self, password: str, *, personal: Sequence[str], address: str | None, field: str = "password"
    ) -> None:
        """Raises InvalidInput naming the rules that the password breaks, TooManyAttempts or MeterBusy."""
        strength, checks = self.measure(password, personal=personal, address=address, patience=PATIENCE)
        broken = [check.text[0].lower() + check.text[1:] for check in checks if not check.ok]
        if broken:
            raise InvalidInput(f"The password needs: {'; '.join(broken)}. {strength.advice}".strip(), field=field)


@dataclass(frozen=True, slots=True)
class CurrentPassword:
    """Checks the password of a signed-in person again. Wrong passwords are throttled as in log-ins."""

    new_uow: NewUnitOfWork
    hasher: PasswordHasher
    clock: Clock

    def must_be(self, given: str, *, of: Actor, otherwise: str = NOT_CURRENT) -> None:
        """Raises InvalidInput with the message `otherwise` for a wrong password, or TooManyAttempts."""
        attempts, now = Attempts("current password", of.account.id, of.address, usual=True), self.clock.now()
        with self.new_uow() as uow:
            attempts.begin(uow, now)
            uow.commit()
        if not self.hasher.verify(given, of.account.password_hash):
            with self.new_uow() as uow:
                note(uow, self.clock, of, "gave a wrong password")
                uow.commit()
            raise InvalidInput(otherwise, field="current_password")
        with self.new_uow() as uow:
            attempts.succeeded(uow, now)
            uow.commit()


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Changes the password. Needs the current password; ends the person's other sessions."""

    new_uow: NewUnitOfWork
    current: CurrentPassword
    hasher: PasswordHasher
    rules: PasswordRules
    secrets: Secrets
    clock: Clock

    def __call__(self, current: str, new: str, *, by: Actor, token: str) -> None:
        self.current.must_be(current, of=by)
        personal = (by.account.name, by.account.email)
        self.rules.must_hold(new, personal=personal, address=by.address, field="new_password")
        hashed = self.hasher.hash(new)
        with self.new_uow() as uow:
            account = uow.accounts.get(by.account.id)  # read the account again: it may have changed during the hashing
            uow.accounts.save(account.with_password(hashed, at=self.clock.now()))
            uow.sessions.remove_of(by.account.id, but=self.secrets.digest(token))
            uow.links.remove_of(by.account.id)
            note(uow, self.clock, by, "changed the password")
            uow.commit()


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """Sets a new password with a one-time link that an administrator passed on. Ends all sessions and tokens."""

    new_uow: NewUnitOfWork
    check_link: CheckLink
    hasher: PasswordHasher
    rules: PasswordRules
    clock: Clock

    def __call__(self, token: str, new: str, *, address: str) -> Account:
        link = self.check_link(token, LinkPurpose.RESET, address=address)
        if link.account_id is None:
            raise NotFound(LINK_SPENT)
        with self.new_uow() as uow:
            account = uow.accounts.get(link.account_id)
        self.rules.must_hold(new, personal=(account.name, account.email), address=address, field="new_password")
        hashed = self.hasher.hash(new)
        with self.new_uow() as uow:
            now = self.clock.now()
            link = usable_link(uow, link.token_hash, LinkPurpose.RESET, now)
            account = uow.accounts.get(account.id).with_password(hashed, at=now)
            uow.accounts.save(account)
            uow.links.save(replace(link, used_at=now))
            uow.sessions.remove_of(account.id)
            uow.api_tokens.remove_of(account.id)
            note(uow, self.clock, Actor(account, address), "reset the password")
            uow.commit()
        return account
