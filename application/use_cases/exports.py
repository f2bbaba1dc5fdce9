"""Exports made by a worker: ordered, made, fetched, and gone after a day."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

from application.ports.exports import ExportOrder, ExportRecord, ExportState, ExportStore
from application.ports.jobs import JobQueue
from application.ports.results import CustomerQuery
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork, run_seen_by
from application.use_cases.reports import ExportPdf, ExportTable
from domain.account import Account
from domain.errors import ChurnDeskError, InvalidInput, NotFound, TooManyWaiting
from domain.export import EXPORT_KEPT, MAX_OPEN_EXPORTS, ExportKind, ExportOptions
from domain.liveness import Liveness
from domain.policy import InstallationPolicy
from domain.run import DEFAULT_LIVENESS, Run, RunId, RunState


@dataclass(frozen=True, slots=True)
class OrderExport:
    """Queue an export of a run as the person sees it, unless the same one is there or on its way."""

    new_uow: NewUnitOfWork
    store: ExportStore
    jobs: JobQueue
    clock: Clock

    def __call__(
        self, run_id: RunId, query: CustomerQuery, options: ExportOptions, *, by: Account, address: str = ""
    ) -> ExportRecord:
        """Raises TooManyWaiting where the person has ten unfinished ones."""
        with self.new_uow() as uow:
            run = run_seen_by(uow, run_id, by)
            policy = uow.policies.get()
        if run.state is not RunState.DONE:
            raise InvalidInput("This prediction has no result yet.")
        query = _without_paging(query, options)
        export_id = _id_of(run, query, options, policy, by)
        existing = self.store.find(run.id, export_id)
        if existing is not None and existing.state is not ExportState.FAILED:
            return existing
        self._refuse_too_many(by)
        order = ExportOrder(export_id, run.id, by.id, query, options, self.clock.now(), address)
        record = self.store.put(order)
        self.jobs.report(run.id, export_id)
        return record

    def _refuse_too_many(self, by: Account) -> None:
        own = sum(record.order.owner == by.id for record in self.store.unfinished())
        if own >= MAX_OPEN_EXPORTS:
            raise TooManyWaiting(
                f"{own} of your exports are waiting to be made. Fetch this one when some of them are done.",
                retry_after=30,
            )


def _without_paging(query: CustomerQuery, options: ExportOptions) -> CustomerQuery:
    """An export has all pages, and a report has an order of its own."""
    query = replace(query, offset=0, limit=0)
    return replace(query, sort="gain", descending=True) if options.kind is ExportKind.PDF else query


def _id_of(run: Run, query: CustomerQuery, options: ExportOptions, policy: InstallationPolicy, by: Account) -> str:
    """Equal for whatever gives the same file to the same person."""
    parts = (run.id, run.file_name, run.owner, str(by.id), by.role, query, options, policy)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class MakeExport:
    """Make an export that was ordered, unless another worker is making it or its run is gone.

    One at a time in a process, so that the worker's other threads stay free for scoring. An order that comes while
    another is made waits; the export that ends queues the next one, preferably another person's.
    """

    new_uow: NewUnitOfWork
    store: ExportStore
    pdf: ExportPdf
    table: ExportTable
    jobs: JobQueue
    making: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, run_id: RunId, export_id: str) -> ExportRecord | None:
        """The ended export; None where another worker has it, or it is gone."""
        record = self.store.find(run_id, export_id)
        if record is None or not self.making.acquire(blocking=False):
            return None
        try:
            with self.store.making(record.order) as draft:
                if draft is not None:
                    self._make(record.order, draft)
        finally:
            self.making.release()
        if draft is None:
            return None
        self._queue_next(record.order)
        return self.store.find(run_id, export_id)

    def _make(self, order: ExportOrder, draft: Path) -> None:
        noun = order.options.kind.noun
        try:
            self._write(order, draft)
            self.store.publish(order, draft)
        except ChurnDeskError as problem:
            self.store.fail(order, str(problem))
        except Exception:
            if self.store.find(order.run_id, order.id) is None:  # its run was deleted meanwhile, the draft with it
                return
            self.store.fail(order, f"The {noun} could not be made: something failed on our side. Ask for it again.")
            raise

    def _write(self, order: ExportOrder, draft: Path) -> None:
        options = order.options
        with self.new_uow() as uow:
            by = uow.accounts.get(order.owner)
        if options.kind is ExportKind.PDF:
            self.pdf(order.run_id, order.query, draft, by=by, customers=options.customers, address=order.address)
        elif options.kind is ExportKind.XLSX:
            self.table.xlsx(order.run_id, order.query, draft, by=by, address=order.address)
        else:
            _, pieces = self.table.csv(
                order.run_id,
                order.query,
                by=by,
                raw=options.raw,
                bom=options.bom,
                with_input=options.with_input,
                address=order.address,
            )
            self.store.write(draft, pieces)

    def _queue_next(self, made: ExportOrder) -> None:
        waiting = [record.order for record in self.store.unfinished() if record.state is ExportState.WAITING]
        following = min(waiting, key=lambda order: (order.owner == made.owner, order.at), default=None)
        if following is not None:
            self.jobs.report(following.run_id, following.id)


@dataclass(frozen=True, slots=True)
class ResumeExports:
    """Queue again what waits: the queue may lose a job, the store doesn't."""

    store: ExportStore
    jobs: JobQueue
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, *, all_waiting: bool = False) -> int:
        """How many were queued: those that wait for half a minute or longer, or all."""
        since = self.liveness.stale_before(self.clock.now())
        waiting = [
            record.order
            for record in self.store.unfinished()
            if record.state is ExportState.WAITING and (all_waiting or record.order.at < since)
        ]
        for order in waiting:
            self.jobs.report(order.run_id, order.id)
        return len(waiting)


@dataclass(frozen=True, slots=True)
class ViewExport:
    """How far one's own export is. Exports follow what a person may see, so nobody fetches another's."""

    new_uow: NewUnitOfWork
    store: ExportStore

    def __call__(self, run_id: RunId, export_id: str, *, by: Account) -> ExportRecord:
        with self.new_uow() as uow:
            run_seen_by(uow, run_id, by)
        record = self.store.find(run_id, export_id)
        if record is None or record.order.owner != by.id:
            raise NotFound("This export is no longer kept. Ask for it again.")
        return record


@dataclass(frozen=True, slots=True)
class DiscardOldExports:
    store: ExportStore
    clock: Clock

    def __call__(self) -> int:
        return self.store.sweep(self.clock.now() - EXPORT_KEPT)
