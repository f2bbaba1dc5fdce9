"""After a run is deleted, its id stands nowhere: in no file of the data directory and in no row of the database."""

from __future__ import annotations

import gc
import io
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.jobs.huey_queue import HueyJobs, open_queue
from domain.account import Account, Role, system_account
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.export import ExportKind, ExportOptions
from domain.run import RunId
from domain.training import TrainingRequest
from entrypoints.application import Application
from entrypoints.bootstrap import build
from entrypoints.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

PASSWORD = "correct horse battery staple 9"
CUSTOMER = "ZZ-DELETE-ME-0007"


@dataclass
class Installation:
    """An installation with a new queue and the model that scores."""

    application: Application
    jobs: HueyJobs
    analyst: Account
    folder: Path

    def work(self) -> None:
        """Do what stands in the queue, as a worker does."""
        while (task := self.jobs.huey.dequeue()) is not None:
            self.jobs.huey.execute(task)


def customers(rows: int = 200, *, training: bool = False) -> bytes:
    """To score: with a customer whose name stands nowhere else, and a row that cannot be read."""
    lines = ["customerID,tenure,Contract,MonthlyCharges,Churn"]
    for n in range(rows):
        contract, leaves = "Month-to-month" if n % 2 else "Two year", (n * 7919) % 100 < (55 if n % 2 else 8)
        name = CUSTOMER if n == 7 and not training else f"{n:05d}-AAAAA"
        lines.append(f"{name},{(n * 13) % 72},{contract},{20 + n % 90},{'Yes' if leaves else 'No'}")
    return "\n".join(lines if training else [*lines, "too,few"]).encode()


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    settings = Settings(data_dir=tmp_path / "data", bcrypt_cost=4)
    settings.data_dir.mkdir()
    jobs = HueyJobs(open_queue(settings.queue_file))
    application = build(settings, jobs=jobs)
    application.maintenance.upgrade_database()
    system = system_account(application.now())
    analyst = application.administration.add_account(
        "Branch North", "branch@telco.example.com", PASSWORD, Role.ANALYST, by=Actor(system)
    )
    application.models.submit_training(
        io.BytesIO(customers(training=True)),
        "l.csv",
        TrainingRequest(algorithm="logistic", effort="low"),
        by=Actor(analyst),
    )
    installation = Installation(application, jobs, analyst, settings.data_dir)
    installation.work()
    yield installation
    jobs.huey.storage.close()
    with warnings.catch_warnings():  # the renderer leaves its temporary files to the garbage collector
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def a_used_run(installation: Installation) -> RunId:
    """A run with rejected rows, a contact list, a printed report and one that waits, looked at on every page."""
    run = installation.application.predictions.submit_scoring(
        io.BytesIO(customers()), "march.csv", by=Actor(installation.analyst)
    )
    installation.work()
    query = CustomerQuery(0.3)
    installation.application.reports.order_export(
        run.id, query, ExportOptions(ExportKind.PDF, customers=3), by=Actor(installation.analyst)
    )
    installation.work()
    installation.application.reports.order_export(
        run.id, query, ExportOptions(ExportKind.PDF, customers=2), by=Actor(installation.analyst)
    )
    installation.application.predictions.open_result(run.id, query, by=installation.analyst)
    installation.application.predictions.open_customer(run.id, 8, by=installation.analyst)
    installation.application.predictions.rename_run(run.id, "renamed.csv", by=Actor(installation.analyst))
    return run.id


def files_that_name(installation: Installation, word: str) -> list[str]:
    """Of the whole data directory, by what they are called and by their bytes."""
    paths = []
    for path in sorted(installation.folder.rglob("*")):
        inside = path.is_file() and word.encode() in path.read_bytes()
        if inside or word in str(path.relative_to(installation.folder)):
            paths.append(str(path.relative_to(installation.folder)))
    return paths


def rows_that_name(database: Path, word: str) -> list[str]:
    """The table of each row that holds the word."""
    named = []
    with closing(sqlite3.connect(database)) as connection:
        connection.text_factory = bytes
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for name in (table.decode() for (table,) in tables):
            rows = connection.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - the schema's own names
            named += [name for row in rows if any(isinstance(cell, bytes) and word.encode() in cell for cell in row)]
    return named


def test_the_search_for_traces_finds_an_existing_run(installation: Installation) -> None:
    run_id = a_used_run(installation)
    named = files_that_name(installation, run_id)

    assert {"customers.parquet", "notes.json"} <= {Path(name).name for name in named}
    assert {f"uploads/{run_id}.upload", f"uploads/{run_id}.rejected.csv"} <= set(named)
    assert "queue.db" not in named, "messages name no job"
    assert [name for name in named if name.endswith(".done")]
    assert {"runs", "uploads"} <= set(rows_that_name(installation.folder / "netone.db", run_id))


def by_its_owner(installation: Installation, run_id: RunId) -> None:
    installation.application.predictions.delete_runs([run_id], by=Actor(installation.analyst))


def with_its_owners_account(installation: Installation, run_id: RunId) -> None:
    installation.application.accounts.delete_account(PASSWORD, by=Actor(installation.analyst))


@pytest.mark.parametrize("delete", [by_its_owner, with_its_owners_account])
def test_no_file_or_row_names_a_deleted_run(
    installation: Installation, delete: Callable[[Installation, RunId], None]
) -> None:
    run_id = a_used_run(installation)

    delete(installation, run_id)
    installation.work()  # the waiting report's job comes, and finds nothing to do

    assert rows_that_name(installation.folder / "netone.db", run_id) == []
    assert rows_that_name(installation.folder / "queue.db", run_id) == []
    assert files_that_name(installation, run_id) == []  # netone.db and its journal included, byte by byte
    assert files_that_name(installation, CUSTOMER) == []
