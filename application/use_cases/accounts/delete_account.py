"""Account deletion: which data is deleted, which is kept, and which accounts cannot be deleted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from application.ports.intake import Uploads
from application.ports.results import ResultStore
from application.ports.runs import RunQuery
from application.ports.stored_files import PendingDeletion
from application.ports.system import Clock, Storage
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.accounts.passwords import CurrentPassword
from application.use_cases.maintenance.file_deletion import delete_later, delete_now, remove_runs
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Account, AccountId, Permission, Role
from domain.actor import Actor
from domain.errors import Conflict
from domain.liveness import DEFAULT_LIVENESS, Liveness
from domain.run import SYSTEM_OWNER, JobState, Run

LAST_ADMINISTRATOR = "This is the last administrator who can log in. Make another person an administrator first."
ONLY_ADMINISTRATOR = (
    "You are the only administrator. Make another person administrator first; then this account can be deleted."
)


@dataclass(frozen=True, slots=True)
class AccountDeletionPlan:
    """What deleting an account does. Private predictions are deleted, shared ones stay with the team, models stay."""

    private_runs: tuple[Run, ...]
    shared_runs: tuple[Run, ...]
    models: int
    last_administrator: bool
    folders: int
    """Watched folders in the account's name, which are paused."""


@dataclass(frozen=True, slots=True)
class PlanAccountDeletion:
    """Shows what deleting one's own account would delete and keep. Changes nothing."""

    new_uow: NewUnitOfWork

    def __call__(self, *, by: Account) -> AccountDeletionPlan:
        with self.new_uow() as uow:
            return deletion_plan_of(uow, by)


def deletion_plan_of(uow: UnitOfWork, account: Account) -> AccountDeletionPlan:
    runs = uow.runs.find(RunQuery(owner=account.id, limit=None)).runs
    return AccountDeletionPlan(
        private_runs=tuple(run for run in runs if not run.shared),
        shared_runs=tuple(run for run in runs if run.shared),
        models=sum(version.trained_by == account.id for version in uow.models.all()),
        last_administrator=is_last_administrator(uow, account.id),
        folders=sum(rule.owner == account.id for rule in uow.folder_rules.all()),
    )


@dataclass(frozen=True, slots=True)
class DeleteAccount:
    """Deletes the account of the signed-in person, at their own request."""

    new_uow: NewUnitOfWork
    current: CurrentPassword
    results: ResultStore
    uploads: Uploads
    storage: Storage
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, current_password: str, *, by: Actor) -> None:
        """Raises InvalidInput for a wrong password, Conflict for the last administrator."""
        self.current.must_be(current_password, of=by)
        now = self.clock.now()
        with self.new_uow() as uow:
            if is_last_administrator(uow, by.account.id):
                raise Conflict(ONLY_ADMINISTRATOR)
            deleted = remove_account_data(uow, by.account, now=now, liveness=self.liveness)
            note(uow, self.clock, by, "deleted their own account")
            uow.commit()
        delete_now(deleted, new_uow=self.new_uow, results=self.results, uploads=self.uploads, now=now)
        self.storage.overwrite_deleted()


@dataclass(frozen=True, slots=True)
class RemoveAccount:
    """Deletes another person's account, as an administrator."""

    new_uow: NewUnitOfWork
    results: ResultStore
    uploads: Uploads
    storage: Storage
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, account_id: AccountId, *, by: Actor) -> Account:
        """Raises Conflict if no administrator who can log in would remain."""
        now = self.clock.now()
        by.account.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            must_leave_an_administrator(uow, account_id)
            account = uow.accounts.get(account_id)
            deleted = remove_account_data(uow, account, now=now, liveness=self.liveness)
            note(uow, self.clock, by, "deleted an account", account.email)
            uow.commit()
        delete_now(deleted, new_uow=self.new_uow, results=self.results, uploads=self.uploads, now=now)
        self.storage.overwrite_deleted()
        return account


def must_leave_an_administrator(uow: UnitOfWork, without: AccountId) -> None:
    """Raises Conflict if no administrator who can log in would remain without this account.

    It also applies to the signed-in administrator's own account.
    """
    if is_last_administrator(uow, without):
        raise Conflict(LAST_ADMINISTRATOR)


def is_last_administrator(uow: UnitOfWork, account_id: AccountId) -> bool:
    administrators = sorted(a.id for a in uow.accounts.all() if a.role is Role.ADMIN and a.may_log_in)
    # Accounts are read one by one, which locks their rows: two administrators cannot demote each other at once.
    able = [account.id for account in map(uow.accounts.get, administrators) if account.may_log_in]
    return able == [account_id]


def remove_account_data(
    uow: UnitOfWork, account: Account, *, now: datetime, liveness: Liveness
) -> list[PendingDeletion]:
    """Remove an account with its private predictions and all its files.

    Shared predictions then belong to the system. Models stay, and show a former user as their author. Watched folders
    that work in its name are paused. Returns the file deletions to carry out after the commit.
    """
    runs = uow.runs.find(RunQuery(owner=account.id, limit=None, also_deleted=True)).runs
    deletions = remove_runs(uow, [run for run in runs if not run.shared], now=now)
    for run in runs:
        if run.shared:
            uow.runs.save(replace(run, owner=SYSTEM_OWNER))
    for training in uow.trainings.latest(owner=account.id, limit=None):
        if not training.state.ended:
            uow.trainings.save(training.asked_to_stop(at=now, liveness=liveness))
        under_way = training.state is JobState.RUNNING
        deletions.append(delete_later(uow, training.id, now=now, under_way=under_way))
        uow.uploads.remove(training.id)
    for record in uow.uploads.all():
        if record.owner == account.id:
            uow.uploads.remove(record.id)
            uow.uploads.add(replace(record, owner=SYSTEM_OWNER))
    for rule in uow.folder_rules.all():
        if rule.owner == account.id:
            uow.folder_rules.save(rule.without_owner(at=now))
    uow.accounts.remove(account.id)
    return deletions
