"""People: set-up, registration, log-in, sessions, passwords."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from application.ports.persistence import UnitOfWork
from application.ports.security import EmailRules, PasswordHasher, PasswordMeter, Secrets, Strength
from application.ports.system import Clock, Ids
from application.use_cases.access import NewUnitOfWork, note
from domain.account import (
    RESET_VALID,
    SET_UP_VALID,
    Account,
    AccountId,
    LinkPurpose,
    LoginSession,
    OneTimeLink,
    PasswordCheck,
    RegistrationPolicy,
    Role,
    check_password,
)
from domain.errors import Conflict, CredentialsRefused, InvalidInput, NotFound, TooManyAttempts

FAILURES_FREE = 5
"""Wrong passwords before the slowing down begins."""
FAILURE_WINDOW = timedelta(minutes=30)
LONGEST_WAIT = 300
"""Seconds; a person who knows the password is slowed down, never shut out."""


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """Checks a new password against the rules, with zxcvbn's opinion."""

    meter: PasswordMeter

    def measure(self, password: str, *, personal: Sequence[str]) -> tuple[Strength, tuple[PasswordCheck, ...]]:
        strength = self.meter.measure(password, personal=tuple(personal))
        return strength, check_password(password, score=strength.score, personal=personal)

    def must_hold(self, password: str, *, personal: Sequence[str], field: str = "password") -> None:
        """Raises InvalidInput naming the rules that are broken."""
        strength, checks = self.measure(password, personal=personal)
        broken = [check.text[0].lower() + check.text[1:] for check in checks if not check.ok]
        if broken:
            raise InvalidInput(f"The password needs: {'; '.join(broken)}. {strength.advice}".strip(), field=field)


@dataclass(frozen=True, slots=True)
class Registered:
    """Says nothing of whether the email was new: an address that has an account is told the same."""

    waits_for_approval: bool


@dataclass(frozen=True, slots=True)
class Register:
    """A new person becomes an analyst, as the installation's policy says."""

    new_uow: NewUnitOfWork
    hasher: PasswordHasher
    rules: PasswordRules
    emails: EmailRules
    clock: Clock
    ids: Ids

    def __call__(self, name: str, email: str, password: str, *, address: str = "") -> Registered:
        email = self.emails.normalised(email)
        name = checked_name(name)
        self.rules.must_hold(password, personal=(name, email))
        hashed = self.hasher.hash(password)
        with self.new_uow() as uow:
            policy = uow.policies.get()
            self._must_be_open(policy.registration, policy.allowed_domains, email)
            account = Account(
                id=AccountId(self.ids.new()),
                email=email,
                name=name,
                role=Role.ANALYST,
                password_hash=hashed,
                created_at=self.clock.now(),
                approved=policy.registration is not RegistrationPolicy.APPROVAL,
            )
            if uow.accounts.by_email(email) is None:
                uow.accounts.add(account)
                note(uow, self.clock, account, "registered", address=address)
                uow.commit()
        return Registered(waits_for_approval=not account.approved)

    def _must_be_open(self, policy: RegistrationPolicy, domains: Sequence[str], email: str) -> None:
        if policy is RegistrationPolicy.INVITATION:
            raise InvalidInput("New accounts are by invitation only. Ask an administrator for one.", field="email")
        if policy is RegistrationPolicy.DOMAINS and email.rsplit("@", 1)[-1] not in domains:
            raise InvalidInput(
                "Only addresses of certain domains can be registered here. Ask an administrator.", field="email"
            )


def checked_name(name: str) -> str:
    """The name with single spaces. Raises InvalidInput."""
    tidy = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not tidy or len(tidy) > 100:
        raise InvalidInput("A name has between 1 and 100 characters.", field="name")
    return tidy


@dataclass(frozen=True, slots=True)
class OfferSetUp:
    """The one-time link that makes the first administrator; None once there is one."""

    new_uow: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self) -> str | None:
        """A new secret; earlier ones stop working."""
        with self.new_uow() as uow:
            if any(account.role is Role.ADMIN for account in uow.accounts.all()):
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


LINK_SPENT = "This link has been used or has expired. Ask an administrator for a new one."


def usable_link(uow: UnitOfWork, token_hash: str, purpose: LinkPurpose, now: datetime) -> OneTimeLink:
    """Raises NotFound for a link that is unknown, used, expired or for something else."""
    link = uow.links.get(token_hash)
    if link is None or link.purpose is not purpose or not link.usable(now):
        raise NotFound(LINK_SPENT)
    return link


