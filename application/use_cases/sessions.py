"""Signing in and out: sessions, from a password to the last click."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from application.ports.persistence import AuditEntry, UnitOfWork
from application.ports.security import PasswordHasher, Secrets
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork, note
from application.use_cases.attempts import Attempts, neighbourhood
from application.use_cases.passwords import CurrentPassword
from domain.account import Account, LoginSession
from domain.errors import CredentialsRefused, StorageProblem
from domain.second_factor import PendingLogIn, needs_second_factor

HOME = "logged in "
"""Marks, among the attempts, an address from which an account was logged in to."""
HOME_FOR = timedelta(days=7)
NOBODY = "(no account)"
"""Who failed to log in with an email that nobody has."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The account, and one of two secrets: of a new session, or of a log-in that waits for the second factor."""

    account: Account
    session: str | None = None
    pending: str | None = None


@dataclass(frozen=True, slots=True)
class LogIn:
    """Checks email and password. Begins a session, or asks for the second factor where the account has one.

    Repeated failures are throttled; nobody is locked out.
    """

    new_uow: NewUnitOfWork
    hasher: PasswordHasher
    secrets: Secrets
    clock: Clock

    def __call__(self, email: str, password: str, *, address: str, browser: str) -> Admitted:
        """Raises CredentialsRefused, the same for unknown and known emails, or TooManyAttempts."""
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
            account = uow.accounts.get(account.id)  # as it is now: the comparison took a while
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
        """What was typed is not kept: it may be a password in the wrong field."""
        actor = account.email if account else NOBODY
        with self.new_uow() as uow:
            uow.audit.record(AuditEntry(self.clock.now(), actor, "failed to log in", address=address))
            uow.commit()


def log_in_attempts(uow: UnitOfWork, secrets: Secrets, kind: str, email: str, address: str, now: datetime) -> Attempts:
    """Where the person has logged in from lately is counted apart: nobody elsewhere can make them wait."""
    home = _home(secrets, email, address)
    at_home = bool(uow.throttle.failures(HOME + home, since=now - HOME_FOR))
    return Attempts(kind, home if at_home else secrets.digest(email), address, usual=at_home)


def _home(secrets: Secrets, email: str, address: str) -> str:
    return f"{secrets.digest(email)} from {neighbourhood(address)}"


def enter(
    uow: UnitOfWork, secrets: Secrets, account: Account, *, now: datetime, address: str, browser: str, proof: str = ""
) -> tuple[Account, str]:
    """Begin a session for a person who has proved everything that is asked of them; the account and the secret.

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
    """Begin a session within the unit of work; its secret."""
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
    """Log a person in who has just proved themselves otherwise (registration, set-up)."""

    new_uow: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, account: Account, *, address: str, browser: str) -> str:
        with self.new_uow() as uow:
            token = open_session(uow, self.secrets, account, now=self.clock.now(), address=address, browser=browser)
            uow.commit()
        return token


SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ReadSession:
    """Who a session's secret belongs to, and whether they still have to set up the second factor that their role needs.

    None when the session has ended or expired, or the person may no longer log in. Every page calls this, so it never
    waits for another writer: when a session was last seen can be noted by the next page.
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
            with suppress(StorageProblem), self.new_note() as uow:  # pages can be read while nothing can be written
                uow.sessions.touch(hashed, at=now)
                uow.commit()
        return account, must_enrol

    def _end(self, hashed: str) -> None:
        with suppress(StorageProblem), self.new_note() as uow:
            uow.sessions.remove(hashed)
            uow.commit()


def lacks_second_factor(uow: UnitOfWork, account: Account) -> bool:
    """Whether the person's role needs a second factor and they have none yet."""
    factor = uow.second_factors.get(account.id)
    enabled = factor is not None and factor.enabled
    return not enabled and needs_second_factor(account.role, uow.policies.get().second_factor_roles)


@dataclass(frozen=True, slots=True)
class WhoIs:
    """Who a session's secret belongs to; None for nobody.

    Also None for a person who has to set up a second factor first: without an account to act for, no other use case
    can be called in their name.
    """

    read: ReadSession

    def __call__(self, token: str) -> Account | None:
        found = self.read(token)
        return None if found is None or found[1] else found[0]


@dataclass(frozen=True, slots=True)
class WhoEnrols:
    """Who a session's secret belongs to, for logging out and for setting up a second factor alone."""

    read: ReadSession

    def __call__(self, token: str) -> Account | None:
        found = self.read(token)
        return None if found is None else found[0]


@dataclass(frozen=True, slots=True)
class LogOut:
    new_uow: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, token: str, *, by: Account, address: str = "") -> None:
        with self.new_uow() as uow:
            uow.sessions.remove(self.secrets.digest(token))
            note(uow, self.clock, by, "logged out", address=address)
            uow.commit()


@dataclass(frozen=True, slots=True)
class RenewSession:
    """After a person has proved themselves again: the session goes on under a new secret, the old one is worthless."""

    new_uow: NewUnitOfWork
    secrets: Secrets

    def __call__(self, token: str) -> str | None:
        """The new secret; None where the session has ended meanwhile."""
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
    """Asks for the current password: a session left open must not shut its owner out."""

    new_uow: NewUnitOfWork
    current: CurrentPassword
    secrets: Secrets
    clock: Clock

    def __call__(self, password: str, *, by: Account, token: str, address: str = "") -> int:
        """How many sessions ended. Raises InvalidInput for a wrong password, or TooManyAttempts."""
        self.current.must_be(password, of=by, address=address)
        with self.new_uow() as uow:
            ended = uow.sessions.remove_of(by.id, but=self.secrets.digest(token))
            note(uow, self.clock, by, "logged out other sessions", address=address)
            uow.commit()
        return ended


@dataclass(frozen=True, slots=True)
class ListSessions:
    """A person's sessions, and which of them is this one."""

    new_uow: NewUnitOfWork
    secrets: Secrets

    def __call__(self, token: str, *, by: Account) -> list[tuple[LoginSession, bool]]:
        own = self.secrets.digest(token)
        with self.new_uow() as uow:
            return [(session, session.token_hash == own) for session in uow.sessions.of(by.id)]
