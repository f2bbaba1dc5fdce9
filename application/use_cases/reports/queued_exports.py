"""Exports that a worker creates: order, create and download them. They are deleted after a day."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import assert_never

from application.ports.exports import ExportOrder, ExportRecord, ExportState, ExportStore
from application.ports.jobs import JobQueue
from application.ports.system import Clock
from application.use_cases.insights.read_trend import ReadTrend
from application.use_cases.jobs.heartbeat import Lost
from application.use_cases.jobs.run_job import run_claimed
from application.use_cases.permissions import NewUnitOfWork, run_seen_by
from application.use_cases.reports.render_export import ExportPdf, ExportTable
from domain.account import Account
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.errors import InvalidInput, NotFound, RunNotFound, TooManyWaiting
from domain.export import EXPORT_KEPT, MAX_OPEN_EXPORTS, ExportKind, ExportOptions
from domain.liveness import DEFAULT_LIVENESS, Liveness
from domain.policy import InstallationPolicy
from domain.question import Question
from domain.run import JobState, Run, RunId


@dataclass(frozen=True, slots=True)
class OrderExport:
    """Queues an export of a run with the person's filters, unless the same export already exists or is queued."""

    new_uow: NewUnitOfWork
    read_trend: ReadTrend
    store: ExportStore
    jobs: JobQueue
    clock: Clock

    def __call__(self, run_id: RunId, query: CustomerQuery, options: ExportOptions, *, by: Actor) -> ExportRecord:
        """Raises TooManyWaiting if the person already has the maximum number of unfinished exports."""
        with self.new_uow() as uow:
            run = run_seen_by(uow, run_id, by.account)
            policy = uow.policies.get()
            grading = uow.gradings.of_run(run_id)
            is_report = options.kind is ExportKind.PDF and run.state is JobState.DONE
            trend = self.read_trend(uow, run, by=by.account) if is_report else None
        if run.state is not JobState.DONE:
            raise InvalidInput("This prediction has no result yet.")
        query = _without_paging(query, options)
        export_id = _id_of(run, query, options, policy, f"{grading and grading.id} {trend}", by.account)
        existing = self.store.find(run.id, export_id)
        if existing is not None and existing.state is not ExportState.FAILED:
            return existing
        self._refuse_too_many(by.account)
        order = ExportOrder(export_id, run.id, by.account.id, query, options, self.clock.now(), by.address)
        record = self.store.put(order)
        self.jobs.report(run.id, export_id)
        return record

    def _refuse_too_many(self, by: Account) -> None:
        own = sum(record.order.owner == by.id for record in self.store.unfinished())
        if own >= MAX_OPEN_EXPORTS:
            raise TooManyWaiting(
                f"{own} of your exports are waiting to be made. This one was not added. Ask for it when some of them "
                "are done.",
                retry_after=30,
            )


def _without_paging(query: CustomerQuery, options: ExportOptions) -> CustomerQuery:
    """The query for all pages. A report has its own order."""
    query = replace(query, offset=0, limit=0)
    return replace(query, sort="gain", descending=True) if options.kind is ExportKind.PDF else query


def _id_of(
    run: Run, query: CustomerQuery, options: ExportOptions, policy: InstallationPolicy, others: str, by: Account
) -> str:
    """An id that is equal for exports with the same content for the same person.

    `others` is what comes from outside of the run: its grading, and the months of a report's trend.
    """
    parts = (run.id, run.file_name, run.owner, str(by.id), by.role, query, options, policy, others)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ClaimedExport:
    """An export that a worker has claimed. The export store keeps its heartbeat.

    It can be deleted, but not cancelled.
    """

    new_uow: NewUnitOfWork
    store: ExportStore
    order: ExportOrder

    def cancel(self) -> ExportRecord:
        return self.fail("This export was cancelled. Ask for it again.")

    def fail(self, words: str, question: Question | None = None) -> ExportRecord:
        if self._is_gone():
            raise Lost
        self.store.fail(self.order, words)
        return self.ended()

    def fail_by_our_error(self) -> tuple[ExportRecord, bool]:
        noun = self.order.options.kind.noun
        words = f"The {noun} could not be made: something failed on our side. Ask for it again."
        return self.fail(words), False

    def ended(self) -> ExportRecord:
        """The ended export. Raises Lost if the order was deleted, or if another worker is still making it."""
        record = self.store.find(self.order.run_id, self.order.id)
        if record is None or not record.state.ended:
            raise Lost
        return record

    def _is_gone(self) -> bool:
        """Whether the order or its run was deleted. A run's row is deleted before its files."""
        if self.store.find(self.order.run_id, self.order.id) is None:
            return True
        with self.new_uow() as uow:
            try:
                uow.runs.get(self.order.run_id)
            except RunNotFound:
                return True
        return False


