"""Who may touch what: asked here, by every use case, before anything is read out or changed."""

from __future__ import annotations

from collections.abc import Callable

from application.ports.persistence import AuditEntry, UnitOfWork
from application.ports.system import Clock
from domain.account import Account, Permission
from domain.errors import NotAllowed, RunNotFound
from domain.run import SYSTEM_OWNER, Run, RunId

NewUnitOfWork = Callable[[], UnitOfWork]


def run_seen_by(uow: UnitOfWork, run_id: RunId, by: Account) -> Run:
    """The run, if the person may see it; else RunNotFound, as for one that does not exist."""
    run = uow.runs.get(run_id)
    if not by.may_see(run):
        raise RunNotFound(run_id)
    return run


def run_changed_by(uow: UnitOfWork, run_id: RunId, by: Account) -> Run:
    """The run, if the person may change it. Raises RunNotFound where they may not even see it, else NotAllowed."""
    run = run_seen_by(uow, run_id, by)
    if not by.may_change(run):
        raise NotAllowed("Only the person who made this prediction, or an administrator, can change it.")
    return run


def visible_to(by: Account) -> str | None:
    """The owner filter for queries: None where the person sees everyone's runs."""
    return None if by.can(Permission.SEE_ALL_RUNS) else str(by.id)


def owner_name(uow: UnitOfWork, owner: str) -> str:
    """The name of a run's owner; a former user's runs belong to the system."""
    if owner == SYSTEM_OWNER:
        return "Command line"
    found = next((account for account in uow.accounts.all() if account.id == owner), None)
    return found.name if found else "Former user"


def note(uow: UnitOfWork, clock: Clock, by: Account, action: str, subject: str = "", *, address: str = "") -> None:
    """Write who did what to the audit log, within the unit of work."""
    uow.audit.record(AuditEntry(at=clock.now(), actor=by.email, action=action, subject=subject, address=address))
