"""What programs write around a table: titles, names and delimiters too many, marks and notes."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.intake.reader import CsvCustomerFiles
from domain.errors import FileRefused
from tests.contract.intake.customer_files import HEADER, good, lines, read, written


@pytest.mark.parametrize(
    ("titles", "said"),
    [
        ("Customers of November\n", "A line above the header was skipped."),
        ("Customers, November\nMade on 2026-11-30 12:00\n\n", "2 lines above the header were skipped."),
        ("Customers of November,,,,,\n,,,,,\n", "2 lines above the header were skipped."),
        ("# made by billing; one line a customer\n", "A line above the header was skipped."),
    ],
)
def test_lines_above_the_header_are_skipped_and_reported(tmp_path: Path, titles: str, said: str) -> None:
    path = written(tmp_path, titles + lines(*good(8), "x,1"))
    reading = read(path)
    assert [row["id"] for row in reading.rows] == [f"c{i}" for i in range(8)]
    assert reading.report.remarks == (said,)
    assert reading.rejected[0]["line"] == str(10 + titles.count("\n"))
    preview = CsvCustomerFiles().preview(path)
    assert (preview.above, preview.rows) == (said.startswith("2") + 1, 9)


@pytest.mark.parametrize("header", ["id,", "id,,", ",id", "id,b,", "id,id,id"])
def test_a_header_with_few_names_is_not_taken_for_a_title(tmp_path: Path, header: str) -> None:
    columns = header.count(",") + 1
    path = written(tmp_path, "\n".join([header, *(",".join(f"{c}{i}" for c in "abc"[:columns]) for i in range(5))]))
    assert CsvCustomerFiles().preview(path).header == tuple(header.split(","))


def test_a_first_line_that_names_the_delimiter_is_skipped(tmp_path: Path) -> None:
    reading = read(written(tmp_path, "sep=;\n" + lines(*good(5)).replace(",", ";") + "a;b\n"))
    assert len(reading.rows) == 5
    assert reading.rejected[0]["line"] == "8"


def test_a_trailing_delimiter_in_only_rows_or_only_the_header_is_accepted(tmp_path: Path) -> None:
    expected = read(written(tmp_path, lines(*good(5)))).rows
    rows = read(written(tmp_path, lines(*(row + "," for row in good(5))))).rows
    header = read(written(tmp_path, lines(*good(5), header=HEADER + ","))).rows
    assert [{k: v for k, v in row.items() if not k.startswith("x:")} for row in rows] == expected
    assert header == expected


def test_rows_with_more_cells_than_the_header_are_rejected_and_not_shifted(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="5 of 5 rows could not be read, for example line 2 has 7 columns"):
        read(written(tmp_path, lines(*(f"{i},{row}" for i, row in enumerate(good(5))))))


def test_names_in_angle_brackets_are_not_taken_for_html(tmp_path: Path) -> None:
    header = ",".join(f"<{name}>" for name in HEADER.split(","))
    assert len(read(written(tmp_path, lines(*good(5), header=header))).rows) == 5


def test_a_quoted_note_of_several_lines_is_not_taken_for_a_stray_quotation_mark(tmp_path: Path) -> None:
    rows = [row + ',"first, second\nthird, fourth"' for row in good(9)]
    assert len(read(written(tmp_path, lines(*rows, header=HEADER + ",Note"))).rows) == 9
