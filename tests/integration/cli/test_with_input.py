"""Tables with the input have the file's own columns, in its order, with its cells."""

from __future__ import annotations

import csv
import random
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from adapters.reporting.cells import CONTACT_COLUMNS, SCORE_COLUMNS
from tests.integration.terminal import Terminal

HEADER = ["Note", "CustomerID", "Price", "Active", "Joined", "Region", "", "Code", "Data", "Month", "Left", "Gone"]
Rows = list[list[str]]


def rows_of(count: int, seed: int) -> Rows:
    """Cells that are hard to restore: NA, TRUE, other spellings, zeros around numbers, units, dates, quotes, blanks."""
    draw = random.Random(seed)
    return [
        [
            ["a;b", 'said "no"', "two\nlines", " spaced ", "=1+1"][row % 5],
            f"C{row:04d}",
            f"{draw.randint(100, 9999) / 100:.2f}" if row % 7 else ["NA", "", "n/a", "1,234.50"][row % 4],
            draw.choice(["TRUE", "FALSE"]),
            f"{1 + row % 28:02d}/{1 + row % 12:02d}/20{10 + row % 10}",
            draw.choice(["NA", "EMEA", "APAC"]),
            str(row % 3),
            f"{draw.randint(1, 999):05d}",
            f"{draw.randint(1, 500) / 8} GB",
            f"2026-{1 + row % 3:02d}-01",
            draw.choice(["0", "1.0", "-0", "1e1"]),
            draw.choice(["Yes", "No"]),
        ]
        for row in range(count)
    ]


def write(path: Path, header: list[str], rows: Rows, *, delimiter: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows([header, *rows])
    return path


def read(path: Path) -> Rows:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.reader(file))


def inputs_of(table: Rows) -> Rows:
    """The table without ids, scores and contact columns."""
    return [row[1 + len(SCORE_COLUMNS) : -len(CONTACT_COLUMNS)] for row in table]


def without_ids(header: list[str], rows: Rows) -> Rows:
    place = header.index("CustomerID")
    return [row[:place] + row[place + 1 :] for row in (header, *rows)]


@pytest.fixture(scope="module")
def model(terminal: Terminal) -> dict[str, Any]:
    file = write(terminal.folder / "train.csv", HEADER, rows_of(300, 1))
    roles = ("--target", "Gone", "--id", "CustomerID", "--dates", "day-first")
    return terminal.json("train", file, *roles, "--effort", "low")


def variants() -> dict[str, tuple[list[str], Rows, str]]:
    rows = rows_of(40, 2)
    others = [
        [
            *row[:2],
            "1.234,50" if row[2] == "1,234.50" else row[2].replace(".", ","),
            row[3].title(),
            row[4],
            row[5].lower(),
            *row[6:8],
            f"{float(row[8][:-3]) * 1024:.1f} MB".replace(".", ","),
            *row[9:11],
            "y",
        ]
        for row in rows
    ]
    more = [[*row, "first", "second", "8"] for row in rows]
    return {
        "as trained": (HEADER, rows, ","),
        "another order": (HEADER[::-1], [row[::-1] for row in rows], ","),
        "other spellings and a decimal comma": (HEADER, others, ";"),
        "without the target": (HEADER[:-1], [row[:-1] for row in rows], ","),
        "more columns, two of the same name": ([*HEADER, "Same", "Same", "message"], more, ","),
    }


@pytest.mark.parametrize("name", variants())
def test_every_table_has_the_cells_of_the_file(name: str, terminal: Terminal, model: dict[str, Any]) -> None:
    header, rows, delimiter = variants()[name]
    file = write(terminal.folder / f"{len(name)}.csv", header, rows, delimiter=delimiter)
    out = terminal.folder / "out.csv"
    run = terminal.json("score", file, "--out", out, "--with-input", "--dates", "day-first")["run"]
    expected = without_ids(header, rows)
    expected[0] = [*expected[0][:-2], "Same (input)", "message (input)"] if "Same" in header else expected[0]
    assert inputs_of(read(out)) == expected

    raw, safe, sheet = (terminal.folder / f"exported.{end}" for end in ("raw.csv", "csv", "xlsx"))
    terminal.json("runs", "export", run, "--raw", "--with-input", "--out", raw)
    assert by_id(read(raw), header, rows) == expected
    terminal.json("runs", "export", run, "--with-input", "--out", safe)
    escaped = [["'" + cell if cell == "=1+1" else cell for cell in row] for row in expected]
    assert by_id(read(safe), header, rows) == escaped
    terminal.json("runs", "export", run, "--format", "xlsx", "--out", sheet)
    assert by_id(cells_of(sheet), header, rows) == [list(map(as_in_a_sheet, row)) for row in expected]


def by_id(table: Rows, header: list[str], rows: Rows) -> Rows:
    """The inputs of a table in the order of the file."""
    place = header.index("CustomerID")
    cells = {row[0]: own for row, own in zip(table, inputs_of(table), strict=True)}
    return [inputs_of(table[:1])[0], *(cells[row[place]] for row in rows)]


def as_in_a_sheet(cell: str) -> str:
    """Plain numbers are numbers in a spreadsheet, without zeros at their end."""
    plain = {"1,234.50": "1234.5", "1.234,50": "1234.5", "1.0": "1", "-0": "0"}
    if cell in plain:
        return plain[cell]
    digits = cell.replace(",", ".")
    if digits.count(".") == 1 and digits.replace(".", "").isdigit():
        return f"{float(digits):.12g}"
    return cell


def cells_of(path: Path) -> Rows:
    """The cells of the first sheet, as text."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as book:
        sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314 - our own file
    table: Rows = []
    for row in sheet.iter(f"{space}row"):
        cells: list[str] = []
        for cell in row.iter(f"{space}c"):
            letters = cell.get("r", "").rstrip("0123456789")
            place = 0
            for letter in letters:
                place = place * 26 + ord(letter) - 64
            cells += [""] * (place - len(cells))
            text = "".join(part.text or "" for part in cell.iter() if part.tag in (f"{space}v", f"{space}t"))
            cells[place - 1] = f"{float(text):.12g}" if text and cell.get("t") is None else text
        table.append(cells)
    return table
