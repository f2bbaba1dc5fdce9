"""Rows that cannot be read: rejected with line and reason, as long as they are few."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.intake.limits import ReadingLimits
from adapters.intake.reader import CsvCustomerFiles
from domain.errors import FileRefused
from domain.header_matching import match_header
from tests.contract.intake.customer_files import HEADER, SCHEMA, good, lines, read, written


@dataclass(frozen=True)
class Faulty:
    row: str | bytes
    column: str
    value: str
    reason: str
    text: str | None = None


FAULTY = {
    "too few columns": Faulty("x,1,2", "", "", "3 columns instead of 6"),
    "too many columns": Faulty("x,1,2,One year,Yes,No,more", "", "", "7 columns instead of 6"),
    "one word": Faulty("rubbish", "", "", "1 column instead of 6"),
    "blanks alone": Faulty("   ", "", "", "is blank"),
    "delimiters alone": Faulty(",,,,,", "", "", "is blank"),
    "the header again": Faulty(HEADER, "", "", "repeats the header: several files may have been combined"),
    "the header again with a mark": Faulty(
        "\ufeff" + HEADER, "", "", "repeats the header: several files may have been combined"
    ),
    "totals": Faulty("Total,,9000,,,", "customerID", "Total", "seems to be a line of totals, not a customer"),
    "text in a number": Faulty(
        "x,1,soon,One year,Yes,No",
        "Charges",
        "soon",
        "is not a number, and the model was never trained on a missing value in this column",
    ),
    "a number beyond measure": Faulty(
        "x,1,1e40,One year,Yes,No",
        "Charges",
        "1e+40",
        "is not a number, and the model was never trained on a missing value in this column",
    ),
    "undecodable": Faulty(
        b"x,1,2,One \xff\xfeyear,Yes,No",
        "Contract",
        "One \\xff\\xfeyear",
        "contains bytes that are not text in the file's encoding",
        "x,1,2,One \\xff\\xfeyear,Yes,No",
    ),
    "undecodable number": Faulty(
        b"x,\xc31,2,One year,Yes,No",
        "tenure",
        "\\xc31",
        "contains bytes that are not text in the file's encoding",
        "x,\\xc31,2,One year,Yes,No",
    ),
    "half a surrogate": Faulty(
        b"x,1,2,\xed\xa0\x80,Yes,No",
        "Contract",
        "\\xed\\xa0\\x80",
        "contains bytes that are not text in the file's encoding",
        "x,1,2,\\xed\\xa0\\x80,Yes,No",
    ),
    "enormous cell": Faulty("x,1,2," + "y" * 70_000 + ",Yes,No", "Contract", "y" * 200, "a cell is longer than 64 KiB"),
    "formula": Faulty("=1+2,x", "", "", "2 columns instead of 6", "'=1+2,x"),
    "embedded line end": Faulty('x,"two\nlines"', "", "", "2 columns instead of 6"),
}


@pytest.mark.parametrize("name", FAULTY)
def test_an_unreadable_row_is_rejected_with_line_and_reason(name: str, tmp_path: Path) -> None:
    faulty = FAULTY[name]
    row = faulty.row if isinstance(faulty.row, bytes) else faulty.row.encode()
    before = ['éèêëéèêëéèêëéèêë1,1,1,"One\nyear",Yes,No', "", *good(8)]  # twelve lines with the header
    content = lines(*before).encode() + row + b"\n" + "\n".join(good(10)).encode()
    reading = read(written(tmp_path, content))
    (rejected,) = reading.rejected
    assert rejected == {
        "line": "13",
        "column": faulty.column,
        "value": faulty.value,
        "reason": faulty.reason,
        "row": faulty.text or (faulty.row if isinstance(faulty.row, str) else ""),
    }
    assert [one["row"] for one in reading.rows] == [*range(1, 10), *range(11, 21)]


def test_a_row_with_nul_bytes_far_down_a_file_is_rejected(tmp_path: Path) -> None:
    many = lines(*(f"customer-{i:08d},12,20.5,One year,Yes,No" for i in range(30_000))).encode()
    reading = read(written(tmp_path, many + b"x,1,2,One\0year,Yes,No\n"))
    assert [(row["line"], row["reason"]) for row in reading.rejected] == [
        ("30002", "contains characters that are not text")
    ]


def test_a_row_with_a_cell_beyond_the_limit_is_rejected(tmp_path: Path) -> None:
    path = written(tmp_path, lines(*good(100), "x,1,2," + "y" * 3_000 + ",Yes,No"))
    report = read(path, limits=ReadingLimits(cell_bytes=1_024)).report
    assert (report.rows, report.rejected) == (101, 1)


def test_blank_rows_below_a_table_are_rejected_without_counting_towards_the_limit(tmp_path: Path) -> None:
    reading = read(written(tmp_path, lines(*good(5), *[",,,,,"] * 40, *["  "] * 10)))
    assert (reading.report.rows, reading.report.rejected, len(reading.rows)) == (55, 50, 5)
    assert {row["reason"] for row in reading.rejected} == {"is blank"}


def test_customers_swallowed_by_a_stray_quotation_mark_are_rejected(tmp_path: Path) -> None:
    rows = good(30)
    rows[10], rows[13] = '"' + rows[10], rows[13].replace("c13,", 'c13",')
    reading = read(written(tmp_path, lines(*rows)))
    assert [row["id"] for row in reading.rows] == [f"c{i}" for i in range(30) if not 10 <= i <= 13]
    assert reading.report.rows == 27
    assert reading.rejected[0]["reason"].startswith("contains several lines in one cell")
    assert reading.rejected[0]["row"].count("\n") == 3


def test_a_fifth_of_rejected_rows_is_accepted_and_more_is_not(tmp_path: Path) -> None:
    bad = ["x,1"] * 20
    assert read(written(tmp_path, lines(*good(80), *bad))).report.rejected == 20
    with pytest.raises(FileRefused, match=r"21 of 101 rows could not be read, for example line 82 has 2 columns"):
        read(written(tmp_path, lines(*good(80), *bad, "x,1")))


def test_the_file_of_rejected_rows_is_closed_when_reading_stops_early(tmp_path: Path) -> None:
    path = written(tmp_path, lines(*good(20), "x", *good(20)))
    files = CsvCustomerFiles(256)
    preview = files.preview(path)
    match = match_header(SCHEMA, preview.header)
    reading = files.read(path, schema=SCHEMA, match=match, format=preview.format, rejected=tmp_path / "r.csv")
    batches = reading.batches()
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    assert (tmp_path / "r.csv").read_text(encoding="utf-8").startswith("line,column,value,reason,row")
