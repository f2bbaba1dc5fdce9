"""The product reads its CSV for Excel, in both styles, back to the values that it wrote."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.intake.reader import CsvCustomerFiles
from adapters.reporting.table_export import SpreadsheetTables
from domain.csv_style import CsvStyle
from domain.csv_text import csv_pieces
from domain.customer import Customer, CustomerId
from domain.header_matching import match_header
from domain.schema import Column, ColumnKind, CustomerSchema
from tests.contract.reports_content import SCHEMA, customers, table_content

NUMBERS = ("MonthlyCharges", "tenure", "churn_probability", "expected_gain", "offer_cost")
READ_AS = CustomerSchema(
    columns=tuple(Column(name, ColumnKind.NUMERIC, minimum=0.0, maximum=1e6, missing_rate=0.1) for name in NUMBERS),
    id_column="customerID",
)
AMOUNTS = st.floats(0, 1e6) | st.integers(0, 10**6).map(lambda mils: mils / 1000) | st.integers(0, 999).map(float)
IDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cf")), min_size=1)
CLEAR = ("clear", 0.5)
"""Where every amount is like 1.125, nobody but a person knows whether its mark groups thousands."""
ROWS = st.lists(st.tuples(AMOUNTS, st.floats(0, 1), AMOUNTS), min_size=3, max_size=12)


def read(content: bytes, schema: CustomerSchema = READ_AS) -> list[dict[str, Any]]:
    files = CsvCustomerFiles()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.csv"
        path.write_bytes(content)
        preview = files.preview(path)
        match = match_header(schema, preview.header)
        reading = files.read(path, schema=schema, match=match, format=preview.format)
        return [row for batch in reading.batches() for row in batch.data.to_pylist()]


@pytest.mark.parametrize("style", CsvStyle)
@settings(max_examples=40, deadline=None)
@given(rows=ROWS)
def test_a_result_is_read_back_to_the_last_digit_written(
    style: CsvStyle, rows: list[tuple[float, float, float]]
) -> None:
    rows = [*rows, (CLEAR[1], 0.5, CLEAR[1])]
    some = [
        replace(
            one,
            customer=Customer(
                CustomerId(f"C-{place};1,5"), place, one.customer.attributes | {"MonthlyCharges": bill, "tenure": bill}
            ),
            prediction=replace(one.prediction, probability=probability),
            expected_gain=gain,
        )
        for place, (one, (bill, probability, gain)) in enumerate(zip(customers(len(rows)), rows, strict=True), start=1)
    ]
    content = table_content([some], style=style, with_input=True)
    found = read(b"".join(SpreadsheetTables().csv(content)))

    assert [row["id"] for row in found] == [one.customer.id for one in some]
    assert [row["a:MonthlyCharges"] for row in found] == [bill for bill, _, _ in rows]
    limits = (0.25, 0.5, 0.75, content.at_threshold.threshold)
    for row, (_, probability, gain) in zip(found, rows, strict=True):
        assert abs(row["a:churn_probability"] - probability) <= 0.5e-6
        assert all((row["a:churn_probability"] >= limit) == (probability >= limit) for limit in limits)
        assert abs(row["a:expected_gain"] - gain) <= 0.005 + 1e-9 * gain
        assert (row["a:expected_gain"] > 0) == (gain > 0)


@pytest.mark.parametrize("style", CsvStyle)
@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(IDS, AMOUNTS), min_size=3, max_size=9))
def test_a_list_is_read_back_with_its_ids(style: CsvStyle, rows: list[tuple[str, float]]) -> None:
    own = [(f"C{place}{text}", amount) for place, (text, amount) in enumerate([*rows, CLEAR])]
    found = read(b"".join(csv_pieces(["customerID", "MonthlyCharges"], own, style)))
    assert [(row["id"], row["a:MonthlyCharges"]) for row in found] == own


def test_the_attributes_of_a_file_with_decimal_points_get_commas() -> None:
    given_rows = [
        replace(one, customer=replace(one.customer, attributes=one.customer.attributes | {"MonthlyCharges": 29.85}))
        for one in customers(2)
    ]
    text = b"".join(SpreadsheetTables().csv(table_content([given_rows], style=CsvStyle.SEMICOLON, with_input=True)))
    header, first, *_ = text.decode("utf-8-sig").split("\r\n")
    place = header.split(";").index("MonthlyCharges")
    assert first.split(";")[place] == "29,85"
    assert first.split(";")[1] == "0,97"
    assert SCHEMA.names[3] == "MonthlyCharges"
