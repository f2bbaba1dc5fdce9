"""Broken and malicious tables: the right lines or one sentence for each, never anything else."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from contextlib import suppress

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from adapters.intake.limits import USUAL
from adapters.intake.tables.kinds import TableKind, kind_of, zipped_kind
from adapters.intake.tables.packed import opened_archive, tables_in
from domain.errors import FileRefused
from tests.builders.tables import (
    MAIN,
    OLE,
    TWO_CUSTOMERS,
    binary_workbook,
    inline,
    old_workbook,
    opendocument,
    relations,
    workbook,
    xlsx_of,
    zipped,
)
from tests.unit.intake.tables.reading import read

HEADER = inline("id", "tenure")
GOOD = HEADER + inline("A", "1")
DAMAGED = "The workbook is damaged or incomplete."
FAR = "The compressed file unpacks to far more data than a customer file has."
BILLION_LAUGHS = (
    '<!DOCTYPE a [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
    f"<worksheet {MAIN}><sheetData><row><c t='str'><v>&c;</v></c></row></sheetData></worksheet>"
)
OUTSIDE = f'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet {MAIN}><sheetData/>&x;</worksheet>'


def sheet(content: str | bytes) -> dict[str, str | bytes]:
    return {"xl/worksheets/sheet1.xml": content}


def _cell(attributes: str, value: str = "1") -> str:
    return HEADER + f"<row><c {attributes}><v>{value}</v></c></row>"


def _moved(part: str, to: str, kind: str) -> bytes:
    """A text and a day, with the workbook's texts or styles where only its relations say."""
    cells = '<row><c t="s"><v>0</v></c><c s="0"><v>45297</v></c></row>'
    styles = '<cellXfs><xf numFmtId="14"/></cellXfs>' if kind == "styles" else ""
    parts = parts_of(xlsx_of(HEADER + cells, texts=["one text"], styles=styles))
    parts[to] = parts.pop(part)
    own = f'<Relationship Id="own" Type="http://a.example/{kind}" Target="/{to}"/></Relationships>'
    relations_part = "xl/_rels/workbook.xml.rels"
    parts[relations_part] = parts[relations_part].replace(b"</Relationships>", own.encode())
    return zipped(parts)


