"""The same customers in every kind of file: recognised, matched, cast and counted alike."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from adapters.intake.recognition import recognise
from domain.errors import FileRefused, SheetUnclear
from domain.file_format import FormatChoice
from domain.question import Subject
from tests.builders.tables import (
    TWO_CUSTOMERS,
    binary_workbook,
    inline,
    old_workbook,
    opendocument,
    workbook,
    xlsx_of,
    zipped,
)
from tests.contract.intake.customer_files import read, written

HEADER, *ROWS = TWO_CUSTOMERS
CSV = "".join(",".join(map(str, row)) + "\n" for row in TWO_CUSTOMERS).encode()
COLUMNS = dict(zip(HEADER, map(list, zip(*ROWS, strict=True)), strict=True))


def _columnar(write: Callable[..., None]) -> bytes:
    out = io.BytesIO()
    write(pa.table(COLUMNS), out)
    return out.getvalue()


def _records() -> list[dict[str, object]]:
    return [dict(zip(HEADER, row, strict=True)) for row in ROWS]


KINDS: dict[str, tuple[Callable[[], bytes], str]] = {
    "xlsx": (lambda: workbook({"Data": TWO_CUSTOMERS}), "Excel workbook"),
    "xls": (old_workbook, "old Excel workbook"),
    "xlsb": (lambda: binary_workbook(TWO_CUSTOMERS), "binary Excel workbook"),
    "ods": (lambda: opendocument({"Data": TWO_CUSTOMERS}), "OpenDocument spreadsheet"),
    "parquet": (lambda: _columnar(pq.write_table), "Parquet"),
    "feather": (lambda: _columnar(feather.write_feather), "Feather"),
    "JSON lines": (lambda: "\n".join(map(json.dumps, _records())).encode(), "JSON"),
    "JSON list": (lambda: json.dumps(_records()).encode(), "JSON"),
    "zip": (lambda: zipped({"export/customers.csv": CSV, "__MACOSX/._customers.csv": b"x"}), "comma, UTF-8, zip"),
    "zip of a workbook": (lambda: zipped({"c.xlsx": workbook({"Data": TWO_CUSTOMERS})}), "zip, Excel workbook"),
    "zip of two files": (
        lambda: zipped({"b.csv": CSV.splitlines(True)[0] + CSV.splitlines(True)[2], "a.csv": CSV[: CSV.index(b"A-2")]}),
        "comma, UTF-8, zip with 2 files",
    ),
    "gz": (lambda: gzip.compress(CSV), "comma, UTF-8, gzip"),
    "bz2": (lambda: bz2.compress(CSV), "comma, UTF-8, bzip2"),
    "xz": (lambda: lzma.compress(CSV), "comma, UTF-8, xz"),
    "zst": (lambda: pa.compress(CSV, "zstd", asbytes=True), "comma, UTF-8, zstandard"),
    "xlsx.gz": (lambda: gzip.compress(workbook({"Data": TWO_CUSTOMERS})), "gzip, Excel workbook"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_the_same_customers(kind: str, tmp_path: Path) -> None:
    make, words = KINDS[kind]
    path = written(tmp_path, make())
    assert recognise(path).format.words == words
    found, plain = read(path), read(written(tmp_path, CSV, "plain.csv"))
    assert found.rows == plain.rows
    assert [(row["tenure"], row["Charges"]) for row in map(_plain_names, found.rows)] == [(12.0, 29.85), (3.0, 1.234)]
    assert found.report.rows == 2


def _plain_names(row: dict[str, object]) -> dict[str, object]:
    return {name.removeprefix("a:"): value for name, value in row.items()}


def test_several_tables_raise_a_question_that_an_answer_settles(tmp_path: Path) -> None:
    rows = [HEADER, *ROWS * 10]
    path = written(tmp_path, workbook({"January": rows, "February": rows}))
    with pytest.raises(SheetUnclear) as asked:
        recognise(path)
    assert asked.value.question is not None
    assert asked.value.question.about is Subject.SHEET
    assert asked.value.question.values == ("January", "February")
    choice = FormatChoice().with_answer(asked.value.question, "February")
    found = recognise(path, choice)
    assert found.format.words == "Excel workbook, sheet “February”"
    assert found.format.sheets == ("January", "February")
    assert read(path, choice=choice).report.rows == 20


def test_remarks_on_a_sheet_reach_the_report(tmp_path: Path) -> None:
    rows = inline(*map(str, HEADER)) + '<row hidden="1"><c t="str"><v>A-1</v></c><c><v>12</v></c><c><v>5</v></c></row>'
    report = read(written(tmp_path, xlsx_of(rows))).report
    assert report.remarks == ("1 hidden row of the sheet was read, too.",)


def test_files_of_an_archive_are_named_in_the_report(tmp_path: Path) -> None:
    report = read(written(tmp_path, zipped({"b.csv": CSV, "a.csv": CSV}))).report
    assert report.rows == 4
    assert report.remarks == ("2 files of the archive were read one after another: “a.csv”, “b.csv”.",)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (
            {"a.csv": CSV, "b.csv": b"other,columns\n1,2\n"},
            "The archive has 2 files that may be tables, and “b.csv” has other columns than “a.csv”.",
        ),
        (
            {"a.csv": CSV, "b.parquet": b"PAR1"},
            "The archive has 2 files that may be tables, and “b.parquet” is not a text in a usual encoding.",
        ),
    ],
)
def test_different_tables_in_an_archive_are_refused(files: dict[str, bytes], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        read(written(tmp_path, zipped(files)))
    assert str(refused.value).startswith(sentence)


def test_titles_above_a_table_of_a_workbook_are_skipped(tmp_path: Path) -> None:
    rows = [["Customers of October"], [], HEADER, *ROWS]
    found = read(written(tmp_path, workbook({"Data": rows})))
    assert [row["row"] for row in found.rows] == [1, 2]
