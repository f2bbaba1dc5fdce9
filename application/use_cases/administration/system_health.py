"""The state of the installation: storage, worker, database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from application.ports.runs import RunQuery
from application.ports.system import Clock, Storage, StorageUse
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Account, Permission
from domain.actor import Actor
from domain.liveness import DEFAULT_LIVENESS, Liveness


@dataclass(frozen=True, slots=True)
class Health:
    """State of the installation: storage, worker and counts."""

    storage: StorageUse
    worker_seen: datetime | None
    worker_lives: bool
    waiting: int
    """Predictions and trainings that are queued or running."""
    runs: int
    customers: int
    uploads: int
    models: int


@dataclass(frozen=True, slots=True)
class WatchHealth:
    new_uow: NewUnitOfWork
    storage: Storage
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, *, by: Account) -> Health:
        by.must_be_able_to(Permission.ADMINISTER)
        now = self.clock.now()
        with self.new_uow() as uow:
            page = uow.runs.find(RunQuery(limit=0))
            seen = uow.workers.last_seen(until=self.liveness.newest(now))
            return Health(
                storage=self.storage.use(),
                worker_seen=seen,
                worker_lives=self.liveness.lives(seen, now),
                waiting=len(uow.runs.unfinished()) + len(uow.trainings.unfinished()),
                runs=page.total,
                customers=page.customers,
                uploads=len(uow.uploads.all()),
                models=len(uow.models.all()),
            )


@dataclass(frozen=True, slots=True)
class CheckDatabase:
    """Checks the whole database for damage, which may take minutes."""

    new_uow: NewUnitOfWork
    storage: Storage
    clock: Clock

    def __call__(self, *, by: Actor) -> str | None:
        """Returns a description of the damage; None if there is none."""
        by.account.must_be_able_to(Permission.ADMINISTER)
        problem = self.storage.check_database()
        with self.new_uow() as uow:
            note(uow, self.clock, by, "checked the database", problem or "sound")
            uow.commit()
        return problem
