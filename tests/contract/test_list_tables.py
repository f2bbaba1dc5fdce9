"""A campaign's list as CSV and XLSX: text is safe in a spreadsheet, numbers are numbers, lines come one by one."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.reporting import list_tables
from adapters.reporting.list_tables import SpreadsheetListTables
from domain.csv_text import Cell, csv_pieces
from tests.integration.web.workbooks import cells_of

HOSTILE = ("=1+1", "@SUM(1)", "\t=1", "＝1+1")
HEADER = ["id", "=HYPERLINK()", "gain"]
LINES: list[list[Cell]] = [[text, "note, with “comma”\nand line", 1234.5678901] for text in HOSTILE]
SAFE = [["'" + text, "note, with “comma”\nand line", 1234.5678901] for text in HOSTILE]


def test_the_csv_is_safe_and_has_full_precision(tmp_path: Path) -> None:
    SpreadsheetListTables().csv(HEADER, iter(LINES), tmp_path / "list.csv")
    rows = list(csv.reader(io.StringIO((tmp_path / "list.csv").read_text("utf-8"), newline="")))
    assert rows[0] == ["id", "'=HYPERLINK()", "gain"]
    assert [[row[0], row[1], float(row[2])] for row in rows[1:]] == SAFE


def test_the_workbook_is_safe_and_continues_on_another_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_tables, "SHEET_ROWS", 3)
    SpreadsheetListTables().xlsx(HEADER, iter(LINES), tmp_path / "list.xlsx")
    with zipfile.ZipFile(tmp_path / "list.xlsx") as book:
        first, second = (cells_of(book, f"xl/worksheets/sheet{number}.xml") for number in (1, 2))
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
        assert "xl/worksheets/sheet3.xml" not in book.namelist()
    assert first == [["id", "'=HYPERLINK()", "gain"], *SAFE[:3]]
    assert second == [["id", "'=HYPERLINK()", "gain"], *SAFE[3:]]


def test_a_list_without_members_is_a_header(tmp_path: Path) -> None:
    SpreadsheetListTables().xlsx(HEADER, iter([]), tmp_path / "list.xlsx")
    with zipfile.ZipFile(tmp_path / "list.xlsx") as book:
        assert cells_of(book, "xl/worksheets/sheet1.xml") == [["id", "'=HYPERLINK()", "gain"]]


def test_a_line_is_read_only_after_the_one_before_was_written(tmp_path: Path) -> None:
    """A list of 100,000 members is never held as a whole."""
    path = tmp_path / "list.csv"

    def lines() -> Iterator[list[Cell]]:
        for number in range(3_000):
            yield [number, "x" * 100, 0.5]
        assert path.stat().st_size > 100_000

    SpreadsheetListTables().csv(HEADER, lines(), path)


def test_pieces_are_the_file_and_begin_before_the_last_line_is_read() -> None:
    read = 0

    def lines() -> Iterator[list[Cell]]:
        nonlocal read
        for number in range(1_201):
            read += 1
            yield ["=x", number]

    pieces = csv_pieces(["id", "number"], lines())
    first = next(pieces)
    assert read < 1_201
    assert b"".join([first, *pieces]).decode().splitlines() == ["id,number", *(f"'=x,{n}" for n in range(1_201))]
    assert b"".join(csv_pieces(["id"], [])) == b"id\r\n"
