"""The same typed cells in every kind of file give the same text."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.intake.tables.kinds import TableKind
from tests.builders.tables import binary_workbook, opendocument, workbook
from tests.unit.intake.tables.reading import read

WORDS = st.text("abcXYZäß東0129 ,\";'=@#-", min_size=1, max_size=12).filter(lambda text: text == text.strip())
# xlsxwriter writes sixteen digits.
NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12),
    st.decimals(-10_000, 10_000, places=3).map(float),
    st.decimals(-(10**9), 10**9, places=6).map(float),
)
DAYS = st.dates(dt.date(1950, 1, 1), dt.date(2090, 12, 31))
COLUMNS = st.integers(1, 12).flatmap(
    lambda rows: st.lists(
        st.sampled_from([WORDS, NUMBERS, DAYS, st.booleans()]).flatmap(
            lambda values: st.lists(st.one_of(st.none(), values), min_size=rows, max_size=rows)
        ),
        min_size=1,
        max_size=4,
    )
)


def table_of(columns: list[list[Any]]) -> list[list[Any]]:
    """With an id in front, so that no row is blank."""
    ids = [f"A-{place}" for place in range(len(columns[0]))]
    return [["id", *(f"c{place}" for place in range(len(columns)))], *map(list, zip(ids, *columns, strict=True))]


@settings(max_examples=60, deadline=None)
@given(COLUMNS)
def test_workbooks_records_and_columnar_files_agree(columns: list[list[Any]]) -> None:
    header, *rows = table_of(columns)
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "yyyy-mm-dd"}
    expected = read(workbook({"S": [header, *rows]}, **plain), TableKind.XLSX).lines
    records = [dict(zip(header, row, strict=True)) for row in rows]
    assert read(json.dumps(records, default=str).encode(), TableKind.JSON).lines == expected
    arrays = [pa.array([_floats(cell, column) for cell in column]) for column in zip(*rows, strict=True)]
    table = pa.table(dict(zip(header, arrays, strict=True)))
    for write, kind in ((pq.write_table, TableKind.PARQUET), (feather.write_feather, TableKind.FEATHER)):
        out = io.BytesIO()
        write(table, out)
        assert read(out.getvalue(), kind).lines == expected


def _floats(cell: Any, column: tuple[Any, ...]) -> Any:
    """A column of numbers has one type."""
    mixed = any(isinstance(own, float) for own in column)
    return float(cell) if mixed and isinstance(cell, int) and not isinstance(cell, bool) else cell


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(WORDS, NUMBERS, st.integers(0, 10**9)), min_size=1, max_size=8))
def test_other_workbooks_agree(rows: list[tuple[str, float, int]]) -> None:
    table = [["id", "real", "whole"], *map(list, rows)]
    expected = read(workbook({"S": table}, strings_to_formulas=False, strings_to_urls=False), TableKind.XLSX).lines
    assert read(opendocument({"S": table}), TableKind.ODS).lines == expected
    assert read(binary_workbook(table), TableKind.XLSB).lines == expected
