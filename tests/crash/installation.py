"""A small prepared installation, opened in a separate process, and what is known to be in it."""

from __future__ import annotations

import hashlib
import io
import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from adapters.jobs.huey_queue import HueyJobs, open_queue
from adapters.security.clock import SystemClock
from application.ports.audit import AuditQuery
from application.ports.runs import RunQuery
from bench.ports import ports_of
from domain.account import Account, Role, system_account
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.model import Algorithm, Effort
from domain.run import Run, RunId
from domain.training import Training, TrainingRequest
from entrypoints.application import Application
from entrypoints.bootstrap import build
from entrypoints.settings import Settings
from entrypoints.wiring.backups import enter
from entrypoints.worker import clean_up
from tests.builders import contacts_in

PASSWORD = "correct horse battery staple 9"
ADMIN, ANALYST, LEAVER = "admin@telco.example.com", "analyst@telco.example.com", "leaver@telco.example.com"
SMALL, LARGE, LABELLED = "march.csv", "large.csv", "learn.csv"
ROWS = {SMALL: 50, LARGE: 40_000, LABELLED: 240}
ERASED = "00007-AAAAA"
"""The customer whom `erase customer` erases."""
REQUEST = TrainingRequest(algorithm=Algorithm.LOGISTIC, effort=Effort.LOW)


def customers(rows: int, *, labelled: bool) -> bytes:
    """Made-up customers. A file to score ends with a row that cannot be read, so it has a list of rejected rows."""
    lines = ["customerID,tenure,Contract,MonthlyCharges" + (",Churn" if labelled else "")]
    for n in range(rows):
        contract, leaves = "Month-to-month" if n % 2 else "Two year", (n * 7919) % 100 < (55 if n % 2 else 8)
        line = f"{n:05d}-AAAAA,{(n * 13) % 72},{contract},{20 + n % 90}"
        lines.append(f"{line},{'Yes' if leaves else 'No'}" if labelled else line)
    return "\n".join(lines if labelled else [*lines, "too,few"]).encode()


@cache
def content_of(name: str) -> bytes:
    """The file of this name."""
    return customers(ROWS[name], labelled=name == LABELLED)


_machine_time = time.time


@dataclass
class Facts:
    """What was answered as accepted before the kill."""

    scores: dict[str, str] = field(default_factory=dict)
    """Finished runs and the digest of their scores."""
    models: dict[str, str] = field(default_factory=dict)
    """Versions and their stages."""
    accounts: set[str] = field(default_factory=set)
    uploads: set[str] = field(default_factory=set)
    contacts: dict[str, int] = field(default_factory=dict)
    """Finished runs and the length of their contact lists."""
    audit: list[str] = field(default_factory=list)
    """Oldest first."""
    names: set[str] = field(default_factory=set)
    """Names directly in the data directory after a pass of housekeeping."""
    references: dict[str, str] = field(default_factory=dict)
    """Names of files and the digests of their scores in an undisturbed run. Every model here scores alike."""


