"""Scored customers to write into a store, and how answers are compared."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from application.ports.columns import CustomerBatch, InputColumn, RecommendedBatch, ScoredBatch
from application.ports.intake import IntakeReport
from application.ports.results import ResultStore
from domain.customer_query import CustomerQuery
from domain.playbook import Action, Condition, Playbook
from domain.prediction import BandLimits
from domain.run import ColumnReport, RunId, RunSummary
from domain.schema import Column, ColumnKind
from tests.builders import a_schema, an_evaluation

OTHER = RunId("01970000-0000-7000-8000-000000000002")
RUN = RunId("01970000-0000-7000-8000-000000000001")
BANDS = BandLimits()
HOSTILE = "we\"ird'; DROP TABLE x -- ☎"
LEVELS = ("Month-to-month", "Two year", "One year")
SCHEMA = a_schema(
    columns=(
        Column("tenure", ColumnKind.NUMERIC, minimum=0.0, maximum=72.0),
        Column("MonthlyCharges", ColumnKind.NUMERIC, minimum=18.0, maximum=120.0),
        Column("Contract", ColumnKind.CATEGORICAL, LEVELS),
        Column("contract", ColumnKind.BOOLEAN, ("No", "Yes")),
        Column(HOSTILE, ColumnKind.CATEGORICAL, ("a", "b")),
        Column("Lines", ColumnKind.NUMERIC, minimum=1.0, maximum=3.0),
    ),
)
INPUTS = (
    InputColumn("Notes", "x:9:Notes"),
    InputColumn("Contract", "a:Contract"),
    InputColumn("Month", "month"),
    InputColumn("tenure", "a:tenure"),
    InputColumn("", "x:10:a:b"),
    InputColumn("Churn", "actual"),
    InputColumn("Contract", "a:contract"),
)
"""The file's columns in its order: one without a name, two with the same."""
PLAYBOOK = Playbook(
    3,
    (
        Action("one-year", "One-year contract", "Offer a year.", (Condition(("Contract",)),)),
        Action("discount", "Discount", "Offer a discount.", (Condition(("*",)),)),
    ),
)


@dataclass(frozen=True)
class Batches:
    customers: CustomerBatch
    scored: ScoredBatch
    recommended: RecommendedBatch


def made(n: int = 300, *, seed: int = 7, first: int = 1, plain: bool = False) -> Batches:
    """Made-up customers: many equal probabilities, missing values, unknown levels, ids that need care."""
    rng = np.random.default_rng(seed)
    rows = np.arange(first, first + n) + (np.arange(n) > 10)  # row first + 11 was rejected
    ids = [f"{'ab%_Ä'[i % 5]}{i:05d}-x'\"" for i in range(n)]
    contributions = rng.normal(0, 0.5, (n, 6)).astype(np.float32)
    contributions[:, 5] = 0.0
    order = np.argsort(-contributions, axis=1, kind="stable").astype(np.int16)
    picked = np.where(np.take_along_axis(contributions, order[:, :3].astype(int), 1) > 0, order[:, :3], -1)
    falling = order[:, ::-1]
    lowers = np.where(np.take_along_axis(contributions, falling[:, :3].astype(int), 1) < 0, falling[:, :3], -1)
    action = rng.integers(-1, 2, n).astype(np.int16)
    revenue = np.round(rng.uniform(18, 120, n), 2)
    revenue[rng.random(n) < 0.1] = np.nan
    columns: dict[str, Any] = {"row": pa.array(rows), "id": pa.array(ids)}
    if not plain:
        columns["month"] = pa.array([["2026-10", "2026-11", None][i % 3] for i in range(n)])
        columns["actual"] = pa.array([[True, False, None, False][i % 4] for i in range(n)])
    columns |= {
        "a:tenure": pa.array([None if i % 17 == 0 else float(i % 72) for i in range(n)], pa.float64()),
        "a:MonthlyCharges": pa.array(revenue, mask=np.isnan(revenue)),
        "a:Contract": pa.array([[*LEVELS, "Weekly", None][i % 5] for i in range(n)]).dictionary_encode(),
        "a:contract": pa.array([["Yes", "No"][i % 2] for i in range(n)]).dictionary_encode(),
        f"a:{HOSTILE}": pa.array([["a", "b", HOSTILE, None][i % 4] for i in range(n)]).dictionary_encode(),
        "a:Lines": pa.array([float(1 + i % 3) for i in range(n)]),
    }
    if not plain:
        columns["x:9:Notes"] = pa.array([None if i % 2 else f"=note {i}" for i in range(n)], pa.string())
        columns["w:1"] = pa.array([f"{LEVELS[0].upper()} {i}" if i % 5 == 1 else None for i in range(n)], pa.string())
        columns["w:3"] = pa.array([f"{i % 72}.0" if i % 3 == 1 else "NA" if i % 17 == 0 else None for i in range(n)])
        columns["x:10:a:b"] = pa.array([f"v{i}" for i in range(n)])
    probability = np.round(rng.beta(1.2, 2.5, n) * 200) / 200
    return Batches(
        CustomerBatch(n, pa.RecordBatch.from_pydict(columns), () if plain else INPUTS),
        ScoredBatch(n, -1.0, probability, np.zeros(n), contributions, picked.astype(np.int16), lowers.astype(np.int16)),
        RecommendedBatch(n, action, np.where(action < 0, 0.0, np.round(rng.uniform(-5, 40, n))), revenue),
    )


def customers(*given: tuple[str, float] | tuple[str, float, str]) -> Batches:
    """Customers with these ids and probabilities, and months if they are given. Their rows count from 1."""
    one = made(len(given), plain=True)
    columns = dict(zip(one.customers.data.schema.names, one.customers.data.columns, strict=True))
    columns["id"] = pa.array([own[0] for own in given], pa.string())
    if any(len(own) == 3 for own in given):
        columns["month"] = pa.array([own[2] if len(own) == 3 else None for own in given], pa.string())
    return replace(
        one,
        customers=CustomerBatch(len(given), pa.RecordBatch.from_pydict(columns)),
        scored=replace(one.scored, probability=np.array([own[1] for own in given], np.float64)),
    )


def a_report(scored: int) -> IntakeReport:
    columns = (ColumnReport("tenure", missing=2, out_of_range=3), ColumnReport("Contract", unknown=60))
    return IntakeReport(rows=scored + 1, rejected=1, columns=columns, duplicate_ids=4)


def write(store: ResultStore, *batches: Batches, run: RunId = RUN) -> RunSummary:
    writer = store.writer(run, schema=SCHEMA, playbook=PLAYBOOK, held_out=an_evaluation())
    for one in batches:
        writer.append(one.customers, one.scored, one.recommended)
    return writer.finish(a_report(sum(one.customers.rows for one in batches)), threshold=0.4, bands=BANDS)


def ask(**given: Any) -> CustomerQuery:
    return CustomerQuery(**({"threshold": 0.4} | given))


def rows_of(store: ResultStore, query: CustomerQuery) -> list[int]:
    return [one.customer.row for one in store.page(RUN, query, bands=BANDS).customers]


def close(a: Any, b: Any) -> bool:
    """Equal, but for the last digits of sums."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(close(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(close(a[key], b[key]) for key in a)
    if hasattr(a, "__dataclass_fields__"):
        return type(a) is type(b) and all(close(getattr(a, f), getattr(b, f)) for f in a.__dataclass_fields__)
    return bool(a == b)
