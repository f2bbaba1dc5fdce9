"""Looking at a labelled file before it is learned from."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import IO

import pytest

from application.ports.intake import FilePreview, StoredUpload, TrainingTable
from application.use_cases.models.algorithms import MissingAlgorithms
from application.use_cases.models.submit_training import CheckLabelled
from domain.account import Role
from domain.errors import FileRefused, InvalidInput, NotAllowed, ValueUnclear
from domain.file_format import FileFormat, FormatChoice
from domain.model import Algorithm
from domain.recognition import Recognised
from domain.training import TrainingRequest
from tests.builders import an_account
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork

ME = an_account(id="account-1")
MAX_ENTRIES = 3
"""Rows that are looked at here."""
VIEWER = an_account(id="account-2", role=Role.VIEWER)


@dataclass
class OneFile:
    """Uploads and files at once: what is received is what is previewed."""

    kept: dict[str, bytes] = field(default_factory=dict)

    def receive(self, upload_id: str, stream: IO[bytes], *, limit: int) -> StoredUpload:
        self.kept[upload_id] = stream.read()
        return StoredUpload("0" * 64, len(self.kept[upload_id]))

    def path(self, upload_id: str) -> Path:
        return Path(upload_id)

    def discard(self, upload_id: str) -> None:
        self.kept.pop(upload_id, None)

    def preview(self, path: Path, choice: FormatChoice | None = None) -> FilePreview:
        lines = self.kept[str(path)].decode().splitlines()
        if len(lines) < 2:
            raise FileRefused("The file holds no customers.")
        rows = [tuple(line.split(",")) for line in lines]
        return FilePreview(FileFormat(), rows[0], tuple(rows[1:]), 1)

    def load(self, path: Path, *, format: FileFormat) -> TrainingTable:
        return TrainingTable(self.preview(path).header, 1, 0, None)

    def load_sample(self, path: Path, *, format: FileFormat) -> TrainingTable:
        table = self.load(path, format=format)
        return replace(table, rows=MAX_ENTRIES, whole=False) if len(self.preview(path).sample) > MAX_ENTRIES else table


@dataclass
class Recogniser:
    algorithm: Algorithm = Algorithm.XGBOOST

    def recognise(self, table: TrainingTable, request: TrainingRequest) -> Recognised:
        if "status" in table.header:
            raise ValueUnclear("Which value means that they left?", column="status", values=("here", "there", "gone"))
        if "Churn" not in table.header:
            raise InvalidInput("The file has no column that says who left.", field="target")
        return Recognised("Churn", "Yes", "No", "id", None, ("bill",), (), 2, 1)


def checking(one: OneFile) -> CheckLabelled:
    database = FakeDatabase()
    return CheckLabelled(
        lambda: FakeUnitOfWork(database),
        one,  # type: ignore[arg-type]
        one,  # type: ignore[arg-type]
        lambda: {Algorithm.XGBOOST: Recogniser()},  # type: ignore[dict-item]
        SimpleNamespace(new=lambda: "1"),
    )


def test_checking_a_labelled_file_stores_nothing() -> None:
    one = OneFile()
    checked = checking(one)(io.BytesIO(b"id,bill,Churn\n1,5,Yes\n2,6,No\n3,6,Yes"), TrainingRequest(), by=ME)

    assert checked.recognised is not None
    assert checked.recognised.target == "Churn"
    assert checked.values_of("Churn") == ("Yes", "No")
    assert checked.values_of("nope") == ()
    assert one.kept == {}


def test_a_file_without_a_target_still_offers_its_columns() -> None:
    checked = checking(OneFile())(io.BytesIO(b"id,bill\n1,5\n2,6"), TrainingRequest(), by=ME)

    assert checked.recognised is None
    assert checked.problem is not None
    assert checked.preview.header == ("id", "bill")


def test_every_value_of_the_column_that_is_asked_about_is_offered() -> None:
    checked = checking(OneFile())(io.BytesIO(b"id,status\n1,here\n2,there"), TrainingRequest(), by=ME)

    assert checked.recognised is None
    assert checked.values_of("status") == ("here", "there", "gone")
    assert checked.values_of("id") == ("1", "2")


def test_a_file_that_is_not_a_table_is_rejected_and_not_stored() -> None:
    one = OneFile()

    with pytest.raises(FileRefused):
        checking(one)(io.BytesIO(b"nothing"), TrainingRequest(), by=ME)
    assert one.kept == {}


def test_a_viewer_may_not_look_at_a_file_for_training() -> None:
    with pytest.raises(NotAllowed):
        checking(OneFile())(io.BytesIO(b"id,Churn\n1,Yes"), TrainingRequest(), by=VIEWER)


def test_the_check_says_when_only_the_first_rows_were_read() -> None:
    longer = b"id,bill,Churn\n" + b"1,5,Yes\n" * 4

    part = checking(OneFile())(io.BytesIO(longer), TrainingRequest(), by=ME)
    all_of_it = checking(OneFile())(io.BytesIO(longer), TrainingRequest(), by=ME, whole=True)

    assert (part.rows_seen, all_of_it.rows_seen) == (3, None)
    unclear = checking(OneFile())(io.BytesIO(b"id,status\n" + b"1,here\n" * 4), TrainingRequest(), by=ME)
    assert unclear.rows_seen == 3


def test_an_algorithm_whose_libraries_are_missing_is_refused_at_its_field() -> None:
    with pytest.raises(InvalidInput, match="need TensorFlow, which is not installed here") as refused:
        checking(OneFile())(io.BytesIO(b"id,bill,Churn\n1,5,Yes"), TrainingRequest(algorithm=Algorithm.NEURAL), by=ME)
    assert refused.value.field == "algorithm"


def test_missing_algorithms_are_listed_with_what_to_install() -> None:
    every = frozenset(Algorithm)
    assert MissingAlgorithms(lambda: every)() == {}
    missing = MissingAlgorithms(lambda: every - {Algorithm.NEURAL})()
    assert list(missing) == [Algorithm.NEURAL]
    assert "make neural" in missing[Algorithm.NEURAL]
