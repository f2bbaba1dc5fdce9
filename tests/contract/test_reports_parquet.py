"""Parquet: the values of the customers with their types, texts exactly as they are."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adapters.reporting.cells import table_of
from adapters.reporting.parquet_table import ROW_GROUP
from adapters.reporting.table_export import SpreadsheetTables
from adapters.reporting.table_order import TablesInOrder
from application.ports.reports import TableExporter
from application.ports.results import ScoredCustomer
from domain.customer import Customer, CustomerId
from domain.playbook import Playbook
from domain.schema import Column, ColumnKind, CustomerSchema
from tests.contract.reports_content import PLAYBOOK, SCHEMA, customers, table_content
from tests.fakes.columns import columns_of

HOSTILE = ("=1+1", "+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "'quoted", 'a;"b",c', "Südost", "\u200b=1", "007", "1,5")


@pytest.fixture(params=[SpreadsheetTables])
def exporter(request: pytest.FixtureRequest) -> TableExporter:
    return request.param()


def file_of(pieces: Iterator[bytes]) -> pq.ParquetFile:
    return pq.ParquetFile(io.BytesIO(b"".join(pieces)))


def test_each_column_has_the_type_of_its_values(exporter: TableExporter) -> None:
    schema = file_of(exporter.parquet(table_content([list(customers(40))]))).schema_arrow

    category = "dictionary<values=string, indices=int32, ordered=0>"
    assert {own.name: str(own.type) for own in schema} == {
        "customerID": "string",
        "churn_probability": "double",
        "churn_prediction": "bool",
        "risk_band": category,
        "reason_1": "string",
        "reason_2": "string",
        "reason_3": "string",
        "recommendation": category,
        "expected_gain": "double",
        "worth_contacting": "bool",
        "message": "string",
        "offer_cost": "double",
        "contact_cost": "double",
    }
    units = {own.name: (own.metadata or {}).get(b"unit") for own in schema}
    assert {name: unit for name, unit in units.items() if unit} == {
        "churn_probability": b"probability",
        "expected_gain": b"USD",
        "offer_cost": b"USD",
        "contact_cost": b"USD",
    }


def test_the_values_are_those_of_the_table_in_full_precision(exporter: TableExporter) -> None:
    given = customers(300)
    content = table_content([list(given[:120]), [], list(given[120:])])
    table = file_of(exporter.parquet(content)).read()
    cells = table_of(replace(table_content([list(given)]), with_input=False))

    expected = [
        [{"Yes": True, "No": False}.get(str(cell), cell) if place in (2, 9) else cell for place, cell in enumerate(row)]
        for rows in cells.chunks
        for row in rows
    ]
    assert table.column_names == list(cells.header)
    written = [list(row.values()) for row in table.to_pylist()]
    for place, name in enumerate(cells.header):
        values, known = [row[place] for row in written], [row[place] for row in expected]
        assert values == (pytest.approx(known, abs=1e-12) if name == "offer_cost" else known)


def test_the_metadata_says_what_was_predicted_and_how(exporter: TableExporter) -> None:
    metadata = file_of(exporter.parquet(table_content([list(customers(3))], currency="EUR"))).schema_arrow.metadata

    assert {name.decode(): value.decode() for name, value in metadata.items()} == {
        "netone.product": "netone-churn",
        "netone.version": version("netone-churn"),
        "netone.currency": "EUR",
        "netone.threshold": "0.42",
        "netone.prediction": table_content([]).run.id,
        "netone.predicted_at": table_content([]).run.created_at.isoformat(),
        "netone.file": "customers-2026-11.csv",
        "netone.model": "v4",
        "netone.horizon": table_content([]).model.horizon,
    }
    assert metadata[b"netone.predicted_at"].endswith(b"+00:00"), "a moment with its zone"


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_exact_and_never_escaped(exporter: TableExporter, text: str) -> None:
    schema = CustomerSchema(SCHEMA.columns, id_column=text)
    playbook = Playbook(3, (replace(PLAYBOOK.actions[0], name=text, message=text.replace("|", "")),))
    one = customers(1)[0]
    hostile = replace(
        one,
        customer=Customer(CustomerId(text), 1, one.customer.attributes | {"Contract": text}),
        action_id="one-year-contract",
        extra=((f"note {text}", text),),
    )
    content = table_content([[hostile]], schema=schema, playbook=playbook, with_input=True)
    (row,) = file_of(exporter.parquet(content)).read().to_pylist()

    assert [row[name] for name in (text, "recommendation", "Contract", f"note {text}")] == [text] * 4
    assert row["message"] == text.replace("|", "").strip()


def test_columns_of_the_file_are_typed(exporter: TableExporter) -> None:
    schema = replace(SCHEMA, columns=(*SCHEMA.columns, Column("Partner", ColumnKind.BOOLEAN, ("Nein", "Ja"))))
    given = [
        replace(one, customer=replace(one.customer, attributes=one.customer.attributes | {"Partner": word}))
        for one, word in zip(customers(4), ("Ja", "Nein", None, "perhaps"), strict=True)
    ]
    table = file_of(exporter.parquet(table_content([given], schema=schema, with_input=True))).read()

    assert table["Partner"].to_pylist() == [True, False, None, None]
    assert table["MonthlyCharges"].to_pylist() == [one.customer.attributes["MonthlyCharges"] for one in given]
    assert table["Churn"].to_pylist() == [one.actual for one in given]
    types = {name: str(table.schema.field(name).type) for name in ("tenure", "Partner", "Churn", "Contract")}
    assert types == {
        "tenure": "double",
        "Partner": "bool",
        "Churn": "bool",
        "Contract": "dictionary<values=string, indices=int32, ordered=0>",
    }


def test_customers_are_in_the_requested_order(exporter: TableExporter) -> None:
    given = customers(50)
    order = np.random.default_rng(1).permutation(50)
    actions = tuple(action.id for action in PLAYBOOK.actions)

    def chunk(start: int, stop: int) -> Any:
        places = order[start:stop].tolist()
        return columns_of(given[start:stop], attributes=SCHEMA.names, actions=actions, places=places)

    content = replace(table_content([]), columns=iter([chunk(0, 20), chunk(20, 50)]))
    ids = file_of(exporter.parquet(content)).read()["customerID"].to_pylist()
    assert ids == [given[place].customer.id for place in np.argsort(order)]


def test_tables_are_sorted_in_ranges_whose_levels_differ() -> None:
    places = np.array([70_000, 3, 140_000, 1])
    with TablesInOrder() as ordered:
        for half in (slice(0, 2), slice(2, 4)):
            levels = pa.array([f"level {place}" for place in places[half]]).dictionary_encode()
            ordered.add(pa.table({"place": places[half], "level": levels}), places[half])
        tables = list(ordered.tables())
    assert [table["place"].to_pylist() for table in tables] == [[1, 3], [70_000], [140_000]]
    assert tables[0]["level"].to_pylist() == ["level 1", "level 3"]


def test_small_chunks_share_a_row_group_and_bytes_come_as_groups_are_full(
    exporter: TableExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.reporting.parquet_table.ROW_GROUP", 25)
    taken: list[int] = []

    def chunks() -> Iterator[list[ScoredCustomer]]:
        for place in range(6):
            taken.append(place)
            yield list(customers(10))

    pieces = exporter.parquet(table_content(chunks()))
    first = next(pieces)
    assert first.startswith(b"PAR1")
    assert len(taken) == 3
    file = pq.ParquetFile(io.BytesIO(first + b"".join(pieces)))
    assert [file.metadata.row_group(place).num_rows for place in range(file.num_row_groups)] == [30, 30]
    assert ROW_GROUP == 65_536


def test_without_customers_it_has_the_columns_and_no_rows(exporter: TableExporter) -> None:
    table = file_of(exporter.parquet(table_content([], with_input=True, inputs=("Notiz", "")))).read()
    assert table.num_rows == 0
    assert table.column_names[9:11] == ["Notiz", ""]
    assert str(table.schema.field("churn_probability").type) == "double"
