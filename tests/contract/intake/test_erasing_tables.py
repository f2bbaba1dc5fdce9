"""A customer is erased from stored files of every kind, also from what is never read of them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from adapters.intake.reader import CsvCustomerFiles
from adapters.intake.tables.mentions import mentions
from tests.builders.tables import (
    OLE,
    TWO_CUSTOMERS,
    binary_workbook,
    inline,
    old_workbook,
    opendocument,
    workbook,
    xlsx_of,
    zipped,
)
from tests.contract.intake.customer_files import written

HEADER, *ROWS = TWO_CUSTOMERS
REST = b"customerID,tenure,Charges,Contract,Paperless\nA-2,3,1.2340,Month-to-month,No\n"
KINDS = {
    "xlsx": lambda: workbook({"Data": TWO_CUSTOMERS}),
    "xls": old_workbook,
    "xlsb": lambda: binary_workbook(TWO_CUSTOMERS),
    "ods": lambda: opendocument({"Data": TWO_CUSTOMERS}),
    "gzipped workbook": lambda: gzip.compress(workbook({"Data": TWO_CUSTOMERS})),
}


def erase(path: Path, customer_id: str) -> bytes | None:
    """The content that is left, if the file was changed."""
    changed = CsvCustomerFiles().erase_customer(path, customer_id, id_columns=["customerID"])
    return path.read_bytes() if changed else None


@pytest.mark.parametrize("kind", KINDS)
def test_the_table_without_the_customer_is_left(kind: str, tmp_path: Path) -> None:
    path = written(tmp_path, KINDS[kind]())
    assert erase(path, "A-77") is None
    assert erase(path, "A-1") == REST
    assert erase(path, "A-1") is None


def test_a_customer_of_another_sheet_takes_that_sheet_away(tmp_path: Path) -> None:
    path = written(
        tmp_path, workbook({"Data": [HEADER, *ROWS * 20], "Old": [HEADER, ["B-9", 1, 2.5, "One year", "No"]]})
    )
    left = erase(path, "B-9")
    assert left is not None
    assert left.count(b"\n") == 41
    assert b"B-9" not in left


@pytest.mark.parametrize(
    "content",
    [
        xlsx_of(inline(*map(str, HEADER)) + inline("A-2", "3", "1.5", "One year", "No"),
                more={"xl/comments1.xml": "<comments><t>see A-1</t></comments>"}),
        zipped({"c.csv": REST, "notes.docx": "about A-1"}),
    ],
)  # fmt: skip
def test_notes_that_are_never_read_go_too(content: bytes, tmp_path: Path) -> None:
    left = erase(written(tmp_path, content), "A-1")
    assert left is not None
    assert left.count(b"\n") == 2
    assert b"A-1" not in left


def test_a_workbook_that_nobody_chose_a_sheet_of_is_emptied_only_for_its_customers(tmp_path: Path) -> None:
    rows = [HEADER, *ROWS * 10]
    path = written(tmp_path, workbook({"January": rows, "February": [HEADER, *[ROWS[1]] * 20]}))
    assert erase(path, "A-77") is None
    assert erase(path, "A-1") == b"unreadable\n"


def test_whole_words_are_searched_for_in_any_encoding(tmp_path: Path) -> None:
    path = written(tmp_path, OLE + bytes(99) + "id C-42, ".encode("utf-16-le"))
    assert mentions(path, "C-42")
    assert not mentions(path, "C-4")
    assert mentions(written(tmp_path, gzip.compress(b"x" * 3_000_000 + b" C-42 " + b"x" * 99)), "C-42")
