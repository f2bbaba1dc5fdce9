"""After a customer is erased, their id stands nowhere: in no file of the data directory and in no row of a database."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from adapters.jobs.huey_queue import HueyJobs, open_queue
from application.ports.runs import RunQuery
from bench.ports import ports_of
from domain.account import Account, Role, system_account
from domain.actor import Actor
from domain.customer_query import CustomerQuery
from domain.export import ExportKind, ExportOptions
from domain.run import JobState, RunId
from domain.training import TrainingRequest
from entrypoints.application import Application
from entrypoints.bootstrap import build
from entrypoints.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")

GONE, STAYS = "ZZ-ERASE-ME-0007", "ZZ-ERASE-ME-00071"
"""The second begins like the first, and is somebody else."""
LONG_AGO = 1_600_000_000


def customers(*, labelled: bool = False, refers: int = 20, broken: int = 0) -> bytes:
    """With the customer twice, named by two others, in an attribute and in a free text, and in two broken rows."""
    lines = ["customerID,tenure,Contract,MonthlyCharges,Referred,Notes,Churn"]
    for n in range(240):
        contract, leaves = "Month-to-month" if n % 2 else "Two year", (n * 7919) % 100 < (55 if n % 2 else 8)
        name = {7: GONE, 8: GONE, 9: STAYS}.get(n, f"{n:05d}-AAAAA")
        referred = GONE if n == refers and not labelled else ("Shop" if n % 3 else "Branch")
        notes = f"friend of {GONE}, came with them" if n == 30 else f"note {n}"
        lines.append(f'{name},{n % 72},{contract},{20 + n % 90},{referred},"{notes}",{"Yes" if leaves else "No"}')
    return "\n".join([*lines, f"{GONE},too,few", f"x,{GONE}", *["too,few"] * broken]).encode()


class Installation:
    """An installation in which the customer is wherever a customer can be."""

    admin: Account
    run: RunId
    packed: RunId
    without: RunId
    failed: RunId
    stopped: RunId

    def __init__(self, folder: Path) -> None:
        settings = Settings(data_dir=folder, bcrypt_cost=4)
        self.folder = folder
        self.jobs = HueyJobs(open_queue(settings.queue_file))
        self.application: Application = build(settings, jobs=self.jobs)

    def fill(self) -> None:
        self.application.maintenance.upgrade_database()
        system = system_account(self.application.now())
        self.admin = self.application.administration.add_account(
            "Head Office", "head@telco.example.com", "correct horse battery staple 9", Role.ADMIN, by=Actor(system)
        )
        request = TrainingRequest(algorithm="logistic", effort="low")
        self.application.models.submit_training(
            io.BytesIO(customers(labelled=True)), "l.csv", request, by=Actor(self.admin)
        )
        self.work()
        self.run = self.scored(customers())
        # here the customer alone names themselves: when their row goes, no row holds the value any more
        self.packed = self.scored(gzip.compress(customers(refers=7)))
        self.without = self.scored(customers().replace(GONE.encode(), b"ZZ-NOBODY"))
        self.failed = self.not_scored(customers())
        self.stopped = self.stopped_by(customers(broken=80))

    def scored(self, content: bytes) -> RunId:
        run = self.application.predictions.submit_scoring(io.BytesIO(content), "march.csv", by=Actor(self.admin))
        self.work()
        with ports_of(self.application).new_reading() as uow:
            finished = uow.runs.get(run.id)
        assert finished.state is JobState.DONE, finished.error
        return run.id

    def not_scored(self, content: bytes) -> RunId:
        """A run that ended with words in which the file is quoted."""
        run = self.application.predictions.submit_scoring(io.BytesIO(content), "april.csv", by=Actor(self.admin))
        with ports_of(self.application).new_uow() as uow:
            uow.runs.save(uow.runs.get(run.id).failed(f"Row 1 says “{GONE}”.", at=self.application.now()))
            uow.commit()
        self.work()
        return run.id

    def stopped_by(self, content: bytes) -> RunId:
        """A run of which only the list of rejected rows is kept."""
        run = self.application.predictions.submit_scoring(io.BytesIO(content), "may.csv", by=Actor(self.admin))
        self.work()
        with ports_of(self.application).new_reading() as uow:
            assert uow.runs.get(run.id).stopped is not None
        assert not ports_of(self.application).uploads.path(run.id).exists()
        return run.id

    def work(self) -> None:
        while (task := self.jobs.huey.dequeue()) is not None:
            self.jobs.huey.execute(task)

    def order_reports(self) -> None:
        """Reports with the id in their question, done and waiting."""
        query = CustomerQuery(0.3, search=GONE)
        for run in (self.run, self.without):  # the question may name a customer whom the prediction has not
            self.application.reports.order_export(
                run, query, ExportOptions(ExportKind.PDF, customers=3), by=Actor(self.admin)
            )
            self.work()
            self.application.reports.order_export(
                run, query, ExportOptions(ExportKind.PDF, customers=2), by=Actor(self.admin)
            )

    def open_pages(self) -> None:
        """Pages that remember what they showed."""
        self.application.predictions.open_result(self.run, CustomerQuery(0.3, search=GONE), by=self.admin)
        self.application.predictions.open_customer(self.run, 8, by=self.admin)

    def crash(self) -> None:
        """What processes leave that are killed half-way."""
        uploads, results = self.folder / "uploads", self.folder / "results"
        for name in ("half.part", "half.upload.part", "half.rejected.csv.part", "orphan.upload"):
            (uploads / name).write_bytes(customers())
            os.utime(uploads / name, (LONG_AGO, LONG_AGO))
        for place in (results / f".{self.run}.0a1b2c3d", results / ".spill", self.folder / "tmp" / "printing"):
            place.mkdir(parents=True, exist_ok=True)
            (place / "half.tmp").write_text(f"{GONE},82.8%")
        (self.folder / "tmp" / "half-made.xlsx").write_text(GONE)

    def close(self) -> None:
        self.jobs.huey.storage.close()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Made once; each test works on a copy."""
    folder = tmp_path_factory.mktemp("template") / "data"
    folder.mkdir()
    installation = Installation(folder)
    installation.fill()
    installation.order_reports()
    installation.crash()
    installation.close()
    return installation


