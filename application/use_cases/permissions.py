"""Permission checks. Every use case calls one of these before it reads or changes anything."""

from __future__ import annotations

from collections.abc import Callable

from application.ports.audit import AuditEntry
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from domain.account import Account, Permission
from domain.actor import Actor
from domain.errors import NotAllowed, RunNotFound
from domain.run import SYSTEM_OWNER, Run, RunId

COMMAND_LINE, FORMER_USER = "Command line", "Former user"
"""Names shown for owners without an account."""

NewUnitOfWork = Callable[[], UnitOfWork]


def run_seen_by(uow: UnitOfWork, run_id: RunId, by: Account) -> Run:
    """The run. Raises RunNotFound if it does not exist or the account may not see it."""
    run = uow.runs.get(run_id)
    if not by.may_see(run):
        raise RunNotFound(run_id)
    return run


def run_changed_by(uow: UnitOfWork, run_id: RunId, by: Account) -> Run:
    """The run. Raises RunNotFound if the account may not see it, NotAllowed if it may see but not change it."""
    run = run_seen_by(uow, run_id, by)
    if not by.may_change(run):
        raise NotAllowed("Only the person who made this prediction, or an administrator, can change it.")
    return run


def visible_to(by: Account) -> str | None:
    """The owner filter for queries; None if the account may see all runs."""
    return None if by.can(Permission.SEE_ALL_RUNS) else str(by.id)


def owner_of(uow: UnitOfWork, owner: str) -> Account | None:
    """The account that owns a run, an upload or a training; None for the command line and former users."""
    return next((account for account in uow.accounts.all() if account.id == owner), None)


class OwnerNames(dict[str, str]):
    """Names by owner. An owner without an account is a former user."""

    def __missing__(self, owner: str) -> str:
        return FORMER_USER


def owner_names(uow: UnitOfWork) -> OwnerNames:
    """The names of all accounts that can own a run, an upload or a training."""
    return OwnerNames({SYSTEM_OWNER: COMMAND_LINE, **{str(account.id): account.name for account in uow.accounts.all()}})


def note(uow: UnitOfWork, clock: Clock, by: Actor, action: str, subject: str = "") -> None:
    """Add an entry to the audit log within the unit of work. It names the token of a program."""
    through = f"(token “{by.token}”)" if by.token else ""
    subject = " ".join(part for part in (subject, through) if part)
    uow.audit.record(AuditEntry(clock.now(), by.account.email, action, subject, by.address))
