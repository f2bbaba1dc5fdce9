"""What an administrator does with people: invite, approve, change, shut out, remove. The last one always stays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from application.ports.intake import Uploads
from application.ports.persistence import RunQuery, UnitOfWork
from application.ports.results import ResultStore
from application.ports.security import EmailRules, Secrets
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork, note
from application.use_cases.accounts import reset_link
from domain.account import Account, AccountId, LinkPurpose, LoginSession, OneTimeLink, Permission, Role
from domain.errors import Conflict, NotFound
from domain.run import SYSTEM_OWNER, Run, RunId

EVERY_RUN = 10_000_000
INVITATION_VALID = timedelta(days=7)
LAST_ADMINISTRATOR = "This is the last administrator who can log in. Make somebody else administrator first."


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """An account with what hangs on it."""

    account: Account
    sessions: int
    runs: int


@dataclass(frozen=True, slots=True)
class People:
    """A page of people, how many match and how many there are, and invitations that still wait."""

    listed: tuple[ListedPerson, ...]
    matching: int
    total: int
    waiting: int
    invitations: tuple[OneTimeLink, ...]


@dataclass(frozen=True, slots=True)
class ListPeople:
    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, *, by: Account, search: str = "", offset: int = 0, limit: int = 25) -> People:
        by.must_be_able_to(Permission.ADMINISTER)
        text = search.strip().casefold()
        with self.new_uow() as uow:
            everyone = uow.accounts.all()
            found = [person for person in everyone if text in f"{person.name}\n{person.email}".casefold()]
            found.sort(key=lambda person: person.approved)  # who waits for approval comes first
            return People(
                listed=tuple(_listed(uow, person) for person in found[offset : offset + limit]),
                matching=len(found),
                total=len(everyone),
                waiting=sum(not person.approved for person in everyone),
                invitations=tuple(
                    link
                    for link in uow.links.open()
                    if link.purpose is LinkPurpose.INVITE and link.usable(self.clock.now())
                ),
            )


def _listed(uow: UnitOfWork, person: Account) -> ListedPerson:
    runs = uow.runs.find(RunQuery(owner=person.id, limit=0)).total
    return ListedPerson(person, len(uow.sessions.of(person.id)), runs)


@dataclass(frozen=True, slots=True)
class PersonInFull:
    """One account, its log-ins, and what becomes of its things should it be deleted."""

    account: Account
    sessions: tuple[LoginSession, ...]
    private_runs: tuple[Run, ...]
    shared_runs: tuple[Run, ...]
    models: int


@dataclass(frozen=True, slots=True)
class ViewPerson:
    new_uow: NewUnitOfWork

    def __call__(self, account_id: AccountId, *, by: Account) -> PersonInFull:
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            account = uow.accounts.get(account_id)
            runs = uow.runs.find(RunQuery(owner=account.id, limit=EVERY_RUN)).runs
            models = sum(version.trained_by == account.id for version in uow.models.all())
            return PersonInFull(
                account,
                tuple(uow.sessions.of(account.id)),
                tuple(run for run in runs if not run.shared),
                tuple(run for run in runs if run.shared),
                models,
            )


@dataclass(frozen=True, slots=True)
class Invite:
    """A one-time link for one email and role, handed over by the administrator: the product sends no mail."""

    new_uow: NewUnitOfWork
    emails: EmailRules
    secrets: Secrets
    clock: Clock

    def __call__(self, email: str, role: Role, *, by: Account, address: str = "") -> str:
        """The link's secret, which is not kept. An earlier invitation of the same email stops working."""
        by.must_be_able_to(Permission.ADMINISTER)
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
            note(uow, self.clock, by, f"invited a {role.value}", email, address=address)
            uow.commit()
        return token


@dataclass(frozen=True, slots=True)
class WithdrawInvitation:
    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, token_hash: str, *, by: Account, address: str = "") -> None:
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            link = uow.links.get(token_hash)
            if link is None or link.purpose is not LinkPurpose.INVITE or link.used_at is not None:
                raise NotFound("There is no such invitation.")
            uow.links.save(replace(link, used_at=self.clock.now()))
            note(uow, self.clock, by, "withdrew an invitation", link.email or "", address=address)
            uow.commit()


@dataclass(frozen=True, slots=True)
class ApproveAccount:
    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, account_id: AccountId, *, by: Account, address: str = "") -> Account:
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            account = replace(uow.accounts.get(account_id), approved=True)
            uow.accounts.save(account)
            note(uow, self.clock, by, "approved an account", account.email, address=address)
            uow.commit()
        return account


