"""An installation with one scored run, whose exports wait until a test lets the worker make them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from application.ports.exports import ExportOrder, ExportState
from bench.ports import ports_of
from domain.account import Account
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.export import ExportKind, ExportOptions
from domain.run import RunId
from domain.task import TaskId
from domain.training import TrainingId
from entrypoints.application import Application

PASSWORD = "correct horse battery staple 9"


@dataclass
class Jobs:
    """Remembers what was handed over, until the test lets it happen."""

    reports: list[tuple[RunId, str]] = field(default_factory=list)

    def score(self, run_id: RunId) -> None: ...
    def train(self, training_id: TrainingId) -> None: ...
    def report(self, run_id: RunId, report_id: str) -> None:
        self.reports.append((run_id, report_id))

    def task(self, task_id: TaskId) -> None: ...


@dataclass
class Place:
    application: Application
    jobs: Jobs
    analyst: Account
    run_id: RunId
    folder: Path

    def work(self) -> None:
        while self.jobs.reports:
            self.application.reports.make_export(*self.jobs.reports.pop(0))


def customers(rows: int = 300) -> bytes:
    lines = ["customerID,tenure,Contract,MonthlyCharges,Churn"]
    for n in range(rows):
        monthly = n % 2 == 0
        leaves = (n * 7919) % 100 < (55 if monthly else 8)
        lines.append(
            f"{n:05d}-AAAAA,{(n * 13) % 72},{'Month-to-month' if monthly else 'Two year'},{20 + (n * 31) % 90},"
            f"{'Yes' if leaves else 'No'}"
        )
    return "\n".join(lines).encode()


def query(place: Place) -> CustomerQuery:
    with ports_of(place.application).new_reading() as uow:
        return CustomerQuery(uow.runs.get(place.run_id).threshold)


def ordered(place: Place, options: ExportOptions, **changes: object) -> ExportOrder:
    asked = replace(query(place), **changes)  # type: ignore[arg-type]
    return place.application.reports.order_export(place.run_id, asked, options, by=Actor(place.analyst)).order


def pdf(customers: int = 0) -> ExportOptions:
    return ExportOptions(ExportKind.PDF, customers=customers)


def state(place: Place, export_id: str) -> ExportState:
    return place.application.reports.view_export(place.run_id, export_id, by=place.analyst).state
