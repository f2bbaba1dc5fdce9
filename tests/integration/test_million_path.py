"""The streaming path: how a file is cut and on how many threads it is scored changes no bit of what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import xgboost as xgb

from adapters.ml.scoring.encoding import CategoricalEncoder, Vocabulary
from adapters.ml.scoring.recommender import ColumnarRecommender
from adapters.ml.scoring.scorer import FileScorer
from adapters.ml.scoring.scoring_model import ScoringModel, Trees
from adapters.ml.tree_shap.explainer import TreeExplainer
from adapters.results.store import ParquetResults
from adapters.results.writing import batch_buffer
from application.ports.columns import CustomerBatch
from application.ports.intake import IntakeReport
from application.ports.results import ScoredCustomer
from domain.customer_query import CustomerQuery
from domain.errors import Cancelled
from domain.playbook import Action, Condition, Playbook
from domain.prediction import BandLimits
from domain.recommendation import Economics
from domain.run import RunId, RunSummary
from domain.schema import Column, ColumnKind, CustomerSchema
from tests.fakes.truth_evaluator import CountingEvaluator

ROWS = 3_000
BANDS = BandLimits()
LEVELS = ("Month-to-month", "One year", "Two year")
SCHEMA = CustomerSchema(
    (
        Column("tenure", ColumnKind.NUMERIC),
        Column("MonthlyCharges", ColumnKind.NUMERIC),
        Column("Contract", ColumnKind.CATEGORICAL, LEVELS),
        Column("TechSupport", ColumnKind.BOOLEAN, ("No", "Yes")),
    ),
    id_column="customerID",
    target_column="Churn",
    revenue_column="MonthlyCharges",
    month_column="Month",
)
PLAYBOOK = Playbook(
    1,
    (
        Action("year", "A year", "Stay.", (Condition(("Contract",)),), offer_share=0.1, offer_months=12),
        Action("call", "A call", "Hello.", (Condition(("*",)),), offer_fixed=5),
    ),
)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few thousand rows make many blocks."""
    monkeypatch.setattr(batch_buffer, "BLOCK", 700)


@pytest.fixture(scope="module")
def customers() -> pa.RecordBatch:
    random = np.random.default_rng(4)
    charges = np.round(random.gamma(4, 18, ROWS), 2)
    return pa.RecordBatch.from_pydict(
        {
            "row": pa.array(np.arange(1, ROWS + 1)),
            "id": pa.array([f"C-{place}" for place in random.permutation(ROWS)]),
            "month": pa.array([f"2026-{month:02}" for month in random.integers(1, 13, ROWS)]),
            "actual": pa.array(random.random(ROWS) < 0.3, mask=random.random(ROWS) < 0.1),
            "a:tenure": pa.array(random.integers(0, 73, ROWS).astype(float)),
            "a:MonthlyCharges": pa.array(charges, mask=random.random(ROWS) < 0.05),
            "a:Contract": _levels(LEVELS, random),
            "a:TechSupport": _levels(("No", "Yes"), random),
        }
    )


def _levels(levels: Sequence[str], random: np.random.Generator) -> pa.DictionaryArray:
    codes = random.integers(0, len(levels), ROWS)
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=random.random(ROWS) < 0.04), list(levels))


@pytest.fixture(scope="module")
def scorer(customers: pa.RecordBatch) -> FileScorer:
    vocabulary = Vocabulary.of(SCHEMA)
    codes = vocabulary.codes(customers)
    churned = np.random.default_rng(5).random(ROWS) < 1 / (1 + np.exp(codes[:, 0] / 20 - 1))
    widths = (None, None, np.eye(5, 3, dtype=np.float32), np.array([[0], [1], [0.5], [np.nan]], np.float32))
    treatment = CategoricalEncoder(widths, (np.nan,) * 4)
    matrix = xgb.DMatrix(treatment.matrix(codes), churned, nthread=1)
    booster = xgb.train({"objective": "binary:logistic", "max_depth": 4, "nthread": 1}, matrix, 60)
    explainer = TreeExplainer.build(
        [bytes(booster.save_raw("json"))], attribute_of_column=treatment.attribute_of_column
    )
    return FileScorer("v1", SCHEMA, None, ScoringModel(vocabulary, Trees(treatment, explainer)))


@dataclass(frozen=True)
class Result:
    summary: RunSummary
    customers: list[ScoredCustomer]
    at_threshold: Any
    contributions: Any


