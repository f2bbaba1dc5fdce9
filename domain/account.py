"""Accounts: roles, the permissions of each role, and password rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType

from domain.csv_style import CsvStyle
from domain.errors import InvalidInput, NotAllowed
from domain.run import SYSTEM_OWNER, Run

SYSTEM_EMAIL = "system@localhost"
"""The email of the account that commands act as."""

AccountId = NewType("AccountId", str)

MAX_NAME_LENGTH = 100
PASSWORD_LENGTH = 12
"""Shortest password (NIST SP 800-63B asks for 8 or more; 15 without a second factor in revision 4's draft)."""
MAX_PASSWORD_LENGTH = 256
PASSWORD_SCORE = 3
"""Least strength on zxcvbn's scale of 0 to 4."""
CONTEXT_WORDS = ("netone", "churn", "retention", "customer", "telecom", "admin")
"""Words that are easy to guess for this product, and that passwords therefore cannot rest on."""
CONTEXT_REST = 8
"""Minimum number of letters and digits that a password has in addition to such words."""
SET_UP_VALID = timedelta(days=7)
INVITATION_VALID = timedelta(days=7)
RESET_VALID = timedelta(hours=24)
CLOCK_TOLERANCE = timedelta(minutes=5)
"""Sessions and links that are this far in the future were made while the clock was ahead, and end."""
SESSION_IDLE = timedelta(hours=8)
SESSION_ABSOLUTE = timedelta(days=7)


class Role(StrEnum):
    VIEWER = "viewer"
    ANALYST = "analyst"
    MANAGER = "manager"
    ADMIN = "admin"

    @property
    def label(self) -> str:
        return {Role.ADMIN: "Administrator"}.get(self, self.value.capitalize())


class Permission(StrEnum):
    """What a route or a use case can ask for."""

    READ = "read"
    PREDICT = "predict"
    TRAIN = "train"
    SEE_ALL_RUNS = "see_all_runs"
    PROMOTE = "promote"
    SET_ECONOMICS = "set_economics"
    EDIT_PLAYBOOK = "edit_playbook"
    EDIT_DO_NOT_CONTACT = "edit_do_not_contact"
    ADMINISTER = "administer"


ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.READ}),
    Role.ANALYST: frozenset({Permission.READ, Permission.PREDICT, Permission.TRAIN}),
    Role.MANAGER: frozenset(
        {
            Permission.READ,
            Permission.PREDICT,
            Permission.TRAIN,
            Permission.SEE_ALL_RUNS,
            Permission.PROMOTE,
            Permission.SET_ECONOMICS,
            Permission.EDIT_PLAYBOOK,
            Permission.EDIT_DO_NOT_CONTACT,
        }
    ),
    Role.ADMIN: frozenset(Permission),
}


@dataclass(frozen=True, slots=True)
class Account:
    """A person, or the system itself. Emails are compared in lower case."""

    id: AccountId
    email: str
    name: str
    role: Role
    password_hash: str
    created_at: datetime
    approved: bool = True
    disabled: bool = False
    last_login_at: datetime | None = None
    password_changed_at: datetime | None = None
    csv_style: CsvStyle | None = None
    """How the person's spreadsheet program reads CSV; None until the person says so."""
    limited_to: frozenset[Permission] | None = field(default=None, metadata={"stored": False})
    """What a program may do that acts for the person, at most; None for the person."""

    def __post_init__(self) -> None:
        if self.email != self.email.strip().lower() or not self.email:
            raise ValueError("an account's email is kept trimmed and in lower case")
        if not self.name.strip():
            raise ValueError("an account has a name")

    @property
    def may_log_in(self) -> bool:
        return self.approved and not self.disabled

    @property
    def initials(self) -> str:
        parts = self.name.split()
        return (parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else "")).upper()

    @property
    def role_label(self) -> str:
        return self.role.label

    def can(self, permission: Permission) -> bool:
        return permission in ALLOWED[self.role] and (self.limited_to is None or permission in self.limited_to)

    def must_be_able_to(self, permission: Permission) -> None:
        """Raises NotAllowed unless the role permits it."""
        if permission not in ALLOWED[self.role]:
            raise NotAllowed(f"Your role ({self.role_label.lower()}) does not permit this. Ask an administrator.")
        if not self.can(permission):
            raise NotAllowed("This token's scopes do not permit this. Make a token with the scope that is needed.")

    def may_see(self, run: Run) -> bool:
        return run.owner == self.id or run.shared or self.can(Permission.SEE_ALL_RUNS)

    def may_change(self, run: Run) -> bool:
        """Delete, rename, share, set the threshold: the owner, or an administrator."""
        return (run.owner == self.id and self.can(Permission.PREDICT)) or self.can(Permission.ADMINISTER)

    def may_remove_match(self, confirmed_by: str) -> bool:
        """A remembered match: a person's own, and every one for those who see everybody's predictions."""
        return (confirmed_by == self.id and self.can(Permission.PREDICT)) or self.can(Permission.SEE_ALL_RUNS)

    def must_be_able_to_remove_match(self, confirmed_by: str) -> None:
        """Raises NotAllowed."""
        if not self.may_remove_match(confirmed_by):
            raise NotAllowed("Somebody else confirmed this match. Ask a manager to remove it.")

    def with_password(self, password_hash: str, *, at: datetime) -> Account:
        return replace(self, password_hash=password_hash, password_changed_at=at)


