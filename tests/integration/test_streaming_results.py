"""Results with more customers than are held at once: row groups, a buffer on disk, and concurrent readers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from adapters.results.grouping.training_profile import profile_of
from adapters.results.store import ParquetResults
from application.ports.columns import CustomerBatch, RecommendedBatch, ScoredBatch
from application.ports.intake import IntakeReport
from domain.customer_query import AttributeFilter, CustomerQuery
from domain.errors import ResultMissing
from domain.playbook import Action, Condition, Playbook
from domain.prediction import BandLimits, RiskBand
from domain.run import ColumnReport, RunId, RunSummary
from domain.schema import Column, ColumnKind, CustomerSchema
from tests.fakes.truth_evaluator import CountingEvaluator

ROWS = 90_000
RUN = RunId("run")
BANDS = BandLimits()
SCHEMA = CustomerSchema(
    (
        Column("tenure", ColumnKind.NUMERIC),
        Column("City", ColumnKind.CATEGORICAL, ("Harare",)),
    ),
    id_column="id",
)
PLAYBOOK = Playbook(1, (Action("call", "Call", "Call.", (Condition(("*",)),)),))
RNG = np.random.default_rng(5)
PROBABILITY = np.round(RNG.random(ROWS), 3)
GAIN = np.round(RNG.normal(0, 10, ROWS))
TENURE = RNG.integers(0, 72, ROWS).astype(float)


def batches(size: int) -> Iterator[tuple[CustomerBatch, ScoredBatch, RecommendedBatch]]:
    """City has a new level for every customer: the dictionaries of batches differ and grow."""
    for start in range(0, ROWS, size):
        stop = min(start + size, ROWS)
        n = stop - start
        data = pa.RecordBatch.from_pydict(
            {
                "row": pa.array(np.arange(start + 1, stop + 1)),
                "id": pa.array([f"c{i}" for i in range(start, stop)]),
                "a:tenure": pa.array(TENURE[start:stop]),
                "a:City": pa.array([f"City {i}" for i in range(start, stop)]).dictionary_encode(),
            }
        )
        contributions = np.column_stack([PROBABILITY[start:stop] - 0.5, np.full(n, 0.25)]).astype(np.float32)
        reasons = np.tile(np.array([0, 1, -1], np.int16), (n, 1))
        yield (
            CustomerBatch(n, data),
            ScoredBatch(n, 0.0, PROBABILITY[start:stop], np.zeros(n), contributions, reasons, reasons),
            RecommendedBatch(n, np.where(GAIN[start:stop] > 0, 0, -1), GAIN[start:stop], np.full(n, np.nan)),
        )


def write(store: ParquetResults, *, size: int = 20_000, run: RunId = RUN) -> RunSummary:
    writer = None
    for customers, scored, recommended in batches(size):
        if writer is None:
            profile = profile_of(customers.data, SCHEMA)
            writer = store.writer(run, schema=SCHEMA, playbook=PLAYBOOK, training_profile=profile)
        writer.append(customers, scored, recommended)
    assert writer is not None
    columns = (ColumnReport("tenure"), ColumnReport("City"))
    return writer.finish(IntakeReport(ROWS, 0, columns, 0), threshold=0.5, bands=BANDS)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ParquetResults:
    made = ParquetResults(tmp_path_factory.mktemp("data") / "results", CountingEvaluator(), in_memory_rows=30_000)
    write(made)
    return made


BY_RISK = np.lexsort((np.arange(ROWS), -PROBABILITY)) + 1


@pytest.mark.parametrize("offset", [0, 4_090, 4_096, 36_860, 60_000, 89_990, 95_000])
def test_a_page_by_risk_is_right_wherever_row_groups_meet(offset: int, store: ParquetResults) -> None:
    page = store.page(RUN, CustomerQuery(0.5, offset=offset), bands=BANDS)
    assert [one.customer.row for one in page.customers] == BY_RISK[offset : offset + 25].tolist()
    assert page.total == ROWS
    for one in page.customers:
        assert one.customer.attributes == {
            "tenure": TENURE[one.customer.row - 1],
            "City": f"City {one.customer.row - 1}",
        }


def test_a_page_of_one_band_is_right_across_row_groups(store: ParquetResults) -> None:
    query = CustomerQuery(0.5, bands=(RiskBand.MEDIUM, RiskBand.HIGH))
    inside = [row for row in BY_RISK.tolist() if 0.25 <= PROBABILITY[row - 1] < 0.75]
    streamed = [one.customer.row for chunk in store.stream(RUN, query, bands=BANDS) for one in chunk]
    assert streamed == inside
    page = store.page(RUN, CustomerQuery(0.5, bands=query.bands, offset=30_000), bands=BANDS)
    assert [one.customer.row for one in page.customers] == inside[30_000:30_025]


def test_a_filtered_and_sorted_stream_is_complete_and_in_order(store: ParquetResults) -> None:
    query = CustomerQuery(0.5, attributes=(AttributeFilter("tenure", low=10, high=50),), sort="gain")
    chunks = list(store.stream(RUN, query, bands=BANDS))
    rows = np.array([one.customer.row for chunk in chunks for one in chunk])
    chosen = np.flatnonzero((TENURE >= 10) & (TENURE < 50))
    order = np.lexsort((chosen, -PROBABILITY[chosen], -GAIN[chosen]))
    assert rows.tolist() == (chosen[order] + 1).tolist()
    assert max(len(chunk) for chunk in chunks) <= 5_000


@pytest.mark.parametrize("sort", ["risk", "gain"])
def test_fewer_customers_with_many_columns_are_held_in_memory(
    sort: str, store: ParquetResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = CustomerQuery(0.5, likely=True, attributes=(AttributeFilter("tenure", low=10, high=50),), sort=sort)
    one_way = [one for chunk in store.stream(RUN, query, bands=BANDS) for one in chunk]
    monkeypatch.setattr("adapters.results.reading.customer_rows.CELLS", 10_000)
    monkeypatch.setattr("adapters.results.reading.stored_run.READ_AT_ONCE", 100_000)
    chunks = list(store.stream(RUN, query, bands=BANDS))
    assert [one for chunk in chunks for one in chunk] == one_way
    assert max(len(chunk) for chunk in chunks) < 1_000


def test_the_batch_size_does_not_change_the_result(store: ParquetResults) -> None:
    first = store.at_threshold(RUN, 0.5, bands=BANDS)
    other = RunId("other")
    write(store, size=65_536, run=other)
    assert store.at_threshold(other, 0.5, bands=BANDS) == first
    query = CustomerQuery(0.5, offset=50_000, limit=200)
    assert store.page(other, query, bands=BANDS) == store.page(RUN, query, bands=BANDS)
    for name in SCHEMA.names:
        assert store.contributions(other, name) == store.contributions(RUN, name)
    store.discard(other)


def test_drift_of_the_customers_is_measured(store: ParquetResults) -> None:
    summary = write(store, run=RunId("again"))
    tenure, city = summary.columns
    assert tenure.psi is not None
    assert tenure.psi < 0.01
    assert city.psi is not None
    assert (tenure.state, city.state) == ("stable", "stable")
    store.discard(RunId("again"))


def test_threads_read_concurrently(store: ParquetResults) -> None:
    def ask(place: int) -> list[int]:
        query = CustomerQuery(0.5, sort="gain" if place % 2 else "risk", offset=place * 100)
        store.groups(RUN, "tenure", threshold=0.5)
        return [one.customer.row for one in store.page(RUN, query, bands=BANDS).customers]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(ask, range(12)))
    assert together == [ask(place) for place in range(12)]


def test_leftovers_of_a_killed_worker_are_swept(tmp_path: Path) -> None:
    store = ParquetResults(tmp_path, CountingEvaluator())
    killed = store.writer(RunId("killed"), schema=SCHEMA, playbook=PLAYBOOK)
    killed.append(*next(batches(100)))
    assert len(list(tmp_path.iterdir())) == 1
    assert store.sweep_unfinished([RunId("killed")]) == 0
    assert store.sweep_unfinished([], before=datetime.now(UTC) - timedelta(hours=1)) == 0
    assert store.sweep_unfinished([]) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_run_taken_over_leaves_one_result(tmp_path: Path) -> None:
    store = ParquetResults(tmp_path, CountingEvaluator())
    killed = store.writer(RUN, schema=SCHEMA, playbook=PLAYBOOK)
    killed.append(*next(batches(100)))
    write(store)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [
        "contributions.npy",
        "customers.parquet",
        "manifest.json",
        "notes.json",
        "slots.arrow",
        "sums.npy",
    ]


def test_a_folder_without_its_customers_is_a_missing_result(store: ParquetResults, tmp_path: Path) -> None:
    lone = ParquetResults(tmp_path, CountingEvaluator())
    write(lone)
    (tmp_path / "run" / "customers.parquet").unlink()
    with pytest.raises(ResultMissing):
        lone.page(RUN, CustomerQuery(0.5), bands=BANDS)


@pytest.mark.parametrize("search", ["c8", "C89", "99", "c89999", "nobody"])
def test_ids_beyond_the_memory_limit_are_searched_in_the_file(
    search: str, store: ParquetResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = CustomerQuery(0.5, search=search, limit=100_000)
    kept = store.page(RUN, query, bands=BANDS)
    monkeypatch.setattr("adapters.results.reading.customer_ids.MAX_BYTES", 0)
    assert store.page(RUN, query, bands=BANDS) == kept
    wanted = [i for i in range(ROWS) if f"c{i}".startswith(search.lower())]
    wanted = wanted or [i for i in range(ROWS) if search.lower() in f"c{i}"]
    assert kept.total == len(wanted)
    assert {one.customer.row for one in kept.customers} == {i + 1 for i in wanted}


@pytest.mark.parametrize("asked", [{"sort": "gain"}, {"sort": "row", "descending": False}, {"search": "c89"}])
def test_a_page_of_a_wide_file_is_the_same_when_positions_are_read_first(
    asked: dict[str, Any], store: ParquetResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = CustomerQuery(0.5, offset=3, **asked)
    page = store.page(RUN, query, bands=BANDS)
    monkeypatch.setattr("adapters.results.reading.customer_locator.WIDE", 1)
    assert store.page(RUN, query, bands=BANDS) == page
    assert len(page.customers) == 25