@pytest.fixture
def installation(template: Installation, tmp_path: Path) -> Iterator[Installation]:
    shutil.copytree(template.folder, tmp_path / "data")
    installation = Installation(tmp_path / "data")
    for name in ("admin", "run", "packed", "without", "failed", "stopped"):
        setattr(installation, name, getattr(template, name))
    installation.open_pages()
    yield installation
    installation.close()


def places_of(installation: Installation, word: str, *, but: str = "\0") -> list[str]:
    """Files that name the customer: as they are, unpacked, or as rows of a database."""
    return [
        str(path.relative_to(installation.folder))
        for path in sorted(installation.folder.rglob("*"))
        if path.is_file() and word.encode() in contents_of(path).replace(but.encode(), b"")
    ]


def contents_of(path: Path) -> bytes:
    content = path.read_bytes()
    if path.suffix == ".parquet":
        content += repr(pq.read_table(path).to_pydict()).encode() + dictionaries_of(path)
    if content.startswith(b"\x1f\x8b"):
        content += gzip.decompress(content)
    if path.suffix == ".pdf":
        content += b"".join(unpacked(part) for part in content.split(b"stream\n")[1:])
    if path.suffix == ".db":
        content += rows_of(path)
    return content


def dictionaries_of(path: Path) -> bytes:
    """Values that a column's dictionary holds, whether any row has them or not."""
    with pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
    columns = pq.read_table(path, read_dictionary=names).columns
    chunks = [chunk for column in columns for chunk in column.chunks if hasattr(chunk, "dictionary")]
    return repr([chunk.dictionary.to_pylist() for chunk in chunks]).encode()


def unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream)
    except zlib.error:
        return b""


def rows_of(database: Path) -> bytes:
    with closing(sqlite3.connect(database)) as connection:
        return "\n".join(connection.iterdump()).encode("utf-8", "replace")


def test_the_search_for_traces_finds_a_customer_in_every_store(installation: Installation) -> None:
    places = {place.replace(installation.run, "RUN") for place in places_of(installation, GONE)}

    assert {"netone.db", "results/RUN/customers.parquet", "uploads/RUN.upload", "uploads/RUN.rejected.csv"} <= places
    assert {"uploads/half.part", "uploads/half.upload.part", "uploads/half.rejected.csv.part"} <= places
    assert f"uploads/{installation.stopped}.rejected.csv" in places
    assert {"uploads/orphan.upload", "tmp/half-made.xlsx", "tmp/printing/half.tmp", "results/.spill/half.tmp"} <= places
    assert any(place.startswith("results/RUN/exports/") for place in places)
    with ports_of(installation.application).new_reading() as uow:
        examples = [
            example
            for run in uow.runs.find(RunQuery()).runs
            if run.summary
            for column in run.summary.columns
            for example in column.unknown_examples
        ]
    assert GONE in examples, "a value that the model does not know is kept as an example"


