"""CSV from cells: delimiters, decimal marks, safe text; and the product reads it back."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.csv_style import CsvStyle
from domain.csv_text import Cell, csv_pieces, restyled

ROWS: list[list[Cell]] = [
    ["C-1", 0.937142, -1.5, "a;b", 12],
    ["1,5", 1.234, -0.125, 'said "no", twice', None],
    ["=1+1", 1e-05, 1234.567, "-1,5", "007"],
]


def written(style: CsvStyle | None) -> list[str]:
    return b"".join(csv_pieces(["id", "a", "b", "text", "n"], ROWS, style)).decode().split("\r\n")


def test_semicolons_and_decimal_commas_in_numbers_alone() -> None:
    assert written(CsvStyle.SEMICOLON) == [
        "\ufeffid;a;b;text;n",
        'C-1;0,937142;-1,5;"a;b";12',
        '1,5;1,2340;-0,1250;"said ""no"", twice";',
        "'=1+1;1e-05;1234,567;-1,5;007",
        "",
    ]


def test_commas_and_decimal_points_with_a_byte_order_mark_for_people_and_without_for_programs() -> None:
    programs = [
        "id,a,b,text,n",
        "C-1,0.937142,-1.5,a;b,12",
        '"1,5",1.234,-0.125,"said ""no"", twice",',
        '\'=1+1,1e-05,1234.567,"-1,5",007',
        "",
    ]
    assert written(None) == programs
    assert written(CsvStyle.COMMA) == ["\ufeff" + programs[0], *programs[1:]]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(), min_size=1))
def test_a_number_with_semicolons_is_the_same_number(values: list[float]) -> None:
    text = b"".join(csv_pieces(["n"], [[value] for value in values], CsvStyle.SEMICOLON)).decode("utf-8-sig")
    cells = [row[0] for row in csv.reader(io.StringIO(text, newline=""), delimiter=";")][1:]
    assert [float(cell.replace(",", ".")) for cell in cells] == values
    assert not any("." in cell for cell in cells)


@pytest.mark.parametrize(("with_numbers", "line"), [(False, "29.85;C-1.5;1.234;'=x"), (True, "29,85;C-1.5;1,2340;'=x")])
def test_a_stored_csv_changes_its_delimiter_and_only_if_asked_its_numbers(with_numbers: bool, line: str) -> None:
    stored = io.StringIO("a,b,c,d\r\n29.85,C-1.5,1.234,'=x\r\n", newline="")
    pieces = restyled(stored, CsvStyle.SEMICOLON, with_numbers=with_numbers)
    assert b"".join(pieces).decode() == f"\ufeffa;b;c;d\r\n{line}\r\n"


def test_a_broken_letter_does_not_end_a_download() -> None:
    assert b"".join(csv_pieces(["id"], [["ok\ud800"]])) == b"id\r\nok?\r\n"
