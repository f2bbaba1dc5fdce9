"""What a person may ask of their own data: to have it, and to have it gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from application.ports.intake import Uploads
from application.ports.persistence import AuditQuery, RunQuery, UnitOfWork
from application.ports.results import ResultStore
from application.ports.security import PasswordHasher, Secrets
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork, note
from domain.account import Account, AccountId, LoginSession, Role
from domain.errors import Conflict, InvalidInput
from domain.run import SYSTEM_OWNER, Run
from domain.training import Training

MOST = 100_000
LAST_ADMINISTRATOR = (
    "You are the only administrator. Make another person administrator first; then this account can be deleted."
)


@dataclass(frozen=True, slots=True)
class DownloadMyData:
    """All that is kept about a person, ready to be written as JSON. No password, no secret, not even their hashes."""

    new_uow: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, token: str, *, by: Account, address: str = "") -> dict[str, Any]:
        own = self.secrets.digest(token)
        with self.new_uow() as uow:
            note(uow, self.clock, by, "downloaded their own data", address=address)
            activity, _ = uow.audit.find(AuditQuery(search=by.email, limit=MOST))
            data = {
                "written_at": _time(self.clock.now()),
                "account": _account(by),
                "sessions": [_session(session, own) for session in uow.sessions.of(by.id)],
                "predictions": [_run(run) for run in _runs_of(uow, by.id)],
                "trainings": [_training(t) for t in uow.trainings.latest(owner=str(by.id), limit=MOST)],
                "activity": [
                    {"at": _time(e.at), "action": e.action, "subject": e.subject, "address": e.address}
                    for e in activity
                    if e.actor == by.email
                ],
            }
            uow.commit()
        return data


@dataclass(frozen=True, slots=True)
class DeparturePlan:
    """What deleting an account does: so many private predictions go, so many shared ones stay with the team."""

    private: int
    shared: int
    models: int
    last_administrator: bool


@dataclass(frozen=True, slots=True)
class PlanDeparture:
    """Says what `DeleteAccount` would do, before anything is done."""

    new_uow: NewUnitOfWork

    def __call__(self, *, by: Account) -> DeparturePlan:
        with self.new_uow() as uow:
            runs = _runs_of(uow, by.id)
            shared = sum(run.shared for run in runs)
            return DeparturePlan(
                private=len(runs) - shared,
                shared=shared,
                models=sum(model.trained_by == by.id for model in uow.models.all()),
                last_administrator=_is_last_administrator(uow, by),
            )


@dataclass(frozen=True, slots=True)
class DeleteAccount:
    """A person leaves: private predictions go for good, shared ones pass to the system, models stay."""

    new_uow: NewUnitOfWork
    results: ResultStore
    uploads: Uploads
    hasher: PasswordHasher
    clock: Clock

    def __call__(self, current_password: str, *, by: Account, address: str = "") -> None:
        """Raises InvalidInput for a wrong password, Conflict for the last administrator."""
        if not self.hasher.verify(current_password, by.password_hash):
            raise InvalidInput("This is not your current password.", field="current_password")
        with self.new_uow() as uow:
            if _is_last_administrator(uow, by):
                raise Conflict(LAST_ADMINISTRATOR)
            runs = _runs_of(uow, by.id)
            private = [run for run in runs if not run.shared]
            for run in private:
                uow.runs.remove(run.id)
                uow.uploads.remove(run.id)
            for run in runs:
                if run.shared:
                    _hand_over(uow, run)
            uow.accounts.remove(by.id)
            note(uow, self.clock, by, "deleted their own account", address=address)
            uow.commit()
        for run in private:
            self.results.discard(run.id)
            self.uploads.discard(run.id)


def _runs_of(uow: UnitOfWork, account_id: AccountId) -> Sequence[Run]:
    return uow.runs.find(RunQuery(owner=str(account_id), limit=MOST)).runs


def _hand_over(uow: UnitOfWork, run: Run) -> None:
    """The run and its upload belong to the system from now on."""
    uow.runs.save(replace(run, owner=SYSTEM_OWNER))
    record = uow.uploads.get(run.id)
    if record is not None:
        uow.uploads.remove(run.id)
        uow.uploads.add(replace(record, owner=SYSTEM_OWNER))


def _is_last_administrator(uow: UnitOfWork, account: Account) -> bool:
    others = (other for other in uow.accounts.all() if other.id != account.id)
    return account.role is Role.ADMIN and not any(other.role is Role.ADMIN and other.may_log_in for other in others)


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def _account(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "email": account.email,
        "role": account.role.value,
        "created_at": _time(account.created_at),
        "last_login_at": _time(account.last_login_at),
        "password_changed_at": _time(account.password_changed_at),
    }


def _session(session: LoginSession, own: str) -> dict[str, Any]:
    return {
        "began_at": _time(session.created_at),
        "last_seen_at": _time(session.seen_at),
        "address": session.address,
        "browser": session.browser,
        "this_one": session.token_hash == own,
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "file": run.file_name,
        "file_sha256": run.file_sha256,
        "file_bytes": run.file_bytes,
        "model": run.model_version,
        "threshold": run.threshold,
        "state": run.state.value,
        "shared": run.shared,
        "sample": run.sample,
        "created_at": _time(run.created_at),
        "finished_at": _time(run.finished_at),
        "customers": run.summary.scored if run.summary else None,
        "likely_to_leave": run.summary.likely_to_leave if run.summary else None,
    }


def _training(training: Training) -> dict[str, Any]:
    return {
        "id": training.id,
        "file": training.file_name,
        "file_sha256": training.file_sha256,
        "file_bytes": training.file_bytes,
        "state": training.state.value,
        "created_at": _time(training.created_at),
    }
