"""Attributes of history: kept where they help, the same to the bit in training and scoring, missing where unknown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adapters.formatting.babel_formats import formats_of
from adapters.intake.reader import CsvCustomerFiles
from adapters.ml.registry.registry import FileModelRegistry
from adapters.ml.training.logistic_trainer import LogisticTrainer
from adapters.snapshots.history import DuckDbHistoryStore
from application.ports.columns import CustomerBatch
from application.ports.models import ThresholdChoice, TrainedModel
from application.use_cases.files.history import AddHistory, EarlierFile, ScoredRows
from application.use_cases.files.recognition import recognise_to_score
from application.use_cases.models.train_model import version_of
from domain.file_format import FormatChoice
from domain.history_kind import HistoryFound
from domain.model import Effort, ModelVersion
from domain.training import TrainingRequest
from tests.builders import NOON, a_training
from tests.integration.moving_bills import HEADER, customers, written

REQUEST = TrainingRequest(target="Churn", positive="Yes", id_column="customer_id", effort=Effort.LOW)
BILL = "MonthlyCharges change since last month"


class Files:
    def __init__(self, folder: Path, effect: float) -> None:
        self.rows, self.leavers = customers(effect)
        labelled = [
            [*row, "Yes" if row[0] in self.leavers[month] else "No"]
            for month, rows in list(self.rows.items())[:-1]
            for row in rows
        ]
        self.training = written(folder / "labelled.csv", labelled, [*HEADER, "Churn"])
        without_month = [name for name in HEADER if name != "SnapshotMonth"]
        self.months = {
            month: written(folder / f"base_{month}.csv", [[own[0], *own[2:]] for own in rows], without_month)
            for month, rows in self.rows.items()
        }
        self.add = AddHistory(CsvCustomerFiles(), DuckDbHistoryStore(folder))

    def trained(self) -> TrainedModel:
        files = CsvCustomerFiles()
        table = files.load(self.training, format=files.preview(self.training).format)
        return LogisticTrainer().train(
            table,
            REQUEST,
            ThresholdChoice(),
            progress=lambda _: None,
            history=lambda schema: self.add.of_training(self.training, FormatChoice(), schema),
        )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Files, ModelVersion, TrainedModel]:
    files = Files(tmp_path_factory.mktemp("signal"), effect=2.5)
    model = files.trained()
    training = a_training(request=REQUEST)
    return files, version_of(training, model, id="v7", strategy="balanced", at=NOON, seconds=1.0), model


def test_a_change_that_makes_customers_leave_is_kept_and_its_gain_stored(
    made: tuple[Files, ModelVersion, TrainedModel],
) -> None:
    _, version, _ = made
    gain = version.evaluation.history
    assert gain is not None
    assert (gain.tried, gain.kept[0].column) == (6, BILL)
    assert gain.kept[0].gain > 3 * gain.kept[0].standard_error
    column = version.schema.column(BILL)
    assert column.history is not None
    assert column.importance > 0.3
    assert (column.minimum, column.maximum, column.typical) == (-8.0, 12.0, "0")
    assert 0.2 < column.missing_rate < 0.5, "the first month has none"


def test_changes_without_an_effect_are_not_kept(tmp_path: Path) -> None:
    model = Files(tmp_path, effect=0.0).trained()
    assert model.evaluation.history is not None
    assert (model.evaluation.history.tried, model.evaluation.history.kept) == (6, ())
    assert model.schema.history_columns == ()


def scored(
    files: Files, version: ModelVersion, month: str, earlier: list[EarlierFile]
) -> tuple[HistoryFound, dict[str, float | None]]:
    """What was found, and the change of the bill by customer."""
    intake, path, reports = CsvCustomerFiles(), files.months[month], list[HistoryFound]()
    recognition, columns = recognise_to_score(intake, path, version, sha256="", formats=formats_of("USD"))
    schema = columns.schema_of(version.schema)
    batches = intake.read(path, schema=schema, match=columns.match, format=recognition.format).batches()
    rows = ScoredRows(path, columns, month)
    with_history = list(files.add.of_file(version.schema, batches, rows, earlier=earlier, tell=reports.append))
    values = [
        pair
        for batch in with_history
        for pair in zip(batch.data.column("id").to_pylist(), batch.data.column(f"a:{BILL}").to_pylist(), strict=True)
    ]
    return reports[0], dict(values)


def before(files: Files, month: str, **given: object) -> EarlierFile:
    return EarlierFile(files.months[month], f"base_{month}.csv", (month,), **given)  # type: ignore[arg-type]  # its fields


def test_history_is_the_same_to_the_bit_in_training_and_in_scoring(
    made: tuple[Files, ModelVersion, TrainedModel],
) -> None:
    """The training file holds all months; scoring reads each month from its own file."""
    files, version, _ = made
    learned: dict[tuple[str, str], float | None] = {}
    for batch in files.add.of_training(files.training, FormatChoice(), version.schema):
        data = batch.data
        keys = zip(data.column("id").to_pylist(), data.column("month").to_pylist(), strict=True)
        learned |= dict(zip(keys, data.column(f"a:{BILL}").to_pylist(), strict=True))
    for month, earlier in (("2026-04", "2026-03"), ("2026-02", "2026-01")):
        found, values = scored(files, version, month, [before(files, earlier)])
        assert (found.found, found.is_complete) == ({earlier: f"base_{earlier}.csv"}, True)
        own = {who: value for (who, when), value in learned.items() if when == month}
        assert own.keys() == values.keys()
        assert {who: value and value.hex() for who, value in own.items()} == {
            who: value and value.hex() for who, value in values.items()
        }
        bills = {row[0]: float(row[3]) for row in files.rows[earlier]}
        now = {row[0]: float(row[3]) for row in files.rows[month]}
        assert values == {who: now[who] - bills[who] if who in bills else None for who in now}


def test_without_earlier_months_history_is_missing_and_said_so(made: tuple[Files, ModelVersion, TrainedModel]) -> None:
    files, version, _ = made
    found, values = scored(files, version, "2026-04", [])
    assert (found.found, found.missing, found.is_complete) == ({}, ("2026-03",), False)
    assert set(values.values()) == {None}


def test_a_file_of_another_base_is_not_used_and_the_next_one_is_tried(
    made: tuple[Files, ModelVersion, TrainedModel], tmp_path: Path
) -> None:
    files, version, _ = made
    rows = [[f"Z{own[0]}", *own[2:]] for own in files.rows["2026-03"]]
    other = written(tmp_path / "other_2026-03.csv", rows, [name for name in HEADER if name != "SnapshotMonth"])
    candidates = [EarlierFile(other, other.name, ("2026-03",)), before(files, "2026-03")]
    found, values = scored(files, version, "2026-04", candidates)
    assert (found.found, found.others) == ({"2026-03": "base_2026-03.csv"}, ("other_2026-03.csv",))
    assert any(values.values())


def test_a_stored_file_that_cannot_be_read_counts_as_missing_and_a_given_one_is_refused(
    made: tuple[Files, ModelVersion, TrainedModel], tmp_path: Path
) -> None:
    files, version, _ = made
    broken = tmp_path / "broken_2026-03.csv"
    broken.write_bytes(b"\x00\x01\x02")
    stored = EarlierFile(broken, broken.name, ("2026-03",))
    assert scored(files, version, "2026-04", [stored])[0].missing == ("2026-03",)
    with pytest.raises(Exception, match=r"broken_2026-03\.csv: "):
        scored(files, version, "2026-04", [replace(stored, months=(), given=True)])


def test_a_stored_model_explains_its_history_exactly(
    made: tuple[Files, ModelVersion, TrainedModel], tmp_path: Path
) -> None:
    files, version, model = made
    registry = FileModelRegistry(tmp_path)
    registry.save(version, model)
    scorer = registry.scorer(version.id)
    batches: Callable[[], list[CustomerBatch]] = lambda: list(  # noqa: E731 (read twice)
        files.add.of_training(files.training, FormatChoice(), version.schema)
    )
    batch = batches()[0]
    exact = scorer.exact(batch)
    place = version.schema.names.index(BILL)
    assert scorer.schema == version.schema
    base = float(scorer.score(batch).base_value)
    np.testing.assert_allclose(exact.contributions.sum(axis=1) + base, exact.margin, atol=1e-9)
    change = np.array([np.nan if own is None else own for own in batch.data.column(f"a:{BILL}").to_pylist()])
    risen, fallen = exact.contributions[change > 0, place].mean(), exact.contributions[change < 0, place].mean()
    assert risen > 1.0 > fallen


def test_a_scored_file_of_several_months_is_its_own_history(made: tuple[Files, ModelVersion, TrainedModel]) -> None:
    files, version, _ = made
    intake, path, reports = CsvCustomerFiles(), files.training, list[HistoryFound]()
    recognition, columns = recognise_to_score(intake, path, version, sha256="", formats=formats_of("USD"))
    schema = columns.schema_of(version.schema)
    batches = intake.read(path, schema=schema, match=columns.match, format=recognition.format).batches()
    scored_batches = files.add.of_file(version.schema, batches, ScoredRows(path, columns), tell=reports.append)
    name = f"a:{BILL}"
    scored_values = [value for batch in scored_batches for value in batch.data.column(name).to_pylist()]
    learned = files.add.of_training(path, FormatChoice(), version.schema)
    assert scored_values == [value for batch in learned for value in batch.data.column(name).to_pylist()]
    assert reports[0].months == ("2026-01", "2026-02", "2026-03", "2026-04", "2026-05")
    assert (reports[0].found, reports[0].missing) == ({}, ("2025-12",))
