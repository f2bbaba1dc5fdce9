"""Printed reports made by a worker: asked for, made, fetched, and gone after a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from application.ports.jobs import JobQueue
from application.ports.results import CustomerQuery
from application.ports.shelf import KeptReport, ReportOrder, ReportShelf
from application.ports.system import Clock, Ids
from application.use_cases.access import NewUnitOfWork, run_seen_by
from application.use_cases.reports import PDF_CUSTOMERS, ExportPdf
from domain.account import Account
from domain.errors import ChurnDeskError, InvalidInput, NotFound
from domain.run import RunId, RunState

KEPT = timedelta(days=1)
"""For so long a finished report can be fetched again."""


@dataclass(frozen=True, slots=True)
class OrderReport:
    """Queue a report of a run as the person sees it."""

    new_uow: NewUnitOfWork
    shelf: ReportShelf
    jobs: JobQueue
    clock: Clock
    ids: Ids

    def __call__(
        self, run_id: RunId, query: CustomerQuery, *, by: Account, customers: int = PDF_CUSTOMERS, address: str = ""
    ) -> ReportOrder:
        with self.new_uow() as uow:
            run = run_seen_by(uow, run_id, by)
        if run.state is not RunState.DONE:
            raise InvalidInput("This prediction has no result yet.")
        order = ReportOrder(self.ids.new(), run.id, by.id, query, customers, self.clock.now(), address)
        self.shelf.put(order)
        self.jobs.report(run.id, order.id)
        return order


@dataclass(frozen=True, slots=True)
class MakeReport:
    """Make a report that was ordered, unless somebody is at it or its run is gone."""

    new_uow: NewUnitOfWork
    shelf: ReportShelf
    export: ExportPdf

    def __call__(self, run_id: RunId, report_id: str) -> None:
        kept = self.shelf.find(run_id, report_id)
        if kept is None or not self.shelf.take(kept.order):
            return
        try:
            self._make(kept.order)
        except ChurnDeskError as problem:
            self.shelf.fail(kept.order, str(problem))
        except Exception:
            self.shelf.fail(kept.order, "The report could not be made.")
            raise

    def _make(self, order: ReportOrder) -> None:
        with self.new_uow() as uow:
            by = uow.accounts.get(order.owner)
        self.export(
            order.run_id,
            order.query,
            self.shelf.draft(order),
            by=by,
            customers=order.customers,
            address=order.address,
        )
        self.shelf.publish(order)


@dataclass(frozen=True, slots=True)
class ViewReport:
    """How far one's own report is. Reports follow what a person may see, so nobody fetches another's."""

    new_uow: NewUnitOfWork
    shelf: ReportShelf

    def __call__(self, run_id: RunId, report_id: str, *, by: Account) -> KeptReport:
        with self.new_uow() as uow:
            run_seen_by(uow, run_id, by)
        kept = self.shelf.find(run_id, report_id)
        if kept is None or kept.order.owner != by.id:
            raise NotFound("There is no such report any more. Ask for it once more.")
        return kept


@dataclass(frozen=True, slots=True)
class DiscardOldReports:
    shelf: ReportShelf
    clock: Clock

    def __call__(self) -> int:
        return self.shelf.sweep(self.clock.now() - KEPT)
