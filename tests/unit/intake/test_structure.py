"""Rows and cells found as the parser finds them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.intake.blocks import row_blocks
from adapters.intake.source import of_few_lines
from adapters.intake.structure import cells_of, ends_inside_quotes, row_index


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("a,b,c", ["a", "b", "c"]),
        ("a,,", ["a", "", ""]),
        ("", [""]),
        (",", ["", ""]),
        ('"a,b",c', ["a,b", "c"]),
        ('"a""b"x,"",d', ['a"bx', "", "d"]),
        ('"open,b', ["open,b"]),
        ('"ends,', ["ends,"]),
        ('a"b,c', ['a"b', "c"]),
    ],
)
def test_cells_of_a_row(row: str, cells: list[str]) -> None:
    assert cells_of(row, ",") == cells


def parsed(data: bytes) -> list[list[str]]:
    table = pa_csv.read_csv(
        pa.py_buffer(data),
        read_options=pa_csv.ReadOptions(column_names=["a", "b"], use_threads=False, block_size=len(data) + 1),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda row: "skip"),
        convert_options=pa_csv.ConvertOptions(column_types={"a": pa.string(), "b": pa.string()}),
    )
    return [list(row.values()) for row in table.to_pylist()]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(alphabet='a",\n', min_size=1, max_size=30))
def test_rows_and_cells_are_those_of_the_parser(text: str) -> None:
    data = (text + "\n").encode()
    if ends_inside_quotes(data, ",") or not data.strip(b"\n"):
        return
    index = row_index(data, ",")
    rows = [data[a:b].decode() for a, b in zip(index.start.tolist(), index.end.tolist(), strict=True)]
    pairs = [cells for cells in (cells_of(row, ",") for row in rows) if len(cells) == 2]
    assert parsed(data) == pairs


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(alphabet='a",\né', max_size=40), st.integers(1, 9))
def test_blocks_are_whole_rows_and_nothing_is_lost(text: str, size: int) -> None:
    data = text.encode()
    if ends_inside_quotes(data, ","):
        return
    blocks = list(row_blocks((data[a : a + size] for a in range(0, len(data), size)), ","))
    whole = data if data.endswith(b"\n") or not data else data + b"\n"
    assert b"".join(block.data for block in blocks) == whole
    line = 1
    for block in blocks:
        assert block.line == line
        assert row_index(block.data, ",").end_of_last == len(block.data)
        line += block.data.count(b"\n")


def test_chunks_of_many_lines_are_halved_until_none_has_too_many() -> None:
    chunks = [b"abc\nde", b"\n" * 9 + b"x" * 7, b"", b"long line without an end", b"\n\n\n"]
    assert list(of_few_lines(chunks, 3)) == [
        *(b"abc\nde", b"\n\n", b"\n\n", b"\n\n", b"\n\n", b"\nxxxxxxx", b"", b"long line without an end", b"\n\n\n")
    ]