@dataclass(frozen=True, slots=True)
class CheckLink:
    """Whether a one-time link can still be used; raises NotFound if not."""

    new_uow: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, token: str, purpose: LinkPurpose) -> OneTimeLink:
        with self.new_uow() as uow:
            return usable_link(uow, self.secrets.digest(token), purpose, self.clock.now())


@dataclass(frozen=True, slots=True)
class JoinByLink:
    """Create an account by a set-up or invitation link, which is then used up."""

    new_uow: NewUnitOfWork
    hasher: PasswordHasher
    rules: PasswordRules
    emails: EmailRules
    secrets: Secrets
    clock: Clock
    ids: Ids

    def __call__(
        self, token: str, purpose: LinkPurpose, name: str, email: str, password: str, *, address: str = ""
    ) -> Account:
        email = self.emails.normalised(email)
        name = checked_name(name)
        self.rules.must_hold(password, personal=(name, email))
        hashed = self.hasher.hash(password)
        with self.new_uow() as uow:
            now = self.clock.now()
            link = usable_link(uow, self.secrets.digest(token), purpose, now)
            if link.email is not None and link.email != email:
                raise InvalidInput("This invitation is for another address.", field="email")
            if uow.accounts.by_email(email) is not None:
                raise Conflict("This email has an account already. Log in with it, or use another.")
            account = Account(
                id=AccountId(self.ids.new()),
                email=email,
                name=name,
                role=link.role or Role.ANALYST,
                password_hash=hashed,
                created_at=now,
            )
            uow.accounts.add(account)
            uow.links.save(replace(link, used_at=now))
            note(uow, self.clock, account, f"joined as {account.role.value}", address=address)
            uow.commit()
        return account


@dataclass(frozen=True, slots=True)
class LogIn:
    """Email and password in, a session's secret out. Slows down after repeated failures, never shuts out."""

    new_uow: NewUnitOfWork
    hasher: PasswordHasher
    secrets: Secrets
    clock: Clock

    def __call__(self, email: str, password: str, *, address: str, browser: str) -> tuple[Account, str]:
        """Raises CredentialsRefused, the same for unknown and known emails, or TooManyAttempts."""
        email = email.strip().lower()
        keys = (f"account:{self.secrets.digest(email)}", f"address:{address}")
        with self.new_uow() as uow:
            self._must_be_calm(uow, keys)
            account = uow.accounts.by_email(email)
            for key in keys:  # noted before it is judged, so that many attempts at once count too
                uow.throttle.record(key, at=self.clock.now())
            uow.commit()
        fits = self.hasher.verify(password, account.password_hash if account else None)
        if account is None or not fits or not account.may_log_in:
            raise CredentialsRefused
        with self.new_uow() as uow:
            now = self.clock.now()
            for key in keys:
                uow.throttle.clear(key)
            account = replace(uow.accounts.get(account.id), last_login_at=now)
            uow.accounts.save(account)
            token = open_session(uow, self.secrets, account, now=now, address=address, browser=browser)
            note(uow, self.clock, account, "logged in", address=address)
            uow.commit()
        return account, token

    def _must_be_calm(self, uow: UnitOfWork, keys: Sequence[str]) -> None:
        now = self.clock.now()
        waits = [wait_after(uow.throttle.failures(key, since=now - FAILURE_WINDOW), now) for key in keys]
        if max(waits) > 0:
            raise TooManyAttempts(max(waits))


def wait_after(failures: Sequence[datetime], now: datetime) -> int:
    """Seconds still to wait: none for the first failures, then 2, 4, 8 … after the latest one."""
    beyond = len(failures) - FAILURES_FREE
    if beyond < 0:
        return 0
    pause = min(LONGEST_WAIT, 2 ** min(beyond + 1, 16))
    left = (max(failures) + timedelta(seconds=pause) - now).total_seconds()
    return max(0, int(left + 0.999))


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
class WhoIs:
    """Who a session's secret belongs to; None when it has ended, expired, or the person may no longer log in."""

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, token: str) -> Account | None:
        now, hashed = self.clock.now(), self.secrets.digest(token)
        with self.new_reading() as uow:
            session = uow.sessions.get(hashed)
            if session is None:
                return None
            account = None if session.expired(now) else uow.accounts.get(session.account_id)
        if account is None or not account.may_log_in:
            self._end(hashed)
            return None
        if now - session.seen_at > SEEN_EVERY:
            with self.new_uow() as uow:
                uow.sessions.touch(hashed, at=now)
                uow.commit()
        return account

    def _end(self, hashed: str) -> None:
        with self.new_uow() as uow:
            uow.sessions.remove(hashed)
            uow.commit()


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
class EndOtherSessions:
    new_uow: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, token: str, *, by: Account, address: str = "") -> int:
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