@dataclass
class Installation:
    """The application on one data directory, with the queue that a worker would read."""

    application: Application
    jobs: HueyJobs
    settings: Settings

    @property
    def folder(self) -> Path:
        return self.settings.folder

    def work(self) -> None:
        """Run what is in the queue, as a worker does; a failed job is logged by the worker and no reason to stop."""
        while (task := self.jobs.huey.dequeue()) is not None:
            self.jobs.huey.execute(task)

    def person(self, email: str) -> Account:
        with ports_of(self.application).new_reading() as uow:
            return next(account for account in uow.accounts.all() if account.email == email)

    def runs(self) -> list[Run]:
        with ports_of(self.application).new_reading() as uow:
            return list(uow.runs.find(RunQuery(limit=100_000, also_deleted=True)).runs)

    def submit(self, *, by: str = ANALYST, **options: Any) -> Run:
        file = io.BytesIO(content_of(SMALL))
        return self.application.predictions.submit_scoring(file, SMALL, by=Actor(self.person(by)), **options)

    def submit_training(self, *, promote: bool = False) -> Training:
        file = io.BytesIO(content_of(LABELLED))
        return self.application.models.submit_training(
            file, LABELLED, REQUEST, by=Actor(self.person(ADMIN)), promote=promote
        )

    def digest(self, run_id: RunId) -> str:
        """Of every row's number, id and exact probability, in the file's order."""
        with ports_of(self.application).new_reading() as uow:
            run, bands = uow.runs.get(run_id), uow.policies.get().bands
        query = CustomerQuery(threshold=run.threshold)
        rows = [
            row
            for part in ports_of(self.application).results.columns(run_id, query, bands=bands, with_extra=False)
            for row in zip(*(part.data.column(name).to_pylist() for name in ("row", "id", "probability")), strict=True)
        ]
        return hashlib.sha256(repr(sorted(rows)).encode()).hexdigest()

    def facts(self) -> Facts:
        with ports_of(self.application).new_reading() as uow:
            models = {version.id: version.stage.value for version in uow.models.all()}
            accounts = {account.email for account in uow.accounts.all()}
            uploads = {record.id for record in uow.uploads.all()}
            contacts = {str(run.id): contacts_in(uow, run.id) for run in self.runs() if run.state == "done"}
        return Facts(
            scores={run_id: self.digest(RunId(run_id)) for run_id in contacts},
            contacts=contacts,
            models=models,
            accounts=accounts,
            uploads=uploads,
            audit=self.audit(),
            names=names_in(self.folder),
        )

    def audit(self) -> list[str]:
        with ports_of(self.application).new_reading() as uow:
            entries, _ = uow.audit.find(AuditQuery(limit=100_000))
        return [f"{entry.at.isoformat()} {entry.actor} {entry.action} {entry.subject}" for entry in reversed(entries)]

    def close(self) -> None:
        self.jobs.huey.storage.close()


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def settings_for(folder: Path) -> Settings:
    return Settings(data_dir=folder, bcrypt_cost=4)


def opened(folder: Path, *, upgrade: bool = True) -> Installation:
    """The application as a worker builds it, after a restore that was interrupted is completed."""
    settings = settings_for(folder)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    enter(settings).release()
    jobs = HueyJobs(open_queue(settings.queue_file))
    application = build(settings, jobs=jobs)
    if upgrade:
        application.maintenance.upgrade_database()
    return Installation(application, jobs, settings)


def prepare(folder: Path) -> Facts:
    """Two models, three people and five predictions: two of the analyst, one shared, two of who leaves."""
    place = opened(folder)
    system = system_account(place.application.now())
    for email, role in ((ADMIN, Role.ADMIN), (ANALYST, Role.ANALYST), (LEAVER, Role.ANALYST)):
        place.application.administration.add_account("Branch Manager", email, PASSWORD, role, by=Actor(system))
    for _ in range(2):
        place.submit_training()
        place.work()
    for owner in (ANALYST, ANALYST, ANALYST, LEAVER, LEAVER):
        place.submit(by=owner)
        place.work()
    shared = next(run for run in place.runs() if run.owner == place.person(ANALYST).id)
    place.application.predictions.share_run(shared.id, shared=True, by=Actor(place.person(ANALYST)))
    keep_house(place)
    facts = place.facts()
    facts.references[SMALL] = next(iter(facts.scores.values()))
    if set(facts.scores.values()) != {facts.references[SMALL]} or len(facts.scores) != 5 or len(facts.models) != 2:
        raise AssertionError(f"the prepared installation is not as it should be: {facts}")
    place.close()
    return facts


def move_clock(by: timedelta) -> None:
    """Let this process live later than the machine: dead workers are stale, leftovers old. There is no way back."""
    SystemClock.now = lambda self: datetime.now(UTC) + by  # type: ignore[method-assign]
    time.time = lambda: _machine_time() + by.total_seconds()


def age_files(folder: Path, by: timedelta) -> None:
    """Make files as old as `move_clock` says, and let the age of files follow the machine's clock again.

    What is written from now on has the machine's time: to a moved clock it would look old at once.
    """
    time.time = _machine_time
    for path in folder.rglob("*"):
        written = path.stat().st_mtime - by.total_seconds()
        os.utime(path, (written, written))


def keep_house(place: Installation) -> None:
    """What a worker does at its start and every hour, and the work that it finds."""
    application = place.application
    clean_up(application)
    application.jobs.resume_work(all_queued=True)
    application.reports.resume_exports(all_waiting=True)
    place.work()
    application.maintenance.purge_expired()
    application.maintenance.forget_spent()
    application.maintenance.discard_scratch()
    application.reports.discard_old_exports()
    application.maintenance.keep_pace()