def checked_name(name: str) -> str:
    """The name with single spaces. Raises InvalidInput."""
    tidy = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if not tidy or len(tidy) > MAX_NAME_LENGTH:
        raise InvalidInput(f"A name has between 1 and {MAX_NAME_LENGTH} characters.", field="name")
    return tidy


@dataclass(frozen=True, slots=True)
class LoginSession:
    """One log-in of one person on one browser. Only a hash of its secret is kept."""

    token_hash: str
    account_id: AccountId
    created_at: datetime
    seen_at: datetime
    address: str
    browser: str

    def expired(self, now: datetime) -> bool:
        """Whether the session has ended. One with a time in the future has: it began while the clock was ahead."""
        if max(self.created_at, self.seen_at) > now + CLOCK_TOLERANCE:
            return True
        return now - self.seen_at > SESSION_IDLE or now - self.created_at > SESSION_ABSOLUTE


class LinkPurpose(StrEnum):
    SET_UP = "set_up"
    RESET = "reset"
    INVITE = "invite"


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """A link that works once, until it expires. Only a hash of its secret is kept."""

    token_hash: str
    purpose: LinkPurpose
    account_id: AccountId | None
    email: str | None
    role: Role | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None

    def usable(self, now: datetime) -> bool:
        """False after expiry or use, and for a link that was made while the clock was ahead."""
        return self.used_at is None and now < self.expires_at and self.created_at <= now + CLOCK_TOLERANCE


class RegistrationPolicy(StrEnum):
    OPEN = "open"
    DOMAINS = "domains"
    APPROVAL = "approval"
    INVITATION = "invitation"


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """One rule in words, and whether the password fulfils it."""

    ok: bool
    text: str


def check_password(
    password: str, *, score: int, personal: Sequence[str], breached: bool | None = None
) -> tuple[PasswordCheck, ...]:
    """The rules of NIST SP 800-63B without composition rules. `score` is zxcvbn's 0…4; `personal` name and email.

    `breached`: whether the password is on the installation's list of breached passwords; None where there is no list.
    """
    lowered = password.casefold()
    parts = {part for text in personal for part in text.casefold().replace("@", " ").split() if len(part) > 3}
    return (
        PasswordCheck(
            PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH,
            f"{PASSWORD_LENGTH} characters or more"
            if len(password) <= MAX_PASSWORD_LENGTH
            else f"At most {MAX_PASSWORD_LENGTH} characters",
        ),
        PasswordCheck(score >= PASSWORD_SCORE, "Hard to guess: no common password, pattern or keyboard row"),
        PasswordCheck(not any(part in lowered for part in parts), "Not your name or email"),
        PasswordCheck(not _mainly_context(lowered), "Not mainly words such as “netone” or “churn”"),
        *((PasswordCheck(not breached, "Not known from a data breach"),) if breached is not None else ()),
    )


def _mainly_context(lowered: str) -> bool:
    """Whether the password has too few letters and digits without the words that are easy to guess here."""
    rest = lowered
    for word in CONTEXT_WORDS:
        rest = rest.replace(word, " ")
    return rest != lowered and sum(character.isalnum() for character in rest) < CONTEXT_REST


def system_account(now: datetime) -> Account:
    """Who acts on the command line: may do everything, never logs in."""
    return Account(AccountId(SYSTEM_OWNER), SYSTEM_EMAIL, "Command line", Role.ADMIN, "", now, approved=False)
