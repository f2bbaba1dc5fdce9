"""Log-in sessions: log in, authenticate requests, log out."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from application.ports.accounts import ATTEMPTS_KEPT
from application.ports.audit import AuditEntry
from application.ports.security import PasswordHasher, Secrets
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.accounts.login_throttling import Attempts, client_network
from application.use_cases.accounts.passwords import CurrentPassword
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Account, LoginSession
from domain.actor import Actor
from domain.errors import CredentialsRefused, StorageProblem
from domain.second_factor import PendingLogIn, needs_second_factor

HOME = "logged in "
"""Prefix of the throttle's keys for addresses from which an account has logged in."""
KNOWN_ADDRESS_FOR = ATTEMPTS_KEPT
"""How long such an address counts as usual.

It is stored as an attempt, so it cannot be kept longer than attempts are.
"""
NOBODY = "(no account)"
"""The account that the audit log names for a failed log-in with an unknown email."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The account and one of two secrets: that of a new session, or that of a log-in that still needs its code."""

    account: Account
    session: str | None = None
    pending: str | None = None


@dataclass(frozen=True, slots=True)
class LogIn:
    """Checks email and password. Begins a session, or asks for the second factor if the account has one.

    Repeated failures are throttled. Accounts are never locked.
    """

    new_uow: NewUnitOfWork
    hasher: PasswordHasher
    secrets: Secrets
    clock: Clock

    def __call__(self, email: str, password: str, *, address: str, browser: str) -> Admitted:
        """Raises CredentialsRefused, with the same message for unknown and known emails, or TooManyAttempts."""
        email, begun = email.strip().lower(), self.clock.now()
        with self.new_uow() as uow:
            attempts = log_in_attempts(uow, self.secrets, "log-in", email, address, begun)
            attempts.begin(uow, begun)
            account = uow.accounts.by_email(email)
            uow.commit()
        fits = self.hasher.verify(password, account.password_hash if account else None)
        if account is None or not fits or not account.may_log_in:
            self._note_refusal(account, address)
            raise CredentialsRefused
        renewed = self.hasher.hash(password) if self.hasher.is_outdated(account.password_hash) else None
        with self.new_uow() as uow:
            checked = account.password_hash
            account = uow.accounts.get(account.id)  # read the account again: it may have changed during the comparison
            if not account.may_log_in or account.password_hash != checked:
                raise CredentialsRefused
            attempts.succeeded(uow, begun)
            account = replace(account, password_hash=renewed or checked)
            admitted = self._admit(uow, account, address, browser)
            uow.commit()
        return admitted

    def _admit(self, uow: UnitOfWork, account: Account, address: str, browser: str) -> Admitted:
        factor, now = uow.second_factors.get(account.id), self.clock.now()
        if factor is None or not factor.enabled:
            account, token = enter(uow, self.secrets, account, now=now, address=address, browser=browser)
            return Admitted(account, session=token)
        uow.accounts.save(account)
        token = self.secrets.new_token()
        uow.pending_log_ins.add(PendingLogIn(self.secrets.digest(token), account.id, now))
        return Admitted(account, pending=token)

    def _note_refusal(self, account: Account | None, address: str) -> None:
        """Record a failed log-in. An unknown email is not stored: a password may have been typed into its field."""
        actor = account.email if account else NOBODY
        with self.new_uow() as uow:
            uow.audit.record(AuditEntry(self.clock.now(), actor, "failed to log in", address=address))
            uow.commit()


def log_in_attempts(uow: UnitOfWork, secrets: Secrets, kind: str, email: str, address: str, now: datetime) -> Attempts:
    """The attempts at this account. An address that the person used recently is counted separately.

    Failures from other addresses then cannot make this person wait.
    """
    home = _home(secrets, email, address)
    at_home = bool(uow.throttle.failures(HOME + home, since=now - KNOWN_ADDRESS_FOR))
    return Attempts(kind, home if at_home else secrets.digest(email), address, usual=at_home)


def _home(secrets: Secrets, email: str, address: str) -> str:
    return f"{secrets.digest(email)} from {client_network(address)}"


def enter(
    uow: UnitOfWork, secrets: Secrets, account: Account, *, now: datetime, address: str, browser: str, proof: str = ""
) -> tuple[Account, str]:
    """Begin a session after all required checks have passed. Returns the account and the session's secret.

    `proof` names the second factor that was given, for the audit log.
    """
    home = HOME + _home(secrets, account.email, address)
    uow.throttle.clear(home)
    uow.throttle.record(home, at=now)
    account = replace(account, last_login_at=now)
    uow.accounts.save(account)
    token = open_session(uow, secrets, account, now=now, address=address, browser=browser)
    uow.audit.record(AuditEntry(now, account.email, "logged in", f"with a {proof}" if proof else "", address))
    return account, token