def run_of(
    folder: Path, scorer: FileScorer, data: pa.RecordBatch, cuts: Sequence[int], *, in_memory_rows: int = 10**6
) -> Result:
    """The customers scored in batches that end at `cuts`."""
    store, run = ParquetResults(folder, CountingEvaluator(), in_memory_rows=in_memory_rows), RunId("run")
    writer = store.writer(run, schema=SCHEMA, playbook=PLAYBOOK)
    for start, stop in zip([0, *cuts], [*cuts, data.num_rows], strict=True):
        batch = CustomerBatch(stop - start, data.slice(start, stop - start))
        scored = scorer.score(batch)
        recommended = ColumnarRecommender().recommend(
            batch, scored, schema=SCHEMA, playbook=PLAYBOOK, economics=Economics()
        )
        writer.append(batch, scored, recommended)
    summary = writer.finish(IntakeReport(data.num_rows, 0, (), 0), threshold=0.4, bands=BANDS)
    customers = [one for chunk in store.stream(run, CustomerQuery(0.4), bands=BANDS) for one in chunk]
    contributions = [store.contributions(run, name) for name in SCHEMA.names]
    return Result(summary, customers, store.at_threshold(run, 0.4, bands=BANDS), contributions)


@pytest.mark.parametrize("size", [1, 333, 701, 2_999])
def test_the_batch_size_does_not_change_any_bit(
    tmp_path: Path, scorer: FileScorer, customers: pa.RecordBatch, size: int
) -> None:
    data = customers.slice(0, 800) if size == 1 else customers
    whole = run_of(tmp_path / "whole", scorer, data, [])
    cut = run_of(tmp_path / "cut", scorer, data, range(size, data.num_rows, size))
    assert cut == whole, "each customer, each sum, to the last bit"


def test_buffering_on_disk_does_not_change_any_bit(
    tmp_path: Path, scorer: FileScorer, customers: pa.RecordBatch
) -> None:
    held = run_of(tmp_path / "held", scorer, customers, [900, 1_000, 2_500])
    spilled = run_of(tmp_path / "spilled", scorer, customers, [900, 1_000, 2_500], in_memory_rows=950)
    assert spilled == held


def test_equal_risks_stay_in_file_order_when_spilled(
    tmp_path: Path, scorer: FileScorer, customers: pa.RecordBatch
) -> None:
    same = pa.concat_batches([customers.slice(0, 1)] * 2_000)
    same = same.set_column(0, "row", pa.array(np.arange(1, 2_001)))
    result = run_of(tmp_path, scorer, same, range(100, 2_000, 100), in_memory_rows=150)
    assert [one.customer.row for one in result.customers] == list(range(1, 2_001))


def test_the_order_of_rows_does_not_change_any_bit_of_a_row(
    tmp_path: Path, scorer: FileScorer, customers: pa.RecordBatch
) -> None:
    order = np.random.default_rng(6).permutation(ROWS)
    first = run_of(tmp_path / "first", scorer, customers, [1_000])
    shuffled = run_of(tmp_path / "shuffled", scorer, customers.take(pa.array(order)), [1_000, 1_100])
    by_row = {one.customer.row: one for one in first.customers}
    assert {one.customer.row: one for one in shuffled.customers} == by_row
    probabilities = [one.prediction.probability for one in shuffled.customers]
    assert probabilities == [one.prediction.probability for one in first.customers]


def test_the_number_of_threads_does_not_change_any_bit(scorer: FileScorer, customers: pa.RecordBatch) -> None:
    codes = scorer.model.vocabulary.codes(customers)
    many = pa.array(np.arange(40_000) % ROWS).to_numpy()
    assert scorer.model.trees is not None
    matrix = scorer.model.trees.treatment.matrix(codes[many])
    one, several = (scorer.model.trees.explainer.explain(matrix, threads=threads) for threads in (1, 3))
    for single, shared in zip(one, several, strict=True):
        np.testing.assert_array_equal(single, shared)


def test_cancelling_while_it_is_written_leaves_nothing(
    tmp_path: Path, scorer: FileScorer, customers: pa.RecordBatch
) -> None:
    store = ParquetResults(tmp_path, CountingEvaluator(), in_memory_rows=500)
    writer = store.writer(RunId("run"), schema=SCHEMA, playbook=PLAYBOOK)
    batch = CustomerBatch(ROWS, customers)
    scored = scorer.score(batch)
    recommended = ColumnarRecommender().recommend(
        batch, scored, schema=SCHEMA, playbook=PLAYBOOK, economics=Economics()
    )
    writer.append(batch, scored, recommended)

    def cancelled(_: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        writer.finish(IntakeReport(ROWS, 0, (), 0), threshold=0.4, bands=BANDS, on_rows_written=cancelled)
    writer.abandon()
    assert list(tmp_path.iterdir()) == []
