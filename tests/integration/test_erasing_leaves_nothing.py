"""After a customer is erased, their id stands nowhere: in no file of the data directory and in no row of a database."""

from __future__ import annotations

import gzip
import io
import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from adapters.jobs.huey_queue import HueyJobs, open_queue
from application.ports.persistence import RunQuery
from application.ports.results import CustomerQuery
from domain.account import Account, Role, system_account
from domain.export import ExportKind, ExportOptions
from domain.run import RunId, RunState
from domain.training import TrainingRequest
from entrypoints.bootstrap import build
from entrypoints.desk import Desk
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


class House:
    """An installation in which the customer is wherever a customer can be."""

    def __init__(self, folder: Path) -> None:
        settings = Settings(data_dir=folder, bcrypt_cost=4)
        folder.mkdir()
        self.folder = folder
        self.jobs = HueyJobs(open_queue(settings.queue_file))
        self.desk: Desk = build(settings, jobs=self.jobs)
        self.desk.upgrade_database()
        system = system_account(self.desk.clock.now())
        self.admin: Account = self.desk.add_account(
            "Head Office", "head@telco.example.com", "correct horse battery staple 9", Role.ADMIN, by=system
        )
        request = TrainingRequest(algorithm="logistic", effort="low")
        self.desk.submit_training(io.BytesIO(customers(labelled=True)), "l.csv", request, by=self.admin)
        self.work()
        self.run = self.scored(customers())
        # here the customer alone names themselves: when their row goes, no row holds the value any more
        self.packed = self.scored(gzip.compress(customers(refers=7)))
        self.without = self.scored(customers().replace(GONE.encode(), b"ZZ-NOBODY"))
        self.failed = self.not_scored(customers())
        self.stopped = self.stopped_by(customers(broken=80))

    def scored(self, content: bytes) -> RunId:
        run = self.desk.submit_scoring(io.BytesIO(content), "march.csv", by=self.admin)
        self.work()
        with self.desk.new_reading() as uow:
            found = uow.runs.get(run.id)
        assert found.state is RunState.DONE, found.error
        return run.id

    def not_scored(self, content: bytes) -> RunId:
        """A run that ended with words in which the file is quoted."""
        run = self.desk.submit_scoring(io.BytesIO(content), "april.csv", by=self.admin)
        with self.desk.new_uow() as uow:
            uow.runs.save(uow.runs.get(run.id).failed(f"Row 1 says “{GONE}”.", at=self.desk.clock.now()))
            uow.commit()
        self.work()
        return run.id

    def stopped_by(self, content: bytes) -> RunId:
        """A run of which only the list of rejected rows is kept."""
        run = self.desk.submit_scoring(io.BytesIO(content), "may.csv", by=self.admin)
        self.work()
        with self.desk.new_reading() as uow:
            assert uow.runs.get(run.id).stopped is not None
        assert not self.desk.uploads.path(run.id).exists()
        return run.id

    def work(self) -> None:
        while (task := self.jobs.huey.dequeue()) is not None:
            self.jobs.huey.execute(task)

    def look_at_everything(self) -> None:
        """Reports with the id in their question, done and waiting; pages that remember."""
        query = CustomerQuery(0.3, search=GONE)
        for run in (self.run, self.without):  # the question may name a customer whom the prediction has not
            self.desk.order_export(run, query, ExportOptions(ExportKind.PDF, customers=3), by=self.admin)
            self.work()
            self.desk.order_export(run, query, ExportOptions(ExportKind.PDF, customers=2), by=self.admin)
        self.desk.open_result(self.run, query, by=self.admin)
        self.desk.open_customer(self.run, 8, by=self.admin)

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


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "data")
    house.look_at_everything()
    house.crash()
    yield house
    house.close()


