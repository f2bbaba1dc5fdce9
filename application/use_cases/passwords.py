"""Passwords: what a new one needs, asking for the current one, changing and resetting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from application.ports.security import BreachedPasswords, Pace, PasswordHasher, PasswordMeter, Secrets, Strength
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork, note
from application.use_cases.attempts import Attempts, neighbourhood
from application.use_cases.links import LINK_SPENT, CheckLink, usable_link
from domain.account import CONTEXT_WORDS, Account, LinkPurpose, PasswordCheck, check_password
from domain.errors import InvalidInput, NotFound, TooManyAttempts

PATIENCE = 2.0
"""Seconds that a sent form may wait for its password's turn: its own preview may be under way."""
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
            wait = self.pace.wait(neighbourhood(address))
            if wait:
                raise TooManyAttempts(wait)
        strength = self.meter.measure(password, personal=(*personal, *CONTEXT_WORDS))
        breached = self.breached.includes(password) if self.breached.configured else None
        return strength, check_password(password, score=strength.score, personal=personal, breached=breached)

    def must_hold(
        self, password: str, *, personal: Sequence[str], address: str | None, field: str = "password"
    ) -> None:
        """Raises InvalidInput naming the rules that are broken, TooManyAttempts or MeterBusy."""
        strength, checks = self.measure(password, personal=personal, address=address, patience=PATIENCE)
        broken = [check.text[0].lower() + check.text[1:] for check in checks if not check.ok]
        if broken:
            raise InvalidInput(f"The password needs: {'; '.join(broken)}. {strength.advice}".strip(), field=field)


@dataclass(frozen=True, slots=True)
class CurrentPassword:
    """Asks a signed-in person for their password once more. Wrong ones slow down as they do at the log-in."""

    new_uow: NewUnitOfWork
    hasher: PasswordHasher
    clock: Clock

    def must_be(self, given: str, *, of: Account, address: str, otherwise: str = NOT_CURRENT) -> None:
        """Raises InvalidInput with the words `otherwise`, or TooManyAttempts."""
        attempts, now = Attempts("current password", of.id, address, usual=True), self.clock.now()
        with self.new_uow() as uow:
            attempts.begin(uow, now)
            uow.commit()
        if not self.hasher.verify(given, of.password_hash):
            with self.new_uow() as uow:
                note(uow, self.clock, of, "gave a wrong password", address=address)
                uow.commit()
            raise InvalidInput(otherwise, field="current_password")
        with self.new_uow() as uow:
            attempts.succeeded(uow, now)
            uow.commit()


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Asks for the current password; ends the person's other sessions."""

    new_uow: NewUnitOfWork
    current: CurrentPassword
    hasher: PasswordHasher
    rules: PasswordRules
    secrets: Secrets
    clock: Clock

    def __call__(self, current: str, new: str, *, by: Account, token: str, address: str = "") -> None:
        self.current.must_be(current, of=by, address=address)
        self.rules.must_hold(new, personal=(by.name, by.email), address=address, field="new_password")
        hashed = self.hasher.hash(new)
        with self.new_uow() as uow:
            account = uow.accounts.get(by.id)  # as it is now: the hashing took a while
            uow.accounts.save(account.with_password(hashed, at=self.clock.now()))
            uow.sessions.remove_of(by.id, but=self.secrets.digest(token))
            uow.links.remove_of(by.id)
            note(uow, self.clock, by, "changed the password", address=address)
            uow.commit()


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """By the one-time link that an administrator handed over; ends every session."""

    new_uow: NewUnitOfWork
    check_link: CheckLink
    hasher: PasswordHasher
    rules: PasswordRules
    clock: Clock

    def __call__(self, token: str, new: str, *, address: str = "") -> Account:
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
            note(uow, self.clock, account, "reset the password", address=address)
            uow.commit()
        return account