def parts_of(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def _without(part: str, archive: bytes) -> bytes:
    return zipped({name: content for name, content in parts_of(archive).items() if name != part})


def _twice(part: str, archive: bytes) -> bytes:
    parts = parts_of(archive)
    other = part[:-1] + "!"  # as long, so that the archive's places stay right
    return zipped({**parts, other: parts[part]}).replace(other.encode(), part.encode())


XLSX: dict[str, tuple[Callable[[], bytes], str | list[str]]] = {
    "entities": (lambda: xlsx_of("", more=sheet(BILLION_LAUGHS)), DAMAGED),
    "an entity of another file": (lambda: xlsx_of("", more=sheet(OUTSIDE)), DAMAGED),
    "an unclosed element": (lambda: xlsx_of("", more=sheet(f"<worksheet {MAIN}><sheetData>{GOOD}")), DAMAGED),
    "no XML": (lambda: xlsx_of("", more=sheet(b"\x00\x01\x02")), DAMAGED),
    "an empty part": (lambda: xlsx_of("", more=sheet(b"")), DAMAGED),
    "a letter that XML cannot hold": (lambda: xlsx_of(inline("a\x01", "b")), DAMAGED),
    "bytes that are no UTF-8": (lambda: xlsx_of("", more=sheet(b"<worksheet>\xff\xfe</worksheet>")), DAMAGED),
    "a column beyond the last": (lambda: xlsx_of(_cell('r="XFE2"')), DAMAGED),
    "a reference without letters": (lambda: xlsx_of(_cell('r="12"')), DAMAGED),
    "a row beyond the last": (lambda: xlsx_of(HEADER + '<row r="1048577"/>'), DAMAGED),
    "an enormous row number": (lambda: xlsx_of(HEADER + f'<row r="{"9" * 400}"/>' + inline("A", "1")),
                               ["id,tenure", "", "A,1"]),
    "rows that go backwards": (lambda: xlsx_of('<row r="9"><c r="A9" t="str"><v>id</v></c></row><row r="2">'
                                               '<c r="A2" t="str"><v>A</v></c></row>'), [*[""] * 8, "id", "A"]),
    "a cell twice": (lambda: xlsx_of(HEADER + '<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>2</v></c></row>'),
                     ["id,tenure", "2,"]),
    "cells that go backwards": (lambda: xlsx_of(HEADER + '<row><c r="B2"><v>2</v></c><c r="A2"><v>1</v></c></row>'),
                                ["id,tenure", "1,2"]),
    "a text that is not there": (lambda: xlsx_of(_cell('t="s"', "7"), texts=["a"]), DAMAGED),
    "a text of number minus one": (lambda: xlsx_of(_cell('t="s"', "-1"), texts=["a"]), DAMAGED),
    "a style that is not there": (lambda: xlsx_of(_cell('s="99999"', "1.5")), ["id,tenure", "1.5,"]),
    "a style that is no number": (lambda: xlsx_of(_cell('s="x"', "1.5")), ["id,tenure", "1.5,"]),
    "an unknown type of cell": (lambda: xlsx_of(_cell('t="q"', "x")), ["id,tenure", "x,"]),
    "a number that is none": (lambda: xlsx_of(_cell("", "1,5")), ["id,tenure", '"1,5",']),
    "an infinite number": (lambda: xlsx_of(_cell("", "1E999")), ["id,tenure", "1E999,"]),
    "not a number": (lambda: xlsx_of(_cell("", "NaN")), ["id,tenure", ""]),
    "texts in a part of another name": (
        lambda: _moved("xl/sharedStrings.xml", "xl/strings/table.xml", "sharedStrings"),
        ["id,tenure", "one text,45297"]),
    "styles in a part of another name": (
        lambda: _moved("xl/styles.xml", "xl/looks.xml", "styles"), ["id,tenure", "one text,2024-01-06"]),
    "no list of the parts' types": (
        lambda: _without("[Content_Types].xml", xlsx_of(GOOD)), ["id,tenure", "A,1"]),
    "two sheets of one name in the archive": (
        lambda: _twice("xl/worksheets/sheet1.xml", xlsx_of(GOOD)),
        "The archive has several entries called “sheet1.xml”."),
    "a day before 1900": (lambda: xlsx_of(_cell('s="0"', "-5"), styles='<cellXfs><xf numFmtId="14"/></cellXfs>'),
                          ["id,tenure", "-5,"]),
    "a day after 9999": (lambda: xlsx_of(_cell('s="0"', "9e9"), styles='<cellXfs><xf numFmtId="14"/></cellXfs>'),
                         ["id,tenure", "9000000000,"]),
    "a surrogate": (lambda: xlsx_of(inline("_xD800_", "b")), ["�,b"]),
    "a formula as text": (lambda: xlsx_of(HEADER + inline("=1+1", "@x")), ["id,tenure", "=1+1,@x"]),
    "sheets in a part that is not there": (
        lambda: xlsx_of(GOOD, more={"xl/_rels/workbook.xml.rels": relations({"rId1": "worksheets/none.xml"})}),
        "The workbook has no sheet with cells."),
    "a target outside the archive": (
        lambda: xlsx_of(GOOD, more={"xl/_rels/workbook.xml.rels": relations({"rId1": "../../../../etc/passwd"})}),
        "The workbook has no sheet with cells."),
    "no relations": (lambda: xlsx_of(GOOD, more={"xl/_rels/workbook.xml.rels": ""}), DAMAGED),
    "macros": (lambda: xlsx_of(GOOD, more={"xl/vbaProject.bin": b"\xd0\xcf"}), ["id,tenure", "A,1"]),
    "links to elsewhere": (
        lambda: xlsx_of(GOOD, after='<hyperlinks><hyperlink ref="A1" r:id="x" '
                        'xmlns:r="http://a.example"/></hyperlinks>'), ["id,tenure", "A,1"]),
    "prefixes": (
        lambda: xlsx_of("", more=sheet(f'<x:worksheet xmlns:x="{MAIN[7:-1]}"><x:sheetData><x:row><x:c t="str">'
                        "<x:v>id</x:v></x:c></x:row></x:sheetData></x:worksheet>")), ["id"]),
    "thousands of merged areas": (
        lambda: xlsx_of(GOOD, after="<mergeCells>" + '<mergeCell ref="A1:A9"/>' * 30_000 + "</mergeCells>"),
        ["id,tenure", "A,1"]),
    "an area merged upside down": (
        lambda: xlsx_of(GOOD, after='<mergeCells><mergeCell ref="B9:A1"/></mergeCells>'), ["id,tenure", "A,1"]),
    "sheets by the thousand": (
        lambda: workbook({f"S{place}": [] for place in range(200)}), []),
}  # fmt: skip


@pytest.mark.parametrize("name", XLSX)
def test_broken_workbooks(name: str) -> None:
    make, comes = XLSX[name]
    assert_comes(make(), TableKind.XLSX, comes)


def assert_comes(content: bytes, kind: TableKind, comes: str | list[str]) -> None:
    if isinstance(comes, str):
        with pytest.raises(FileRefused) as refused:
            read(content, kind)
        assert str(refused.value).startswith(comes)
        assert refused.value.advice
    else:
        assert read(content, kind).lines == comes


def test_one_cell_in_the_last_row_is_a_million_short_lines() -> None:
    content = xlsx_of(HEADER + '<row r="1048576"><c r="A1048576" t="str"><v>A</v></c></row>')
    lines = read(content).lines
    assert len(lines) == 1_048_576
    assert lines[-1] == "A,"


def test_one_cell_in_the_last_column_is_a_wide_line() -> None:
    lines = read(xlsx_of(HEADER + '<row><c r="XFD2" t="str"><v>x</v></c></row>')).lines
    assert [line.count(",") for line in lines] == [16_383, 16_383]


def test_a_sheet_that_unpacks_to_far_more_is_refused() -> None:
    content = xlsx_of("", more=sheet(b"<worksheet><sheetData>" + b" " * (70 * 1024**2) + b"</sheetData></worksheet>"))
    assert len(content) < 200_000
    assert_comes(content, TableKind.XLSX, FAR)


@pytest.mark.parametrize("share", [0.05, 0.5, 0.97])
def test_workbooks_that_end_early_are_refused(share: float) -> None:
    for content, kind, words in (
        (workbook({"S": TWO_CUSTOMERS}), TableKind.XLSX, "The zip archive is damaged"),
        (binary_workbook(TWO_CUSTOMERS), TableKind.XLSB, "The binary Excel workbook is damaged"),
        (opendocument({"S": TWO_CUSTOMERS}), TableKind.ODS, "The OpenDocument spreadsheet is damaged"),
    ):
        assert_comes(content[: int(share * len(content))], kind, words)


def test_old_workbooks_that_are_none_are_refused() -> None:
    sentence = "The old Excel workbook is damaged or incomplete."
    for content in (OLE, OLE + bytes(600), old_workbook()[:700], OLE + b"\xff" * 5_000):
        assert_comes(content, TableKind.XLS, sentence)


def test_a_changed_byte_never_ends_in_anything_but_lines_or_a_sentence() -> None:
    for make, kind in ((old_workbook, TableKind.XLS), (_parquet, TableKind.PARQUET)):
        good = make()
        for place in range(0, len(good), max(1, len(good) // 60)):
            content = good[:place] + bytes([good[place] ^ 0x55]) + good[place + 1 :]
            with suppress(FileRefused):
                assert isinstance(read(content, kind).lines, list)


def _parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"id": ["A", "B"], "tenure": [1, 2]}), out)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"PAR1", b"PAR1PAR1", b"PAR1" + b"\xff" * 99 + b"PAR1", b"PAR1" + struct.pack("<I", 2**31 - 1) + b"PAR1"],
)
def test_broken_parquet_files_are_refused(content: bytes) -> None:
    assert_comes(content, TableKind.PARQUET, "The Parquet file is damaged or incomplete.")