@dataclass(frozen=True, slots=True)
class MakeExport:
    """Makes an ordered export, unless another worker is making it or its run was deleted.

    Each process makes one export at a time, so that its other threads stay free for scoring. An order that arrives
    meanwhile waits; the export that ends queues the next one, preferably another person's.
    """

    new_uow: NewUnitOfWork
    store: ExportStore
    pdf: ExportPdf
    table: ExportTable
    jobs: JobQueue
    making: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, run_id: RunId, export_id: str) -> ExportRecord | None:
        """Returns the ended export; None if another worker is making it, or it was deleted."""
        record = self.store.find(run_id, export_id)
        if record is None or not self.making.acquire(blocking=False):
            return None
        try:
            with self.store.making(record.order) as draft:
                ended = None if draft is None else self._run(record.order, draft)
        finally:
            self.making.release()
        if draft is not None:
            self._queue_next(record.order)
        return ended

    def _run(self, order: ExportOrder, draft: Path) -> ExportRecord | None:
        job = ClaimedExport(self.new_uow, self.store, order)

        def make() -> ExportRecord:
            self._write(order, draft)
            self.store.publish(order, draft)
            return job.ended()

        return run_claimed(job, make)

    def _write(self, order: ExportOrder, draft: Path) -> None:
        options = order.options
        with self.new_uow() as uow:
            by = Actor(uow.accounts.get(order.owner), order.address)
        if options.kind is ExportKind.PDF:
            self.pdf(order.run_id, order.query, draft, by=by, customers=options.customers)
        elif options.kind is ExportKind.XLSX:
            self.table.xlsx(order.run_id, order.query, draft, by=by)
        elif options.kind is ExportKind.CSV or options.kind is ExportKind.PARQUET:
            _, pieces = self.table.streamed(order.run_id, order.query, options, by=by)
            self.store.write(draft, pieces)
        else:
            assert_never(options.kind)

    def _queue_next(self, made: ExportOrder) -> None:
        waiting = [record.order for record in self.store.unfinished() if record.state is ExportState.WAITING]
        following = min(waiting, key=lambda order: (order.owner == made.owner, order.at), default=None)
        if following is not None:
            self.jobs.report(following.run_id, following.id)


@dataclass(frozen=True, slots=True)
class ResumeExports:
    """Sends messages for waiting exports again. Messages can be lost; stored orders are not."""

    store: ExportStore
    jobs: JobQueue
    clock: Clock
    liveness: Liveness = DEFAULT_LIVENESS

    def __call__(self, *, all_waiting: bool = False) -> int:
        """Returns how many messages were sent: for exports that have waited half a minute, or for all."""
        now = self.clock.now()
        waiting = [
            record.order
            for record in self.store.unfinished()
            if record.state is ExportState.WAITING and (all_waiting or self.liveness.waits_long(record.order.at, now))
        ]
        for order in waiting:
            self.jobs.report(order.run_id, order.id)
        return len(waiting)


@dataclass(frozen=True, slots=True)
class ViewExport:
    """Finds an own export of a run that the person may see. Raises NotFound if there is none."""

    new_uow: NewUnitOfWork
    store: ExportStore

    def __call__(self, run_id: RunId, export_id: str, *, by: Account) -> ExportRecord:
        with self.new_uow() as uow:
            run_seen_by(uow, run_id, by)
        record = self.store.find(run_id, export_id)
        if record is None or record.order.owner != by.id:
            raise NotFound("This export is no longer available. Ask for it again.")
        return record


@dataclass(frozen=True, slots=True)
class FetchExport:
    """Opens a finished export and its file. Raises NotFound if it is unfinished or another person's."""

    view: ViewExport
    store: ExportStore

    def __call__(self, run_id: RunId, export_id: str, *, by: Account) -> tuple[ExportRecord, Path]:
        record = self.view(run_id, export_id, by=by)
        if record.state is not ExportState.DONE:
            raise NotFound(f"This {record.order.options.kind.noun} is not ready yet. Wait until it is done.")
        return record, self.store.path(record.order)


@dataclass(frozen=True, slots=True)
class DiscardOldExports:
    store: ExportStore
    clock: Clock

    def __call__(self) -> int:
        return self.store.sweep(self.clock.now() - EXPORT_KEPT)
