"""Parquet and Feather."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from adapters.intake.tables.kinds import TableKind
from domain.errors import FileRefused
from tests.unit.intake.tables.reading import read


def parquet(table: Any, **how: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, **how)
    return out.getvalue()


def arrow(table: Any, **how: Any) -> bytes:
    out = io.BytesIO()
    feather.write_feather(table, out, **how)
    return out.getvalue()


DAY = dt.datetime(2026, 11, 30, 14, 5, tzinfo=dt.UTC)
MIDNIGHT = DAY.replace(tzinfo=None, month=1, day=1, hour=0, minute=0)
COLUMNS: dict[str, tuple[Any, list[Any], list[str]]] = {
    "text": (pa.string(), ['a "b", c', "x\ny", None], ['"a ""b"", c"', "x y", ""]),
    "words": (pa.dictionary(pa.int8(), pa.string()), ["Yes", "No", None], ["Yes", "No", ""]),
    "whole": (pa.int64(), [1, -2, None], ["1", "-2", ""]),
    "real": (pa.float64(), [29.85, 7.0, None], ["29.85", "7", ""]),
    "thousandths": (pa.float64(), [1.234, 1234.567, float("nan")], ["1.2340", "1234.567", ""]),
    "large": (pa.float64(), [1e10, 2.5e-5, 1.5], ["10000000000", "0.000025", "1.5"]),
    "short": (pa.float32(), [29.85, 0.1, None], ["29.85", "0.1", ""]),
    "exact": (pa.decimal128(9, 3), [Decimal("1.234"), Decimal("2.5"), None], ["1.2340", "2.5000", ""]),
    "flag": (pa.bool_(), [True, False, None], ["TRUE", "FALSE", ""]),
    "day": (pa.date32(), [dt.date(2026, 11, 30), None, None], ["2026-11-30", "", ""]),
    "moment": (pa.timestamp("us"), [DAY.replace(tzinfo=None), MIDNIGHT, None],
               ["2026-11-30 14:05:00", "2026-01-01", ""]),
    "zone": (pa.timestamp("ns", "Africa/Nairobi"), [DAY, None, None], ["2026-11-30 17:05:00", "", ""]),
    "hour": (pa.time32("s"), [dt.time(8, 5), None, None], ["08:05:00", "", ""]),
    "nothing": (pa.null(), [None, None, None], ["", "", ""]),
    "bytes": (pa.binary(), [b"A-1", None, None], ["A-1", "", ""]),
}  # fmt: skip


@pytest.mark.parametrize("write", [parquet, arrow])
@pytest.mark.parametrize("name", COLUMNS)
def test_values_of_each_type(name: str, write: Any) -> None:
    kind, values, texts = COLUMNS[name]
    table = pa.table({"id": ["A", "B", "C"], name: pa.array(values, kind)})
    found = read(write(table), TableKind.PARQUET if write is parquet else TableKind.FEATHER)
    assert found.lines == [f"id,{name}", *(f"{own},{text}" for own, text in zip("ABC", texts, strict=True))]
    assert found.described == {"words": "Parquet" if write is parquet else "Feather"}


def test_several_row_groups_follow_each_other() -> None:
    table = pa.table({"id": list(range(5_000)), "x": [1.5] * 5_000})
    lines = read(parquet(table, row_group_size=700), TableKind.PARQUET).lines
    assert len(lines) == 5_001
    assert lines[-1] == "4999,1.5"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (pa.array([[1], [2]]), "The column “nested” holds lists or records, not plain values."),
        (pa.array([{"a": 1}, {"a": 2}]), "The column “nested” holds lists or records, not plain values."),
        (pa.array([1, 2], pa.duration("s")), "The column “nested” holds values of the type duration[s]"),
    ],
)
def test_what_no_cell_can_hold_is_refused_by_name(values: Any, sentence: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read(parquet(pa.table({"id": ["A", "B"], "nested": values})), TableKind.PARQUET)
    assert str(refused.value).startswith(sentence)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(FileRefused, match="“raw” holds values of the type binary that are no text"):
        read(parquet(pa.table({"id": ["A"], "raw": pa.array([b"\xff\xfe"])})), TableKind.PARQUET)


def test_a_table_without_rows_is_its_header() -> None:
    assert read(parquet(pa.table({"id": pa.array([], pa.string())})), TableKind.PARQUET).lines == ["id"]