def test_the_columns_of_a_parquet_file_are_limited() -> None:
    out = io.BytesIO()
    pq.write_table(pa.table({f"c{place}": [1] for place in range(5_001)}), out)
    assert_comes(out.getvalue(), TableKind.PARQUET, "The file has 5,001 columns; at most 5,000 can be read.")


def test_archives_with_too_many_or_protected_entries_are_refused() -> None:
    with pytest.raises(FileRefused, match=r"^The archive has 10,001 entries\."):
        opened_archive(io.BytesIO(zipped({f"{place}.csv": b"" for place in range(10_001)}, method=0)))
    protected = bytearray(zipped({"a.csv": b"id,a\n1,2\n"}))
    protected[6] |= 1
    protected[protected.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(FileRefused, match=r"^The archive is protected with a password\. Unpack it"):
        opened_archive(io.BytesIO(bytes(protected)))


@pytest.mark.parametrize(
    ("names", "tables"),
    [
        (["../../evil.csv"], ["../../evil.csv"]),
        (["readme.md", "b.csv", "a.CSV"], ["a.CSV", "b.csv"]),
        (["customers"], ["customers"]),
        ([".hidden.csv", "__MACOSX/x.csv", "~$book.xlsx", "real.xlsx"], ["real.xlsx"]),
    ],
)
def test_the_tables_of_an_archive(names: list[str], tables: list[str]) -> None:
    archive = zipfile.ZipFile(io.BytesIO(zipped(dict.fromkeys(names, b"x"))))
    assert [info.filename for info in tables_in(archive)] == tables


def test_kinds_are_known_by_content() -> None:
    starts = {
        b"id,tenure\n": TableKind.TEXT,
        b"BZhang,tenure\n": TableKind.TEXT,
        b"PARTY,tenure\n": TableKind.TEXT,
        b"[customers]\n": TableKind.TEXT,
        b' \n{"id": 1}': TableKind.JSON,
        b"[]": TableKind.JSON,
        b"\x1f\x8b\x08": TableKind.GZIP,
    }
    assert {start: kind_of(start) for start in starts} == starts
    assert zipped_kind(zipfile.ZipFile(io.BytesIO(zipped({"XL\\workbook.xml": "", "[Content_Types].xml": ""})))) is (
        TableKind.XLSX
    )
    assert USUAL.columns == 5_000
