"""Attributes of history: what a row says about earlier months, and never about later ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from adapters.snapshots.history import DuckDbHistoryStore
from application.ports.columns import CustomerBatch
from application.ports.history import History, HistoryStore, Overlap
from domain.history import history_candidates
from domain.schema import Column, ColumnKind, CustomerSchema
from tests.fakes.history import HistoryStoreInMemory

BILL = Column("Bill", ColumnKind.NUMERIC)
PLAN = Column("Plan", ColumnKind.CATEGORICAL, ("Basic", "Pro"))
BASE = CustomerSchema((BILL, PLAN), id_column="id")
SCHEMA = CustomerSchema((*BASE.columns, *history_candidates(BASE)), id_column="id")
CHANGE, LONG, CHANGED, SEEN = (f"a:{column.name}" for column in SCHEMA.history_columns)
Cell = tuple[str, float | None, str | None]


@pytest.fixture(params=["duckdb", "in memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> HistoryStore:
    return DuckDbHistoryStore(tmp_path) if request.param == "duckdb" else HistoryStoreInMemory()


@pytest.fixture
def history(store: HistoryStore) -> Iterator[History]:
    with ExitStack() as stack:
        yield stack.enter_context(store.open(SCHEMA))


def batch(*rows: Cell, months: list[str | None] | None = None) -> CustomerBatch:
    columns = {
        "row": pa.array(range(1, len(rows) + 1), pa.int64()),
        "id": pa.array([row[0] for row in rows], pa.string()),
        "a:Bill": pa.array([row[1] for row in rows], pa.float64()),
        "a:Plan": pa.array([row[2] for row in rows], pa.string()).dictionary_encode(),
    }
    if months is not None:
        columns["month"] = pa.array(months, pa.string())
    return CustomerBatch(len(rows), pa.RecordBatch.from_pydict(columns))


def made(history: History, *rows: Cell, month: str | None = "2026-05") -> dict[str, list[object]]:
    data = history.with_columns(batch(*rows), month=month).data
    return {name: data.column(name).to_pylist() for name in (CHANGE, LONG, CHANGED, SEEN)}


def add(history: History, month: str, *rows: Cell) -> None:
    assert history.add([batch(*rows)], month=month) == len(rows)


def test_a_row_says_what_changed_since_earlier_months(history: History) -> None:
    add(history, "2026-02", ("A", 20.0, "Basic"))
    add(history, "2026-03", ("A", 20.0, "Basic"), ("B", 5.0, "Pro"))
    add(history, "2026-04", ("A", 30.0, "Basic"), ("B", 5.0, None), ("C", None, "Pro"))
    assert history.months() == ("2026-02", "2026-03", "2026-04")
    assert made(history, ("A", 45.5, "Pro"), ("B", 5.0, "Pro"), ("C", 7.0, "Pro"), ("D", 1.0, "Basic")) == {
        CHANGE: [15.5, 0.0, None, None],
        LONG: [25.5, None, None, None],
        CHANGED: ["Yes", None, "No", None],
        SEEN: [3.0, 2.0, 1.0, 0.0],
    }


def test_nothing_of_the_same_month_or_a_later_one_is_used(history: History) -> None:
    """Adding the row's own month, and all months after it, changes nothing."""
    add(history, "2026-04", ("A", 30.0, "Basic"))
    before = made(history, ("A", 45.0, "Pro"), ("B", 1.0, "Pro"))
    for month in ("2026-05", "2026-06", "2026-07", "2026-08"):
        add(history, month, ("A", 99.0, "Basic"), ("B", 99.0, "Basic"))
    assert made(history, ("A", 45.0, "Pro"), ("B", 1.0, "Pro")) == before
    assert before == {CHANGE: [15.0, None], LONG: [None, None], CHANGED: ["Yes", None], SEEN: [None, None]}


def test_missing_history_is_missing_and_not_zero(history: History) -> None:
    nothing = {CHANGE: [None], LONG: [None], CHANGED: [None], SEEN: [None]}
    assert made(history, ("A", 1.0, "Pro")) == nothing
    add(history, "2026-04", ("A", 1.0, "Pro"))
    assert made(history, ("A", 1.0, "Pro"), month=None) == nothing
    assert made(history, ("A", 1.0, "Pro"), month="2026-06") == nothing
    assert made(history, ("A", None, None)) == nothing
    history.drop("2026-04")
    assert history.months() == ()
    assert made(history, ("A", 1.0, "Pro")) == nothing


