"""Hiding deleted predictions until their deletion is undone or carried out: see `undo`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from application.ports.deleted_runs import DeletedRun
from application.ports.unit_of_work import UnitOfWork
from domain.actor import Actor
from domain.run import Run


def hide(uow: UnitOfWork, runs: Sequence[Run], batch: str, *, by: Actor, at: datetime) -> None:
    """Hide runs that have ended, in the caller's transaction."""
    for run in runs:
        uow.deleted_runs.add(DeletedRun(run, batch, at, by.account.email, by.address))