@dataclass(frozen=True, slots=True)
class EditProfile:
    new_uow: NewUnitOfWork
    emails: EmailRules
    hasher: PasswordHasher
    clock: Clock

    def __call__(self, name: str, email: str, *, by: Account, current_password: str = "", address: str = "") -> Account:
        """A new email asks for the current password. Raises InvalidInput or Conflict."""
        email = self.emails.normalised(email)
        changed = replace(by, name=checked_name(name), email=email)
        if email != by.email and not self.hasher.verify(current_password, by.password_hash):
            raise InvalidInput("To change the email, give your current password.", field="current_password")
        with self.new_uow() as uow:
            other = uow.accounts.by_email(email)
            if other is not None and other.id != by.id:
                raise Conflict("Another account has this email.")
            uow.accounts.save(changed)
            note(uow, self.clock, changed, "edited the profile", address=address)
            uow.commit()
        return changed


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """Asks for the current password; ends the person's other sessions."""

    new_uow: NewUnitOfWork
    hasher: PasswordHasher
    rules: PasswordRules
    secrets: Secrets
    clock: Clock

    def __call__(self, current: str, new: str, *, by: Account, token: str, address: str = "") -> None:
        if not self.hasher.verify(current, by.password_hash):
            raise InvalidInput("This is not your current password.", field="current_password")
        self.rules.must_hold(new, personal=(by.name, by.email), field="new_password")
        hashed = self.hasher.hash(new)
        with self.new_uow() as uow:
            uow.accounts.save(by.with_password(hashed, at=self.clock.now()))
            uow.sessions.remove_of(by.id, but=self.secrets.digest(token))
            note(uow, self.clock, by, "changed the password", address=address)
            uow.commit()


@dataclass(frozen=True, slots=True)
class ResetPassword:
    """By the one-time link that an administrator handed over; ends every session."""

    new_uow: NewUnitOfWork
    hasher: PasswordHasher
    rules: PasswordRules
    secrets: Secrets
    clock: Clock

    def __call__(self, token: str, new: str, *, address: str = "") -> Account:
        hashed_token = self.secrets.digest(token)
        with self.new_uow() as uow:
            link = usable_link(uow, hashed_token, LinkPurpose.RESET, self.clock.now())
            if link.account_id is None:
                raise NotFound(LINK_SPENT)
            account = uow.accounts.get(link.account_id)
        self.rules.must_hold(new, personal=(account.name, account.email), field="new_password")
        hashed = self.hasher.hash(new)
        with self.new_uow() as uow:
            now = self.clock.now()
            link = usable_link(uow, hashed_token, LinkPurpose.RESET, now)
            account = uow.accounts.get(account.id).with_password(hashed, at=now)
            uow.accounts.save(account)
            uow.links.save(replace(link, used_at=now))
            uow.sessions.remove_of(account.id)
            note(uow, self.clock, account, "reset the password", address=address)
            uow.commit()
        return account


@dataclass(frozen=True, slots=True)
class AddAccount:
    """By an administrator or on the command line."""

    new_uow: NewUnitOfWork
    hasher: PasswordHasher
    rules: PasswordRules
    emails: EmailRules
    clock: Clock
    ids: Ids

    def __call__(self, name: str, email: str, password: str, role: Role, *, by: Account) -> Account:
        email = self.emails.normalised(email)
        name = checked_name(name)
        self.rules.must_hold(password, personal=(name, email))
        hashed = self.hasher.hash(password)
        with self.new_uow() as uow:
            if uow.accounts.by_email(email) is not None:
                raise Conflict(f"{email} has an account already.")
            account = Account(AccountId(self.ids.new()), email, name, role, hashed, self.clock.now())
            uow.accounts.add(account)
            note(uow, self.clock, by, f"added a {role.value}", email)
            uow.commit()
        return account


def reset_link(secrets: Secrets, account: Account, *, now: datetime) -> tuple[str, OneTimeLink]:
    """A new one-time link to reset a password: the secret, and what is kept of it."""
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