def places_of(house: House, word: str, *, but: str = "\0") -> list[str]:
    """Files that name the customer: as they are, unpacked, or as rows of a database."""
    return [
        str(path.relative_to(house.folder))
        for path in sorted(house.folder.rglob("*"))
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


def test_the_search_finds_a_customer_wherever_they_are(house: House) -> None:
    found = {place.replace(house.run, "RUN") for place in places_of(house, GONE)}

    assert {"netone.db", "results/RUN/customers.parquet", "uploads/RUN.upload", "uploads/RUN.rejected.csv"} <= found
    assert {"uploads/half.part", "uploads/half.upload.part", "uploads/half.rejected.csv.part"} <= found
    assert f"uploads/{house.stopped}.rejected.csv" in found
    assert {"uploads/orphan.upload", "tmp/half-made.xlsx", "tmp/printing/half.tmp", "results/.spill/half.tmp"} <= found
    assert any(place.startswith("results/RUN/exports/") for place in found)
    with house.desk.new_reading() as uow:
        examples = [
            example
            for run in uow.runs.find(RunQuery()).runs
            if run.summary
            for column in run.summary.columns
            for example in column.unknown_examples
        ]
    assert GONE in examples, "a value that the model does not know is kept as an example"


def test_nothing_names_an_erased_customer(house: House) -> None:
    with house.desk.new_reading() as uow:
        before = {run.id: run for run in uow.runs.find(RunQuery()).runs}

    erased = house.desk.erase_customer(GONE, by=house.admin)
    house.work()  # the waiting report's job comes, and finds nothing to do

    assert places_of(house, GONE, but=STAYS) == []
    assert erased.results == erased.contacts == 4
    assert (house.folder / "netone.db-wal").stat().st_size == 0 if (house.folder / "netone.db-wal").exists() else True
    assert places_of(house, STAYS), "who is called almost alike is still there"
    with house.desk.new_reading() as uow:
        after = {run.id: run for run in uow.runs.find(RunQuery()).runs}
        uploads = {record.id: record for record in uow.uploads.all()}
    for run_id in (house.run, house.packed):
        assert after[run_id].file_sha256 == uploads[run_id].sha256 != before[run_id].file_sha256
        summary, old = after[run_id].summary, before[run_id].summary
        assert summary
        assert replace(summary, columns=()) == replace(old, columns=()), "sums stay"
    assert after[house.failed].error == "Row 1 says “(erased)”."


def test_what_is_kept_of_a_file_that_was_given_up_is_handed_out(house: House) -> None:
    found = house.desk.export_customer(GONE, by=house.admin)
    rows = {entry["file"]: entry["rows"] for entry in found["uploads"]}
    assert [row["row"] for row in rows["may.csv"]] == [f"{GONE},too,few", f"x,{GONE}"]
    assert house.desk.export_customer("ZZ-NOBODY-ELSE", by=house.admin)["found"] is False


def test_what_attributes_contribute_is_then_that_of_those_who_are_left(house: House) -> None:
    house.desk.erase_customer(GONE, by=house.admin)
    lines = customers().decode().splitlines()
    rest = [line for line in lines if not line.startswith(f"{GONE},") and not line.endswith(f",{GONE}")]
    without = house.scored("\n".join(rest).replace(GONE, "(erased)").encode())

    for attribute in ("tenure", "Contract", "MonthlyCharges"):
        left = house.desk.results.contributions(house.run, attribute)
        assert left == house.desk.results.contributions(without, attribute)
        assert left is not None
        assert sum(own.customers for own in left) == 238


def test_an_erased_customer_goes_where_the_model_is_gone_too(house: House) -> None:
    with house.desk.new_reading() as uow:
        version = uow.runs.get(house.run).model_version
    house.desk.registry.discard(version)

    house.desk.erase_customer(GONE, by=house.admin)

    assert places_of(house, GONE, but=STAYS) == []
    assert house.desk.results.contributions(house.run, "tenure") is None
    assert house.desk.results.groups(house.run, "tenure", threshold=0.3)


def test_what_is_coming_in_at_this_moment_is_left_alone(house: House) -> None:
    coming = house.folder / "uploads" / "coming.part"
    coming.write_bytes(b"customerID\n")

    house.desk.erase_customer(GONE, by=house.admin)

    assert coming.exists()


def test_a_worker_sweeps_what_a_crash_left_of_uploads(house: House) -> None:
    names = {path.name for path in (house.folder / "uploads").iterdir()}
    with house.desk.new_reading() as uow:
        kept = {record.id for record in uow.uploads.all()}

    house.desk.sweep_leftovers()

    left = {path.name for path in (house.folder / "uploads").iterdir()}
    assert left == {name for name in names if name.partition(".")[0] in kept} | {f"{house.stopped}.rejected.csv"}
    assert len(names - left) == 4