def test_of_several_rows_of_a_customer_in_a_month_the_first_counts(history: History) -> None:
    history.add([batch(("A", 1.0, "Pro")), batch(("A", 2.0, "Basic"))], month="2026-04")
    history.add([batch(("A", 3.0, "Basic"))], month="2026-04")
    assert made(history, ("A", 10.0, "Pro"), ("A", 11.0, "Pro"))[CHANGE] == [9.0, 10.0]
    assert made(history, ("A", 10.0, "Pro"))[CHANGED] == ["No"]


def test_rows_may_have_their_months_in_a_column(history: History) -> None:
    rows = batch(("A", 1.0, "Pro"), ("A", 3.0, "Pro"), ("A", 9.0, "Pro"), months=["2026-04", "2026-05", None])
    assert history.add([rows], month=None) == 2
    data = history.with_columns(rows, month=None).data
    assert data.column(CHANGE).to_pylist() == [None, 2.0, None]
    assert data.schema.names == [*rows.data.schema.names, CHANGE, LONG, CHANGED, SEEN]


def test_a_number_that_is_not_finite_makes_no_difference(history: History) -> None:
    add(history, "2026-04", ("A", float("inf"), "Pro"), ("B", float("nan"), "Pro"))
    assert made(history, ("A", 1.0, "Pro"), ("B", 1.0, "Pro"))[CHANGE] == [None, None]


def test_how_far_a_month_has_the_same_customers(history: History) -> None:
    add(history, "2026-04", ("A", 1.0, "Pro"), ("B", 1.0, "Pro"), ("C", 1.0, "Pro"))
    asked = batch(("A", 0.0, "Pro"), ("A", 0.0, "Pro"), ("Z", 0.0, "Pro"))
    assert history.overlap(asked, "2026-04") == Overlap(3, 2, 1)
    assert history.overlap(batch(("A", 0.0, "Pro")), "2026-03") == Overlap(0, 1, 0)


def test_a_model_without_history_gets_its_batches_back(store: HistoryStore) -> None:
    with store.open(BASE) as history:
        rows = batch(("A", 1.0, "Pro"))
        assert history.with_columns(rows, month="2026-05") is rows


def test_the_scratch_folder_is_deleted(tmp_path: Path) -> None:
    with DuckDbHistoryStore(tmp_path).open(SCHEMA) as history:
        add(history, "2026-04", ("A", 1.0, "Pro"))
        assert len(list(tmp_path.iterdir())) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_history_equals_that_of_pandas_to_the_bit(store: HistoryStore, seed: int) -> None:
    drawing = random.Random(seed)
    months = [f"2026-{number:02d}" for number in range(1, 9)]
    bills, plans = [None, *(drawing.uniform(-1e3, 1e3) for _ in range(9))], [None, "Basic", "Pro"]
    rows = [
        (month, f"C{drawing.randrange(40)}", drawing.choice(bills), drawing.choice(plans))
        for month in months
        for _ in range(30)
    ]
    frame = pd.DataFrame(rows, columns=["month", "id", "bill", "plan"])
    frame["at"] = frame.month.str[5:].astype(int)
    with store.open(SCHEMA) as history:
        own = batch(*(row[1:] for row in rows), months=[row[0] for row in rows])
        parts = [CustomerBatch(part.num_rows, part) for part in (own.data.slice(0, 100), own.data.slice(100))]
        history.add(parts, month=None)
        tables = [history.with_columns(part, month=None).data for part in parts]
    found = pa.Table.from_batches([part.select([CHANGE, LONG, CHANGED, SEEN]) for part in tables]).to_pandas()
    first = frame.drop_duplicates(["id", "at"])
    for lag, column in ((1, CHANGE), (3, LONG)):
        past = frame.merge(first.assign(at=first["at"] + lag), on=["id", "at"], how="left", suffixes=("", "_old"))
        np.testing.assert_array_equal(found[column].to_numpy(), (past.bill - past.bill_old).to_numpy(float))
        if lag == 1:
            known = past.plan.notna() & past.plan_old.notna()
            wanted = (past.plan != past.plan_old).map({True: "Yes", False: "No"}).where(known, None)
            assert found[CHANGED].isna().tolist() == (~known).tolist()
            assert found[CHANGED][known].tolist() == wanted[known].tolist()
    there = set(zip(first.id, first["at"], strict=True))
    seen = [
        None if at <= 3 else max((lag for lag in (1, 2, 3) if (who, at - lag) in there), default=0)
        for who, at in zip(frame.id, frame["at"], strict=True)
    ]
    assert [None if pd.isna(own) else int(own) for own in found[SEEN]] == seen
