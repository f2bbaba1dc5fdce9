"""What a file shows before it is read: its header and first rows, how many there are, and what a person chose."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from adapters.intake.reader import CsvCustomerFiles
from domain.errors import FileRefused
from domain.file_format import FormatChoice
from tests.contract.intake.customer_files import good, lines, written


def test_the_preview_shows_header_and_first_rows(tmp_path: Path) -> None:
    preview = CsvCustomerFiles().preview(written(tmp_path, " a ;b\n1,5;x\n2,5;\n"))
    assert preview.header == ("a", "b")
    assert preview.sample == (("1,5", "x"), ("2,5", ""))
    assert (preview.format.delimiter, preview.format.decimal, preview.rows) == (";", ",", 2)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("id;a\n1;2,5\n2;3\n", ","),
        ("id;a\n1;2.5\n2;3\n", "."),
        ("id;a\n1;2\n2;3\n", "."),
        ("id;a\n1;2,345\n2;3,456\n", ","),
        ('id,a\n1,"2,345"\n2,"3,456"\n', "."),
        ("id;a\n1;2.345\n2;3.456\n", "."),
        ("id;a;b\n1;2,345;1.5\n2;3,456;2.5\n", "."),
        ("id;a;b\n1;2,5;1.5\n2;3,5;2.5\n", "."),
        ("id;a;b;c\n1;2,5;1.5;7,5\n2;3,5;2.5;8,5\n", ","),
        ("id;a\n1;2,5\n2;3.5\n", "."),
    ],
    ids=[
        *("a comma", "a point", "no mark", "commas of decimals or thousands between semicolons"),
        *("the same between commas", "points of decimals or thousands", "beside points that are certain"),
        *("a column of each", "two columns against one", "both in one column"),
    ],
)
def test_the_preview_shows_the_decimal_mark_that_most_columns_have(tmp_path: Path, text: str, mark: str) -> None:
    assert CsvCustomerFiles().preview(written(tmp_path, text)).format.decimal == mark


def test_rows_of_large_files_are_estimated(tmp_path: Path) -> None:
    path = written(tmp_path, lines(*(f"customer-{i:08d},12,20.5,One year,Yes,No" for i in range(120_000))))
    packed = written(tmp_path, gzip.compress(path.read_bytes(), 1), "customers.csv.gz")
    assert CsvCustomerFiles().preview(path).rows == pytest.approx(120_000, rel=0.01)
    assert CsvCustomerFiles().preview(packed).rows == pytest.approx(120_000, rel=0.2)


def test_a_chosen_format_overrides_the_recognised_one(tmp_path: Path) -> None:
    path = written(tmp_path, "id;amount, in dollars\n1;2,345\n2;3,456\n".encode("utf-16-le"))
    files = CsvCustomerFiles()
    assert files.preview(path, FormatChoice(encoding="utf-16-le", delimiter=";")).header == ("id", "amount, in dollars")
    comma = files.preview(path, FormatChoice(delimiter=","))
    assert comma.header == ("id;amount", "in dollars")
    assert files.preview(path, FormatChoice(decimal=".")).format.decimal == "."


def test_a_byte_order_mark_overrides_a_chosen_encoding(tmp_path: Path) -> None:
    path = written(tmp_path, "id,b\n1,é\n".encode("utf-8-sig"))
    assert CsvCustomerFiles().preview(path, FormatChoice(encoding="cp1252")).format.encoding == "utf-8-sig"


def test_a_wrong_chosen_encoding_rejects_the_file_or_its_rows_with_a_reason(tmp_path: Path) -> None:
    path = written(tmp_path, lines(*good(9)))
    with pytest.raises(FileRefused):
        CsvCustomerFiles().preview(path, FormatChoice(encoding="utf-16-le"))
