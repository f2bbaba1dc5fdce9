"""Exports that a worker creates: orders, their states, and the finished files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from domain.account import AccountId
from domain.customer_query import CustomerQuery
from domain.export import ExportOptions
from domain.run import RunId


class ExportState(StrEnum):
    WAITING = "waiting"
    MAKING = "making"
    DONE = "done"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        return self in (ExportState.DONE, ExportState.FAILED)


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """A person's request for an export, with time and IP address. Equal exports of one person have equal ids."""

    id: str
    run_id: RunId
    owner: AccountId
    query: CustomerQuery
    options: ExportOptions
    at: datetime
    address: str = ""


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """An order and its state. `problem` is a sentence that says why it failed."""

    order: ExportOrder
    state: ExportState
    problem: str = ""


class ExportStore(Protocol):
    """Orders and finished exports. A run's exports are deleted when its results are deleted or rewritten."""

    def put(self, order: ExportOrder) -> ExportRecord:
        """Store an order. An existing order with the same id is kept, unless it failed; then it is replaced.

        Raises ResultMissing if the run has no results.
        """

    def find(self, run_id: RunId, export_id: str) -> ExportRecord | None: ...
    def making(self, order: ExportOrder) -> AbstractContextManager[Path | None]:
        """Claim an order. Gives the file to write to; None if it has ended, was deleted, or another worker has it.

        The claim lasts until the block ends, and expires if this process dies. An order fails after
        MAX_EXPORT_ATTEMPTS processes died while they worked on it.
        """

    def write(self, draft: Path, pieces: Iterable[bytes]) -> None:
        """Write the draft. Raises StorageFull."""

    def publish(self, order: ExportOrder, draft: Path) -> bool:
        """Make the draft the finished export. False if the run, and the draft with it, were deleted meanwhile."""

    def fail(self, order: ExportOrder, problem: str) -> None:
        """Store why the order failed. Does nothing if the order was deleted."""

    def path(self, order: ExportOrder) -> Path:
        """The file of a finished export."""

    def unfinished(self) -> Sequence[ExportRecord]:
        """Orders that are waiting or being worked on, oldest first."""

    def sweep(self, before: datetime) -> int:
        """Remove orders and exports that were requested before this time. Returns how many."""

    def clear(self, run_id: RunId | None = None) -> None:
        """Remove every order and export of a run; None: of all runs."""
