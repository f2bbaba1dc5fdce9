"""A user's own data: change it and export it. For deletion see `delete_account`."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from application.ports.audit import AuditQuery
from application.ports.runs import RunQuery
from application.ports.security import EmailRules, Secrets
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.accounts.passwords import CurrentPassword
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Account, LoginSession, checked_name
from domain.actor import Actor
from domain.api_token import ApiToken
from domain.csv_style import CsvStyle, StyleOfLanguage
from domain.errors import Conflict, InvalidInput
from domain.run import Run
from domain.run_month import month_of_run
from domain.training import Training

MAX_ENTRIES = 100_000
ASKED_FOR_EMAIL = "To change the email, give your current password."


@dataclass(frozen=True, slots=True)
class DownloadMyData:
    """Exports all data stored about a person, ready to be written as JSON. Contains no passwords, secrets or hashes."""

    new_uow: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, token: str, *, by: Actor) -> dict[str, Any]:
        own = self.secrets.digest(token)
        with self.new_uow() as uow:
            note(uow, self.clock, by, "downloaded their own data")
            activity, _ = uow.audit.find(AuditQuery(search=by.account.email, limit=MAX_ENTRIES))
            data = {
                "written_at": _time(self.clock.now()),
                "account": _account(by.account),
                "second_factor": _second_factor(uow, by.account),
                "sessions": [_session(session, own) for session in uow.sessions.of(by.account.id)],
                "predictions": [_run(run) for run in uow.runs.find(RunQuery(owner=by.account.id, limit=None)).runs],
                "trainings": [_training(t) for t in uow.trainings.latest(owner=str(by.account.id), limit=None)],
                "watched_folders": [
                    {"folder": rule.folder, "then": rule.then.value, "since": _time(rule.created_at)}
                    for rule in uow.folder_rules.all()
                    if rule.owner == by.account.id
                ],
                "remembered_matches": [
                    {"header": m.header, "column": m.attribute, "file": m.file_name, "confirmed_at": _time(m.at)}
                    for m in uow.remembered_matches.all()
                    if m.by == str(by.account.id)
                ],
                "tokens": [_token(own) for own in uow.api_tokens.of(by.account.id)],
                "requests_of_programs": [
                    {"key": own.key, "made": f"{own.kind} {own.object_id}", "at": _time(own.at)}
                    for own in uow.submissions.of(by.account.id)
                ],
                "saved_views": [
                    {"name": view.name, "filters": asdict(view.query), "grouped_by": view.group}
                    for view in uow.saved_views.of(by.account.id)
                ],
                "seen_notices": [
                    {"notice": key, "seen_at": _time(at)} for key, at in sorted(uow.notices.of(by.account.id).items())
                ],
                "activity": [
                    {"at": _time(e.at), "action": e.action, "subject": e.subject, "address": e.address}
                    for e in activity
                    if e.actor == by.account.email
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

    def __call__(self, name: str, email: str, *, by: Actor, current_password: str = "") -> Account:
        """Changing the email needs the current password. Raises InvalidInput, TooManyAttempts or Conflict."""
        name, email = checked_name(name), self.emails.normalised(email)
        if email != by.account.email:
            if not current_password:
                raise InvalidInput(ASKED_FOR_EMAIL, field="current_password")
            self.current.must_be(current_password, of=by, otherwise=ASKED_FOR_EMAIL)
        with self.new_uow() as uow:
            other = uow.accounts.by_email(email)
            if other is not None and other.id != by.account.id:
                raise Conflict("Another account has this email.")
            # use the current row, whose role and other fields may have changed
            changed = replace(uow.accounts.get(by.account.id), name=name, email=email)
            uow.accounts.save(changed)
            note(uow, self.clock, by, "edited the profile", "" if email == by.account.email else email)
            uow.commit()
        return changed


@dataclass(frozen=True, slots=True)
class ChooseCsvStyle:
    """Remembers how the person's spreadsheet program reads CSV. None forgets it."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, style: CsvStyle | None, *, by: Actor) -> Account:
        with self.new_uow() as uow:
            account = uow.accounts.get(by.account.id)
            if account.csv_style is style:
                return account
            changed = replace(account, csv_style=style)
            uow.accounts.save(changed)
            note(uow, self.clock, by, "chose how CSV files are written", style.noun if style else "")
            uow.commit()
        return changed


@dataclass(frozen=True, slots=True)
class ProposeCsvStyle:
    """The style that goes with the language of a person's browser, for a person who has not chosen one."""

    style_of: StyleOfLanguage

    def __call__(self, language: str, *, by: Account) -> CsvStyle | None:
        """None where there is nothing to propose: commas are usual, or the person has chosen."""
        style = self.style_of(language)
        return None if by.csv_style is not None or style is CsvStyle.COMMA else style


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
        "csv_style": account.csv_style,
    }


def _second_factor(uow: UnitOfWork, account: Account) -> dict[str, Any] | None:
    """When the second factor was enabled and how many recovery codes are left. Contains no key and no code."""
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


def _token(token: ApiToken) -> dict[str, Any]:
    return {
        "name": token.name,
        "scopes": [str(scope) for scope in token.scopes],
        "made_at": _time(token.created_at),
        "works_until": _time(token.expires_at),
        "last_used_at": _time(token.used_at) if token.used_at else None,
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
        "month": month_of_run(run),
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
