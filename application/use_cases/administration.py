"""What an administrator does with people: approve, change, shut out. The last administrator always stays."""

from __future__ import annotations

from dataclasses import dataclass, replace

from application.ports.persistence import RunQuery, UnitOfWork
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork, note
from application.use_cases.departure import DeparturePlan, departure_of, must_leave_an_administrator
from domain.account import Account, AccountId, LinkPurpose, LoginSession, OneTimeLink, Permission, Role


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """An account with what hangs on it."""

    account: Account
    sessions: int
    runs: int
    second_factor: bool


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
            everyone, protected = uow.accounts.all(), frozenset(uow.second_factors.enabled())
            found = [person for person in everyone if text in f"{person.name}\n{person.email}".casefold()]
            found.sort(key=lambda person: person.approved)  # who waits for approval comes first
            return People(
                listed=tuple(_listed(uow, person, protected) for person in found[offset : offset + limit]),
                matching=len(found),
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
    """One account, its log-ins, and what becomes of its things should it be deleted."""

    account: Account
    sessions: tuple[LoginSession, ...]
    departure: DeparturePlan


@dataclass(frozen=True, slots=True)
class ViewPerson:
    new_uow: NewUnitOfWork

    def __call__(self, account_id: AccountId, *, by: Account) -> PersonInFull:
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            account = uow.accounts.get(account_id)
            return PersonInFull(account, tuple(uow.sessions.of(account.id)), departure_of(uow, account))


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