def test_no_file_or_row_names_an_erased_customer(installation: Installation) -> None:
    with ports_of(installation.application).new_reading() as uow:
        before = {run.id: run for run in uow.runs.find(RunQuery()).runs}

    erased = installation.application.privacy.erase_customer(GONE, by=Actor(installation.admin))
    installation.work()  # the waiting report's job comes, and finds nothing to do

    assert places_of(installation, GONE, but=STAYS) == []
    assert erased.results == erased.contacts == 4
    assert (
        (installation.folder / "netone.db-wal").stat().st_size == 0
        if (installation.folder / "netone.db-wal").exists()
        else True
    )
    assert places_of(installation, STAYS), "who is called almost alike is still there"
    with ports_of(installation.application).new_reading() as uow:
        after = {run.id: run for run in uow.runs.find(RunQuery()).runs}
        uploads = {record.id: record for record in uow.uploads.all()}
    for run_id in (installation.run, installation.packed):
        assert after[run_id].file_sha256 == uploads[run_id].sha256 != before[run_id].file_sha256
        summary, old = after[run_id].summary, before[run_id].summary
        assert summary
        assert replace(summary, columns=()) == replace(old, columns=()), "sums stay"
    assert after[installation.failed].error == "Row 1 says “(erased)”."


def test_the_export_of_a_customer_includes_rows_of_a_stopped_run(installation: Installation) -> None:
    export = installation.application.privacy.export_customer(GONE, by=Actor(installation.admin))
    rows = {entry["file"]: entry["rows"] for entry in export["uploads"]}
    assert [row["row"] for row in rows["may.csv"]] == [f"{GONE},too,few", f"x,{GONE}"]
    assert (
        installation.application.privacy.export_customer("ZZ-NOBODY-ELSE", by=Actor(installation.admin))["found"]
        is False
    )


def test_contributions_after_erasing_are_those_of_the_remaining_customers(installation: Installation) -> None:
    installation.application.privacy.erase_customer(GONE, by=Actor(installation.admin))
    lines = customers().decode().splitlines()
    rest = [line for line in lines if not line.startswith(f"{GONE},") and not line.endswith(f",{GONE}")]
    without = installation.scored("\n".join(rest).replace(GONE, "(erased)").encode())

    for attribute in ("tenure", "Contract", "MonthlyCharges"):
        left = ports_of(installation.application).results.contributions(installation.run, attribute)
        assert left == ports_of(installation.application).results.contributions(without, attribute)
        assert left is not None
        assert sum(own.customers for own in left) == 238


def test_a_customer_is_erased_also_where_the_model_was_deleted(installation: Installation) -> None:
    with ports_of(installation.application).new_reading() as uow:
        version = uow.runs.get(installation.run).model_version
    ports_of(installation.application).registry.discard(version)

    installation.application.privacy.erase_customer(GONE, by=Actor(installation.admin))

    assert places_of(installation, GONE, but=STAYS) == []
    assert ports_of(installation.application).results.contributions(installation.run, "tenure") is None
    assert ports_of(installation.application).results.groups(installation.run, "tenure", threshold=0.3)


def test_erasing_does_not_touch_an_upload_in_progress(installation: Installation) -> None:
    coming = installation.folder / "uploads" / "coming.part"
    coming.write_bytes(b"customerID\n")

    installation.application.privacy.erase_customer(GONE, by=Actor(installation.admin))

    assert coming.exists()


def test_a_worker_deletes_leftovers_of_crashed_uploads(installation: Installation) -> None:
    names = {path.name for path in (installation.folder / "uploads").iterdir()}
    with ports_of(installation.application).new_reading() as uow:
        kept = {record.id for record in uow.uploads.all()}

    installation.application.maintenance.sweep_leftovers()

    left = {path.name for path in (installation.folder / "uploads").iterdir()}
    assert left == {name for name in names if name.partition(".")[0] in kept} | {f"{installation.stopped}.rejected.csv"}
    assert len(names - left) == 4