def open_session(
    uow: UnitOfWork, secrets: Secrets, account: Account, *, now: datetime, address: str, browser: str
) -> str:
    """Begin a session within the unit of work. Returns its secret."""
    token = secrets.new_token()
    uow.sessions.add(
        LoginSession(
            token_hash=secrets.digest(token),
            account_id=account.id,
            created_at=now,
            seen_at=now,
            address=address[:64],
            browser=browser[:200],
        )
    )
    return token


@dataclass(frozen=True, slots=True)
class OpenSession:
    """Begins a session for a person who has just been verified in another way (registration, set-up)."""

    new_uow: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, account: Account, *, address: str, browser: str) -> str:
        now = self.clock.now()
        with self.new_uow() as uow:
            uow.accounts.save(replace(uow.accounts.get(account.id), last_login_at=now))
            token = open_session(uow, self.secrets, account, now=now, address=address, browser=browser)
            uow.commit()
        return token


SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ReadSession:
    """The account of a session's secret, and whether it still has to set up the second factor that its role needs.

    None if the session ended or expired, or if the person may no longer log in. Every page calls this, so it never
    waits for another writer: the next page can update the session's last use instead.
    """

    new_note: NewUnitOfWork
    new_reading: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, token: str) -> tuple[Account, bool] | None:
        now, hashed = self.clock.now(), self.secrets.digest(token)
        with self.new_reading() as uow:
            session = uow.sessions.get(hashed)
            if session is None:
                return None
            account = None if session.expired(now) else uow.accounts.get(session.account_id)
            must_enrol = account is not None and lacks_second_factor(uow, account)
        if account is None or not account.may_log_in:
            self._end(hashed)
            return None
        if now - session.seen_at > SEEN_EVERY:
            # pages remain readable while the database cannot be written to
            with suppress(StorageProblem), self.new_note() as uow:
                uow.sessions.touch(hashed, at=now)
                uow.commit()
        return account, must_enrol

    def _end(self, hashed: str) -> None:
        with suppress(StorageProblem), self.new_note() as uow:
            uow.sessions.remove(hashed)
            uow.commit()


def lacks_second_factor(uow: UnitOfWork, account: Account) -> bool:
    """Whether the person's role needs a second factor and they have not set one up."""
    factor = uow.second_factors.get(account.id)
    enabled = factor is not None and factor.enabled
    return not enabled and needs_second_factor(account.role, uow.policies.get().second_factor_roles)


@dataclass(frozen=True, slots=True)
class AuthenticateSession:
    """The account of a session's secret; None without a valid session.

    Also None for a person who has to set up a second factor first. Without an account, no other use case can be called
    in their name.
    """

    read: ReadSession

    def __call__(self, token: str) -> Account | None:
        session = self.read(token)
        return None if session is None or session[1] else session[0]


@dataclass(frozen=True, slots=True)
class AuthenticateEnrolment:
    """The account of a session's secret, for the only actions before set-up: logging out and adding a second factor."""

    read: ReadSession

    def __call__(self, token: str) -> Account | None:
        session = self.read(token)
        return None if session is None else session[0]


@dataclass(frozen=True, slots=True)
class LogOut:
    new_uow: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, token: str, *, by: Actor) -> None:
        with self.new_uow() as uow:
            uow.sessions.remove(self.secrets.digest(token))
            note(uow, self.clock, by, "logged out")
            uow.commit()


@dataclass(frozen=True, slots=True)
class RenewSession:
    """Gives a session a new secret after the person was verified again. The old secret stops working."""

    new_uow: NewUnitOfWork
    secrets: Secrets

    def __call__(self, token: str) -> str | None:
        """Returns the new secret; None if the session has ended meanwhile."""
        new = self.secrets.new_token()
        with self.new_uow() as uow:
            session = uow.sessions.get(self.secrets.digest(token))
            if session is None:
                return None
            uow.sessions.remove(session.token_hash)
            uow.sessions.add(replace(session, token_hash=self.secrets.digest(new)))
            uow.commit()
        return new


@dataclass(frozen=True, slots=True)
class EndOtherSessions:
    """Ends a person's other sessions.

    Needs the current password, so that someone else at an open session can't do it.
    """

    new_uow: NewUnitOfWork
    current: CurrentPassword
    secrets: Secrets
    clock: Clock

    def __call__(self, password: str, *, by: Actor, token: str) -> int:
        """Returns how many sessions ended. Raises InvalidInput for a wrong password, or TooManyAttempts."""
        self.current.must_be(password, of=by)
        with self.new_uow() as uow:
            ended = uow.sessions.remove_of(by.account.id, but=self.secrets.digest(token))
            note(uow, self.clock, by, "logged out other sessions")
            uow.commit()
        return ended


@dataclass(frozen=True, slots=True)
class ListSessions:
    """Lists a person's sessions, and says which of them is the current one."""

    new_uow: NewUnitOfWork
    secrets: Secrets

    def __call__(self, token: str, *, by: Account) -> list[tuple[LoginSession, bool]]:
        own = self.secrets.digest(token)
        with self.new_uow() as uow:
            return [(session, session.token_hash == own) for session in uow.sessions.of(by.id)]
