"""Files of customers' ids: plain lists and tables, however they are written."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import pytest

from adapters.intake.id_lists import CsvIdLists
from application.ports.do_not_contact import FaultyLine, IdList
from domain.errors import FileRefused, NoTable
from tests.builders.tables import workbook


def read(folder: Path, content: bytes, *, most: int = 1_000_000) -> IdList:
    path = folder / "list"
    path.write_bytes(content)
    return CsvIdLists(most=most).read(path)


@pytest.mark.parametrize(
    ("content", "column"),
    [
        (b"7590-VHVEG\n5575-GNVDE\n", None),
        (b"7590-VHVEG\r\n5575-GNVDE", None),
        (b"7590-VHVEG\r5575-GNVDE\r", None),
        (b"customerID\n7590-VHVEG\n5575-GNVDE\n", "customerID"),
        (b'"customerID"\n"7590-VHVEG"\n"5575-GNVDE"\n', "customerID"),
        (b"Kunden\n7590-VHVEG\n5575-GNVDE\n", "Kunden"),
        (b"\xef\xbb\xbfcustomerID\n7590-VHVEG\n5575-GNVDE\n", "customerID"),
        (codecs.BOM_UTF16_LE + "7590-VHVEG\r\n5575-GNVDE\r\n".encode("utf-16-le"), None),
        (gzip.compress(b"7590-VHVEG\n5575-GNVDE\n", mtime=0), None),
        (b"\n\n  7590-VHVEG\n \n5575-GNVDE  \n\n", None),
        (b"name;customer_id;since\nx;7590-VHVEG;2025\ny;5575-GNVDE;2026\n", "customer_id"),
        (b"Customer ID\tname\n7590-VHVEG\tx\n5575-GNVDE\ty\n", "Customer ID"),
        (b"sep=,\ncustomer_id,name\n7590-VHVEG,x\n5575-GNVDE,y\n", "customer_id"),
        (b"Exported on 3 May,,,\ncustomer_id,name,a,b\n7590-VHVEG,x,,\n5575-GNVDE,y,z,\n", "customer_id"),
        (b"customer_id,account number\n7590-VHVEG,1\n5575-GNVDE,2\n", "customer_id"),
    ],
)
def test_the_ids_are_found_however_the_file_is_written(tmp_path: Path, content: bytes, column: str | None) -> None:
    assert read(tmp_path, content) == IdList(("7590-VHVEG", "5575-GNVDE"), column)  # type: ignore[arg-type]


def test_numbers_are_ids_with_their_leading_zeros(tmp_path: Path) -> None:
    assert read(tmp_path, b'000123\n123\n="0007"\n\'0008\n').ids == ("000123", "123", "0007", "0008")


def test_a_file_with_one_id_is_a_list(tmp_path: Path) -> None:
    assert read(tmp_path, b"000123") == IdList(("000123",))  # type: ignore[arg-type]


def test_an_id_in_several_lines_counts_once(tmp_path: Path) -> None:
    found = read(tmp_path, b"A1\nA2\n A1 \nA1\n")
    assert (found.ids, found.repeated, found.faults) == (("A1", "A2"), 2, 0)


def test_lines_without_a_usable_id_are_listed_with_number_and_reason(tmp_path: Path) -> None:
    lines = [
        b"customer_id,name",
        b"A1,x",
        b",y",
        b"A2",
        b"A3,\xff\xfe",
        b"A4,\0",
        b"B" * 501 + b",z",
        b"customer_id,name",
    ]
    found = read(tmp_path, b"\n".join([*lines, *(f"C{n},Zoë".encode() for n in range(40))]))

    assert found.ids[:2] == ("A1", "C0")
    assert len(found.ids) == 41
    assert found.faults == 6
    assert found.faulty == (
        FaultyLine(3, "has no id"),
        FaultyLine(4, "has 1 column instead of 2"),
        FaultyLine(5, "contains bytes that are not text in the file’s encoding"),
        FaultyLine(6, "contains characters that are not text"),
        FaultyLine(7, "is longer than 500 characters"),
        FaultyLine(8, "repeats the heading"),
    )


def test_a_line_with_several_columns_in_a_plain_list_is_faulty(tmp_path: Path) -> None:
    found = read(tmp_path, b"A1\nA2\nA3;x\nA4\n")
    assert found.ids == ("A1", "A2", "A4")
    assert found.faulty == (FaultyLine(3, "has several columns, unlike the other lines"),)


def test_only_the_first_faulty_lines_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    found = read(tmp_path, b"customer_id,name\nA1,x\n" + b",y\n" * 30 + b"A2,z\nA3,z\n" * 40)
    assert found.faults == 30
    assert [fault.line for fault in found.faulty] == list(range(3, 23))


def test_a_table_without_a_column_of_ids_is_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"among “town”, “plan”\. Keep that column alone, or call it “customer_id”"):
        read(tmp_path, b"town,plan\nPorto,M\nPorto,S\n")


def test_a_table_without_headings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="Add a header line"):
        read(tmp_path, b"1001,12.50\n1002,13.50\n1003,9.00\n")


@pytest.mark.parametrize("content", [b"", b"  \n\n", b"\0" * 100, bytes(range(1, 9)) * 200])
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileRefused):
        read(tmp_path, content)


def test_a_pdf_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoTable, match="Export the customers as a CSV file"):
        read(tmp_path, b"%PDF-1.7\n")


def test_ids_are_read_from_a_workbook(tmp_path: Path) -> None:
    table = read(tmp_path, workbook({"Do not contact": [["customer id", "why"], ["A1", "asked"], ["A2", ""]]}))
    assert table.ids == ("A1", "A2")


def test_an_open_quote_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="opened on line 2 is never closed"):
        read(tmp_path, b'A1\n"A2\nA3\n')


def test_more_ids_than_the_limit_are_refused(tmp_path: Path) -> None:
    assert len(read(tmp_path, b"A1\nA2\nA1\n", most=2).ids) == 2
    with pytest.raises(FileRefused, match="more than 2 ids"):
        read(tmp_path, b"A1\nA2\nA3\n", most=2)


def test_hostile_values_stay_what_they_are(tmp_path: Path) -> None:
    values = ["x<script>alert(1)</script>", "x' OR '1'='1", "../../etc/passwd", "Ünï-1", "日本-2"]
    assert list(read(tmp_path, "\n".join([*values, "A1 +cmd|' /C calc'!A0"]).encode()).ids)[:5] == values


def test_lines_far_into_a_large_file_keep_their_numbers(tmp_path: Path) -> None:
    lines = [f"ID-{n:09d}" for n in range(150_000)]
    lines[140_000] = "broken,twice"
    found = read(tmp_path, "\n".join(lines).encode())
    assert len(found.ids) == 149_999
    assert found.faulty == (FaultyLine(140_001, "has several columns, unlike the other lines"),)
