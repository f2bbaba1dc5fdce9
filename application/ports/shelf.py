"""Printed reports that a worker makes while a person waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from application.ports.results import CustomerQuery
from domain.account import AccountId
from domain.run import RunId


class ReportState(StrEnum):
    WAITING = "waiting"
    MAKING = "making"
    DONE = "done"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        return self in (ReportState.DONE, ReportState.FAILED)


@dataclass(frozen=True, slots=True)
class ReportOrder:
    """Which report a person asked for, when, and from where."""

    id: str
    run_id: RunId
    owner: AccountId
    query: CustomerQuery
    customers: int
    at: datetime
    address: str = ""


@dataclass(frozen=True, slots=True)
class KeptReport:
    """An order and how far it is; `problem` says in a sentence why one failed."""

    order: ReportOrder
    state: ReportState
    problem: str = ""


class ReportShelf(Protocol):
    """Orders and finished reports. A run's reports go when its results go, and when its customers are rewritten."""

    def put(self, order: ReportOrder) -> None:
        """Raises ResultMissing where the run has no results."""

    def find(self, run_id: RunId, report_id: str) -> KeptReport | None: ...
    def take(self, order: ReportOrder) -> bool:
        """Begin to make it; False where somebody else has begun, or it is gone."""

    def draft(self, order: ReportOrder) -> Path:
        """Where to write a report that was taken; nobody reads it before it is published."""

    def publish(self, order: ReportOrder) -> bool:
        """Make the draft the report; False where the run, and the draft with it, went meanwhile."""

    def fail(self, order: ReportOrder, problem: str) -> None:
        """Remember why; nothing where the order is gone."""

    def path(self, order: ReportOrder) -> Path:
        """Of a report that is done."""

    def sweep(self, before: datetime) -> int:
        """Remove what was asked for earlier; how many."""

    def clear(self) -> None:
        """Remove every order and report of every run."""
