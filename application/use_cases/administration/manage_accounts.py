"""Account administration: approve, change and disable accounts. The last administrator cannot be removed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from application.ports.runs import RunQuery
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.accounts.delete_account import (
    AccountDeletionPlan,
    deletion_plan_of,
    must_leave_an_administrator,
)
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Account, AccountId, LinkPurpose, LoginSession, OneTimeLink, Permission, Role
from domain.actor import Actor


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """An account with its number of sessions and runs."""

    account: Account
    sessions: int
    runs: int
    second_factor: bool


@dataclass(frozen=True, slots=True)
class People:
    """A page of accounts, the numbers of matching and of all accounts, and the open invitations."""

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
            everyone, protected = uow.accounts.all(), frozenset(uow.second_factors.enabled())
            matching = [person for person in everyone if text in f"{person.name}\n{person.email}".casefold()]
            matching.sort(key=lambda person: person.approved)  # accounts that need approval come first
            return People(
                listed=tuple(_listed(uow, person, protected) for person in matching[offset : offset + limit]),
                matching=len(matching),
                total=len(everyone),
                waiting=sum(not person.approved for person in everyone),
                invitations=tuple(
                    link
                    for link in uow.links.open()
                    if link.purpose is LinkPurpose.INVITE and link.usable(self.clock.now())
                ),
            )


def _listed(uow: UnitOfWork, person: Account, protected: frozenset[AccountId]) -> ListedPerson:
    runs = uow.runs.find(RunQuery(owner=person.id, limit=0)).total
    return ListedPerson(person, len(uow.sessions.of(person.id)), runs, person.id in protected)


@dataclass(frozen=True, slots=True)
class PersonInFull:
    """One account, its sessions, and what deleting it would remove."""

    account: Account
    sessions: tuple[LoginSession, ...]
    deletion_plan: AccountDeletionPlan


@dataclass(frozen=True, slots=True)
class ViewPerson:
    new_uow: NewUnitOfWork

    def __call__(self, account_id: AccountId, *, by: Account) -> PersonInFull:
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            account = uow.accounts.get(account_id)
            return PersonInFull(account, tuple(uow.sessions.of(account.id)), deletion_plan_of(uow, account))


@dataclass(frozen=True, slots=True)
class ApproveAccount:
    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, account_id: AccountId, *, by: Actor) -> Account:
        by.account.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            account = replace(uow.accounts.get(account_id), approved=True)
            uow.accounts.save(account)
            note(uow, self.clock, by, "approved an account", account.email)
            uow.commit()
        return account


@dataclass(frozen=True, slots=True)
class ChangeRole:
    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, account_id: AccountId, role: Role, *, by: Actor) -> Account:
        """Raises Conflict if no administrator who can log in would remain."""
        by.account.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            if role is not Role.ADMIN:
                must_leave_an_administrator(uow, account_id)
            account = replace(uow.accounts.get(account_id), role=role)
            uow.accounts.save(account)
            note(uow, self.clock, by, f"made {role.value}", account.email)
            uow.commit()
        return account


@dataclass(frozen=True, slots=True)
class DisableAccount:
    """Disable an account: its sessions end, and its links and tokens stop working at once. No data is deleted."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, account_id: AccountId, *, by: Actor) -> Account:
        by.account.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            must_leave_an_administrator(uow, account_id)
            account = replace(uow.accounts.get(account_id), disabled=True)
            uow.accounts.save(account)
            uow.sessions.remove_of(account.id)
            uow.links.remove_of(account.id)
            uow.api_tokens.remove_of(account.id)
            note(uow, self.clock, by, "disabled an account", account.email)
            uow.commit()
        return account


@dataclass(frozen=True, slots=True)
class EnableAccount:
    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, account_id: AccountId, *, by: Actor) -> Account:
        by.account.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            account = replace(uow.accounts.get(account_id), disabled=False)
            uow.accounts.save(account)
            note(uow, self.clock, by, "enabled an account", account.email)
            uow.commit()
        return account


@dataclass(frozen=True, slots=True)
class EndSessionsOf:
    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, account_id: AccountId, *, by: Actor) -> int:
        """Returns how many sessions ended."""
        by.account.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            account = uow.accounts.get(account_id)
            ended = uow.sessions.remove_of(account.id)
            note(uow, self.clock, by, "ended all sessions", account.email)
            uow.commit()
        return ended
