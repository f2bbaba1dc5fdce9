"""A person leaves: what goes with the account, what stays, and who may not go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from application.ports.intake import Uploads
from application.ports.persistence import PendingDeletion, RunQuery, UnitOfWork
from application.ports.results import ResultStore
from application.ports.system import Clock, Storage
from application.use_cases.access import NewUnitOfWork, note
from application.use_cases.disposal import delete_later, delete_now, remove_runs
from application.use_cases.passwords import CurrentPassword
from domain.account import Account, AccountId, Permission, Role
from domain.errors import Conflict
from domain.run import SYSTEM_OWNER, Run, RunState

EVERY_RUN = 10_000_000
LAST_ADMINISTRATOR = "This is the last administrator who can log in. Make somebody else administrator first."
ONLY_ADMINISTRATOR = (
    "You are the only administrator. Make another person administrator first; then this account can be deleted."
)


@dataclass(frozen=True, slots=True)
class DeparturePlan:
    """What deleting an account does: private predictions go, shared ones stay with the team, models stay."""

    private_runs: tuple[Run, ...]
    shared_runs: tuple[Run, ...]
    models: int
    last_administrator: bool


@dataclass(frozen=True, slots=True)
class PlanDeparture:
    """Says what deleting one's account would do, before anything is done."""

    new_uow: NewUnitOfWork

    def __call__(self, *, by: Account) -> DeparturePlan:
        with self.new_uow() as uow:
            return departure_of(uow, by)


def departure_of(uow: UnitOfWork, account: Account) -> DeparturePlan:
    runs = uow.runs.find(RunQuery(owner=account.id, limit=EVERY_RUN)).runs
    return DeparturePlan(
        private_runs=tuple(run for run in runs if not run.shared),
        shared_runs=tuple(run for run in runs if run.shared),
        models=sum(version.trained_by == account.id for version in uow.models.all()),
        last_administrator=is_last_administrator(uow, account.id),
    )


@dataclass(frozen=True, slots=True)
class DeleteAccount:
    """A person leaves by themselves."""

    new_uow: NewUnitOfWork
    current: CurrentPassword
    results: ResultStore
    uploads: Uploads
    storage: Storage
    clock: Clock

    def __call__(self, current_password: str, *, by: Account, address: str = "") -> None:
        """Raises InvalidInput for a wrong password, Conflict for the last administrator."""
        self.current.must_be(current_password, of=by, address=address)
        now = self.clock.now()
        with self.new_uow() as uow:
            if is_last_administrator(uow, by.id):
                raise Conflict(ONLY_ADMINISTRATOR)
            gone = take_leave(uow, by, now=now)
            note(uow, self.clock, by, "deleted their own account", address=address)
            uow.commit()
        delete_now(gone, new_uow=self.new_uow, results=self.results, uploads=self.uploads, now=now)
        self.storage.overwrite_deleted()


@dataclass(frozen=True, slots=True)
class RemoveAccount:
    """An administrator removes a person."""

    new_uow: NewUnitOfWork
    results: ResultStore
    uploads: Uploads
    storage: Storage
    clock: Clock

    def __call__(self, account_id: AccountId, *, by: Account, address: str = "") -> Account:
        """Raises Conflict where nobody would be left to administer."""
        now = self.clock.now()
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            must_leave_an_administrator(uow, account_id)
            account = uow.accounts.get(account_id)
            gone = take_leave(uow, account, now=now)
            note(uow, self.clock, by, "deleted an account", account.email, address=address)
            uow.commit()
        delete_now(gone, new_uow=self.new_uow, results=self.results, uploads=self.uploads, now=now)
        self.storage.overwrite_deleted()
        return account


def must_leave_an_administrator(uow: UnitOfWork, without: AccountId) -> None:
    """Raises Conflict where, without this account, nobody could administer any more. Also asked of oneself."""
    if is_last_administrator(uow, without):
        raise Conflict(LAST_ADMINISTRATOR)


def is_last_administrator(uow: UnitOfWork, account_id: AccountId) -> bool:
    administrators = sorted(a.id for a in uow.accounts.all() if a.role is Role.ADMIN and a.may_log_in)
    # Read one by one, which keeps the rows from others: two administrators cannot demote each other at once.
    able = [account.id for account in map(uow.accounts.get, administrators) if account.may_log_in]
    return able == [account_id]


def take_leave(uow: UnitOfWork, account: Account, *, now: datetime) -> list[PendingDeletion]:
    """Remove an account: private predictions and all files go with it, shared ones pass to the system, models stay
    as of a former user. Returns the deletions of files to carry out once that is committed."""
    runs = uow.runs.find(RunQuery(owner=account.id, limit=EVERY_RUN)).runs
    deletions = remove_runs(uow, [run for run in runs if not run.shared], now=now)
    for run in runs:
        if run.shared:
            uow.runs.save(replace(run, owner=SYSTEM_OWNER))
    for training in uow.trainings.latest(owner=account.id, limit=EVERY_RUN):
        if not training.state.ended:
            uow.trainings.save(training.asked_to_stop(at=now))
        under_way = training.state is RunState.RUNNING
        deletions.append(delete_later(uow, training.id, now=now, under_way=under_way))
        uow.uploads.remove(training.id)
    for record in uow.uploads.all():
        if record.owner == account.id:
            uow.uploads.remove(record.id)
            uow.uploads.add(replace(record, owner=SYSTEM_OWNER))
    uow.accounts.remove(account.id)
    return deletions
