"""Exports that a worker makes: ordered, made, fetched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from application.ports.results import CustomerQuery
from domain.account import AccountId
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
    """Which export a person asked for, when, and from where. Equal exports of a person have equal ids."""

    id: str
    run_id: RunId
    owner: AccountId
    query: CustomerQuery
    options: ExportOptions
    at: datetime
    address: str = ""


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """An order and how far it is; `problem` says in a sentence why one failed."""

    order: ExportOrder
    state: ExportState
    problem: str = ""


class ExportStore(Protocol):
    """Orders and finished exports. A run's exports go when its results go, and when its customers are rewritten."""

    def put(self, order: ExportOrder) -> ExportRecord:
        """Keep an order. One of the same id stays as it is, unless it failed: then it is ordered again.

        Raises ResultMissing where the run has no results.
        """

    def find(self, run_id: RunId, export_id: str) -> ExportRecord | None: ...
    def making(self, order: ExportOrder) -> AbstractContextManager[Path | None]:
        """Claim an order and say where to write it; None where it has ended, is gone, or another worker has it.

        The claim lasts until the block ends, and runs out when this process dies. An order whose makers died three
        times has failed.
        """

    def write(self, draft: Path, pieces: Iterable[bytes]) -> None:
        """Fill a draft. Raises StorageFull."""

    def publish(self, order: ExportOrder, draft: Path) -> bool:
        """Make the draft the export; False where the run, and the draft with it, went meanwhile."""

    def fail(self, order: ExportOrder, problem: str) -> None:
        """Remember why; does nothing where the order is gone."""

    def path(self, order: ExportOrder) -> Path:
        """The file of an export that is done."""

    def unfinished(self) -> Sequence[ExportRecord]:
        """Those that wait or are in the making, oldest first."""

    def sweep(self, before: datetime) -> int:
        """Remove what was asked for earlier; how many."""

    def clear(self) -> None:
        """Remove every order and export of every run."""