@dataclass(frozen=True, slots=True)
class ChangeRole:
    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, account_id: AccountId, role: Role, *, by: Account, address: str = "") -> Account:
        """Raises Conflict where nobody would be left to administer."""
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            if role is not Role.ADMIN:
                must_leave_an_administrator(uow, account_id)
            account = replace(uow.accounts.get(account_id), role=role)
            uow.accounts.save(account)
            note(uow, self.clock, by, f"made {role.value}", account.email, address=address)
            uow.commit()
        return account


@dataclass(frozen=True, slots=True)
class DisableAccount:
    """Keeps a person out at once: sessions end and open links stop working. Nothing of theirs is lost."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, account_id: AccountId, *, by: Account, address: str = "") -> Account:
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            must_leave_an_administrator(uow, account_id)
            account = replace(uow.accounts.get(account_id), disabled=True)
            uow.accounts.save(account)
            uow.sessions.remove_of(account.id)
            uow.links.remove_of(account.id)
            note(uow, self.clock, by, "disabled an account", account.email, address=address)
            uow.commit()
        return account


@dataclass(frozen=True, slots=True)
class EnableAccount:
    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, account_id: AccountId, *, by: Account, address: str = "") -> Account:
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            account = replace(uow.accounts.get(account_id), disabled=False)
            uow.accounts.save(account)
            note(uow, self.clock, by, "enabled an account", account.email, address=address)
            uow.commit()
        return account


@dataclass(frozen=True, slots=True)
class OfferReset:
    """A one-time link to choose a new password; an earlier one stops working."""

    new_uow: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, account_id: AccountId, *, by: Account, address: str = "") -> tuple[Account, str]:
        """The account, and the link's secret, which is not kept."""
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            account = uow.accounts.get(account_id)
            uow.links.remove_of(account.id)
            token, link = reset_link(self.secrets, account, now=self.clock.now())
            uow.links.add(link)
            note(uow, self.clock, by, "made a reset link", account.email, address=address)
            uow.commit()
        return account, token


@dataclass(frozen=True, slots=True)
class EndSessionsOf:
    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, account_id: AccountId, *, by: Account, address: str = "") -> int:
        """How many ended."""
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            account = uow.accounts.get(account_id)
            ended = uow.sessions.remove_of(account.id)
            note(uow, self.clock, by, "ended all sessions", account.email, address=address)
            uow.commit()
        return ended


@dataclass(frozen=True, slots=True)
class RemoveAccount:
    """Private predictions go with the account, shared ones pass to the system, its models stay."""

    new_uow: NewUnitOfWork
    results: ResultStore
    uploads: Uploads
    clock: Clock

    def __call__(self, account_id: AccountId, *, by: Account, address: str = "") -> Account:
        """Raises Conflict where nobody would be left to administer."""
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            must_leave_an_administrator(uow, account_id)
            account = uow.accounts.get(account_id)
            gone = leave_things(uow, account)
            uow.accounts.remove(account.id)
            note(uow, self.clock, by, "deleted an account", account.email, address=address)
            uow.commit()
        for upload_id in gone:
            self.results.discard(RunId(upload_id))  # a training has no results: nothing is there to discard
            self.uploads.discard(upload_id)
        return account


def must_leave_an_administrator(uow: UnitOfWork, without: AccountId) -> None:
    """Raises Conflict where, without this account, nobody could administer any more. Also asked of oneself."""
    administrators = sorted(a.id for a in uow.accounts.all() if a.role is Role.ADMIN and a.may_log_in)
    # Read one by one, which keeps the rows from others: two administrators cannot demote each other at once.
    able = [account for account in map(uow.accounts.get, administrators) if account.may_log_in]
    if any(account.id == without for account in able) and len(able) == 1:
        raise Conflict(LAST_ADMINISTRATOR)


def leave_things(uow: UnitOfWork, account: Account) -> list[str]:
    """Remove a leaving person's private predictions and files, pass shared ones to the system; ids whose files go."""
    gone: list[str] = []
    for run in uow.runs.find(RunQuery(owner=account.id, limit=EVERY_RUN)).runs:
        if run.shared:
            uow.runs.save(replace(run, owner=SYSTEM_OWNER))
        else:
            uow.runs.remove(run.id)
            gone.append(run.id)
    for training in uow.trainings.latest(owner=account.id, limit=EVERY_RUN):
        if not training.state.ended:
            uow.trainings.save(replace(training, cancel_requested=True))
        gone.append(training.id)
    for record in uow.uploads.all():
        if record.owner == account.id:
            uow.uploads.remove(record.id)
            if record.id not in gone:
                uow.uploads.add(replace(record, owner=SYSTEM_OWNER))
    return gone
