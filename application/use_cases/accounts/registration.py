"""New accounts: by registration, by a one-time link, or by an administrator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from application.ports.security import EmailRules, PasswordHasher, Secrets
from application.ports.system import Clock, Ids
from application.use_cases.accounts.login_throttling import Attempts
from application.use_cases.accounts.one_time_links import CheckLink, usable_link
from application.use_cases.accounts.passwords import PasswordRules
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Account, AccountId, LinkPurpose, RegistrationPolicy, Role, checked_name
from domain.actor import Actor
from domain.errors import Conflict, InvalidInput
from domain.policy import UNKNOWN_CURRENCY, Place


@dataclass(frozen=True, slots=True)
class Registered:
    """The result of a registration. It does not reveal whether the email was new: the answer is always the same."""

    waits_for_approval: bool


@dataclass(frozen=True, slots=True)
class Register:
    """Registers a new analyst, if the installation's registration policy allows it."""

    new_uow: NewUnitOfWork
    hasher: PasswordHasher
    rules: PasswordRules
    emails: EmailRules
    secrets: Secrets
    clock: Clock
    ids: Ids

    def __call__(self, name: str, email: str, password: str, *, address: str) -> Registered:
        """Raises InvalidInput, or TooManyAttempts. Attempts with known emails count like those with new ones."""
        email = self.emails.normalised(email)
        name = checked_name(name)
        self.rules.must_hold(password, personal=(name, email), address=address)
        with self.new_uow() as uow:
            policy = uow.policies.get()
            self._must_be_open(policy.registration, policy.allowed_domains, email)
            Attempts("registration", self.secrets.digest(email), address).begin(uow, self.clock.now())
            uow.commit()
        hashed = self.hasher.hash(password)
        with self.new_uow() as uow:
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
                note(uow, self.clock, Actor(account, address), "registered")
                uow.commit()
        return Registered(waits_for_approval=not account.approved)

    def _must_be_open(self, policy: RegistrationPolicy, domains: Sequence[str], email: str) -> None:
        if policy is RegistrationPolicy.INVITATION:
            raise InvalidInput("New accounts are by invitation only. Ask an administrator for one.", field="email")
        if policy is RegistrationPolicy.DOMAINS and email.rsplit("@", 1)[-1] not in domains:
            raise InvalidInput(
                "Only addresses of certain domains can be registered here. Ask an administrator.", field="email"
            )


@dataclass(frozen=True, slots=True)
class JoinByLink:
    """Creates an account by a set-up or invitation link. The link can be used once.

    The first administrator also says where the installation is used.
    """

    new_uow: NewUnitOfWork
    check_link: CheckLink
    hasher: PasswordHasher
    rules: PasswordRules
    emails: EmailRules
    clock: Clock
    ids: Ids
    is_currency_known: Callable[[str], bool]

    def __call__(
        self,
        token: str,
        purpose: LinkPurpose,
        name: str,
        email: str,
        password: str,
        *,
        address: str,
        place: Place | None = None,
    ) -> Account:
        link = self.check_link(token, purpose, address=address)
        email = self.emails.normalised(email)
        name = checked_name(name)
        if place is not None and not self.is_currency_known(place.currency):
            raise InvalidInput(UNKNOWN_CURRENCY.format(place.currency), field="currency")
        self.rules.must_hold(password, personal=(name, email), address=address)
        hashed = self.hasher.hash(password)
        with self.new_uow() as uow:
            now = self.clock.now()
            link = usable_link(uow, link.token_hash, purpose, now)
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
            if place is not None and purpose is LinkPurpose.SET_UP:
                uow.policies.save(uow.policies.get().at(place))
            note(uow, self.clock, Actor(account, address), f"joined as {account.role.value}")
            uow.commit()
        return account


@dataclass(frozen=True, slots=True)
class AddAccount:
    """Creates an account as an administrator or on the command line."""

    new_uow: NewUnitOfWork
    hasher: PasswordHasher
    rules: PasswordRules
    emails: EmailRules
    clock: Clock
    ids: Ids

    def __call__(self, name: str, email: str, password: str, role: Role, *, by: Actor) -> Account:
        email = self.emails.normalised(email)
        name = checked_name(name)
        self.rules.must_hold(password, personal=(name, email), address=None)
        hashed = self.hasher.hash(password)
        with self.new_uow() as uow:
            if uow.accounts.by_email(email) is not None:
                raise Conflict(f"{email} has an account already.")
            account = Account(AccountId(self.ids.new()), email, name, role, hashed, self.clock.now())
            uow.accounts.add(account)
            note(uow, self.clock, by, f"added a {role.value}", email)
            uow.commit()
        return account


@dataclass(frozen=True, slots=True)
class CheckEmail:
    """Whether a text can be the email of an account, for forms that say everything that is wrong at once."""

    emails: EmailRules

    def __call__(self, email: str) -> str:
        """The email as it is stored. Raises InvalidInput."""
        return self.emails.normalised(email)
