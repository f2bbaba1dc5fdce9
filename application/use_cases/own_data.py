"""What a person may ask of their own data: to change it, and to have it. To have it gone: see departure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from application.ports.persistence import AuditQuery, RunQuery, UnitOfWork
from application.ports.security import EmailRules, Secrets
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork, note
from application.use_cases.passwords import CurrentPassword
from domain.account import Account, LoginSession, checked_name
from domain.errors import Conflict, InvalidInput
from domain.run import Run
from domain.training import Training

MOST = 100_000
ASKED_FOR_EMAIL = "To change the email, give your current password."


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
                "second_factor": _second_factor(uow, by),
                "sessions": [_session(session, own) for session in uow.sessions.of(by.id)],
                "predictions": [_run(run) for run in uow.runs.find(RunQuery(owner=by.id, limit=MOST)).runs],
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
class EditProfile:
    new_uow: NewUnitOfWork
    emails: EmailRules
    current: CurrentPassword
    clock: Clock

    def __call__(self, name: str, email: str, *, by: Account, current_password: str = "", address: str = "") -> Account:
        """A new email asks for the current password. Raises InvalidInput, TooManyAttempts or Conflict."""
        name, email = checked_name(name), self.emails.normalised(email)
        if email != by.email:
            if not current_password:
                raise InvalidInput(ASKED_FOR_EMAIL, field="current_password")
            self.current.must_be(current_password, of=by, address=address, otherwise=ASKED_FOR_EMAIL)
        with self.new_uow() as uow:
            other = uow.accounts.by_email(email)
            if other is not None and other.id != by.id:
                raise Conflict("Another account has this email.")
            changed = replace(uow.accounts.get(by.id), name=name, email=email)  # role and the rest as they are now
            uow.accounts.save(changed)
            note(uow, self.clock, by, "edited the profile", "" if email == by.email else email, address=address)
            uow.commit()
        return changed


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


def _second_factor(uow: UnitOfWork, account: Account) -> dict[str, Any] | None:
    """When it was enabled and how many recovery codes are left; no key and no code."""
    factor = uow.second_factors.get(account.id)
    if factor is None or not factor.enabled:
        return None
    return {"enabled_at": _time(factor.enabled_at), "recovery_codes_left": uow.second_factors.codes_left(account.id)}


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
