"""All accounts' predictions: their owners, and the predictions that a bulk deletion would take."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from application.ports.runs import RunQuery
from application.ports.system import Clock
from application.use_cases.permissions import NewUnitOfWork, OwnerNames, owner_names
from domain.account import Account, Permission
from domain.errors import InvalidInput
from domain.run import Run


@dataclass(frozen=True, slots=True)
class ListOwners:
    new_uow: NewUnitOfWork

    def __call__(self, *, by: Account) -> OwnerNames:
        by.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            return owner_names(uow)


@dataclass(frozen=True, slots=True)
class FindRunsInBulk:
    """Lists the predictions that a bulk deletion would delete: of one owner, older than a number of days, or both."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, *, by: Account, owner: str | None, older_than_days: int | None) -> tuple[Run, ...]:
        by.must_be_able_to(Permission.ADMINISTER)
        if owner is None and older_than_days is None:
            raise InvalidInput("Choose an owner, a minimum age, or both.", field="older_than_days")
        until = None if older_than_days is None else self.clock.now() - timedelta(days=older_than_days)
        with self.new_uow() as uow:
            return uow.runs.find(RunQuery(owner=owner, until=until, limit=None)).runs
