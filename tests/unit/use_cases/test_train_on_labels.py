"""Training on labels that are made from files: what the training is asked for, and how large files are thinned out."""

from __future__ import annotations

import gzip
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.formatting.babel_formats import formats_of
from adapters.intake.reader import CsvCustomerFiles
from adapters.ml.detection.leaving_column import DetectedLeavingColumns
from adapters.snapshots.duckdb_snapshots import DuckDbSnapshotStore
from application.use_cases.labels.make_labels import MakeLabels
from application.use_cases.labels.recognise_snapshots import LabelFile, RecogniseSnapshot
from application.use_cases.labels.train_on_labels import TrainOnLabels
from application.use_cases.models.submit_training import SubmitTraining
from domain.account import Role
from domain.actor import Actor
from domain.errors import NotAllowed
from domain.label_check import NotAccepted
from domain.label_choice import LabelChoice
from domain.labelling import ChosenFile, LabelFinding, LabelOrder, LabelStep
from domain.model import Algorithm, Effort
from domain.training import TrainingRequest
from tests.builders import an_account
from tests.unit.use_cases.in_memory import InMemoryApplication

ANALYST = Actor(an_account(role=Role.ANALYST))
REQUEST = TrainingRequest(algorithm=Algorithm.LOGISTIC, effort=Effort.LOW)


@dataclass
class Trained(InMemoryApplication):
    max_bytes: int = 10**6

    @property
    def train(self) -> TrainOnLabels:
        files = CsvCustomerFiles()
        recognise = RecogniseSnapshot(files, DetectedLeavingColumns())
        make = MakeLabels(recognise, DuckDbSnapshotStore(self.folder / "scratch"), self.clock, formats_of)
        submit = SubmitTraining(self.new_uow, files, self.uploads, self.queue, self.clock, self.ids)
        return TrainOnLabels(make, submit, self.ids, self.folder, self.max_bytes)

    def rows(self, upload: str) -> list[str]:
        return self.uploads.path(upload).read_text(encoding="utf-8").splitlines()[1:]


@pytest.fixture
def app(tmp_path: Path) -> Trained:
    return Trained(tmp_path / "data")


def two_months(folder: Path, *, compressed: bool = False) -> Sequence[LabelFile]:
    folder.mkdir(exist_ok=True)
    drawing, customers, files = random.Random(4), list(range(1_000)), []
    for month in ("2026-04", "2026-05"):
        rows = [f"C{10_000 + own},{own % 3},{own % 50}" for own in customers]
        text = "\n".join(["customer_id,plan,bill", *rows]).encode()
        path = folder / f"base {month}.csv{'.gz' if compressed else ''}"
        path.write_bytes(gzip.compress(text) if compressed else text)
        files.append(LabelFile(path, path.name))
        customers = [own for own in customers if drawing.random() > 0.1]
        customers += range(1_000, 2_000 - len(customers))
    return files


def test_the_training_knows_its_target_and_how_the_label_was_made(app: Trained, tmp_path: Path) -> None:
    check, training = app.train(two_months(tmp_path / "in"), LabelChoice(), REQUEST, by=ANALYST)
    request = training.request
    assert (request.target, request.positives, request.id_column) == ("Churn", ("Yes",), "customer_id")
    assert (request.horizon, request.algorithm, request.effort) == ("the next month", Algorithm.LOGISTIC, Effort.LOW)
    assert request.label == check.made
    assert training.file_name == "labels 2026-04.csv"
    assert len(app.rows(training.id)) == 1_000
    assert [path for path in app.folder.iterdir() if path.name.startswith("labels-")] == []


def test_a_base_that_is_too_large_is_trained_on_in_part(app: Trained, tmp_path: Path) -> None:
    files = two_months(tmp_path / "in")
    size = sum(file.path.stat().st_size for file in files)
    app.max_bytes = int(size / 0.8 / 3)
    _, training = app.train(files, LabelChoice(), REQUEST, by=ANALYST)
    assert training.request.label is not None
    assert training.request.label.every == 4
    assert 180 <= len(app.rows(training.id)) <= 320
    assert training.request.label.sentences()[-1] == "One customer in 4 was trained on, with all months."


def test_compressed_files_that_are_larger_than_they_look_are_thinned_out_too(app: Trained, tmp_path: Path) -> None:
    app.max_bytes = 10_000
    _, training = app.train(two_months(tmp_path / "in", compressed=True), LabelChoice(), REQUEST, by=ANALYST)
    assert training.request.label is not None
    assert training.request.label.every > 1
    assert app.uploads.path(training.id).stat().st_size <= app.max_bytes


def test_nothing_is_stored_of_files_that_look_unusual(app: Trained, tmp_path: Path) -> None:
    files = two_months(tmp_path / "in")
    lines = files[1].path.read_text(encoding="utf-8").splitlines()
    files[1].path.write_text("\n".join(lines[:950]), encoding="utf-8")
    with pytest.raises(NotAccepted) as refused:
        app.train(files, LabelChoice(), REQUEST, by=ANALYST)
    assert "May 2026 has 5.1% fewer customers than April 2026" in refused.value.check.warnings[0]
    assert app.files == []
    app.train(files, LabelChoice(), REQUEST, by=ANALYST, accept=True)


def test_viewers_do_not_train(app: Trained, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        app.train(two_months(tmp_path / "in"), LabelChoice(), REQUEST, by=Actor(an_account(role=Role.VIEWER)))


def test_orders_and_findings_survive_being_stored(app: Trained, tmp_path: Path) -> None:
    files = two_months(tmp_path / "in")
    order = LabelOrder(
        (ChosenFile("check-1", "a.csv", 12, True),), LabelChoice(days=30, column="seen"), LabelStep.TRAIN, True
    )
    assert LabelOrder.from_text(order.to_text()) == order
    finding = LabelFinding(app.train.make(files, LabelChoice()), None, 1, "Why.", 7, "training-1")
    assert LabelFinding.from_text(finding.to_text()) == finding
