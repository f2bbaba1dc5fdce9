"""Excel workbooks as spreadsheet programs, and people, write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.intake.tables.convert import Unchosen
from domain.errors import FileRefused
from tests.builders.tables import inline, workbook, xlsx_of
from tests.unit.intake.tables.reading import read

HEADER = inline("customerID", "tenure", "bill")
CUSTOMERS = [["customerID", "tenure"], *([f"A{place}", place] for place in range(40))]


def test_cells_of_all_types() -> None:
    rows = HEADER + (
        '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2"><v>12</v></c><c r="C2"><v>29.850000000000001</v></c></row>'
        '<row r="3"><c r="A3" t="str"><f>A2</f><v>A-2</v></c><c r="B3" t="b"><v>1</v></c>'
        '<c r="C3" s="1"><v>0.5</v></c></row>'
        '<row r="4"><c r="A4" t="d"><v>2026-11-30T00:00:00</v></c><c r="C4" s="2"><v>46356</v></c></row>'
    )
    styles = (
        '<numFmts><numFmt numFmtId="170" formatCode="dd/mm/yyyy"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="10"/><xf numFmtId="170"/></cellXfs>'
    )
    table = read(xlsx_of(rows, texts=["A-1, “first”"], styles=styles))
    assert table.lines == [
        "customerID,tenure,bill",
        '"A-1, “first”",12,29.85',
        "A-2,TRUE,50%",
        "2026-11-30,,2026-11-30",
    ]
    assert table.described == {"words": "Excel workbook", "sheet": "Data", "sheets": ["Data"]}
    assert table.remarks == []


def test_lines_are_rows_of_the_sheet() -> None:
    rows = (
        '<row r="3"><c r="B3" t="str"><v>id</v></c><c r="C3" t="str"><v>a</v></c></row>'
        '<row r="6"><c r="B6"><v>1</v></c><c r="C6" t="str"><v>two\nlines_x000D_</v></c></row>'
    )
    assert read(xlsx_of(rows)).lines == ["", "", ",id,a", "", "", ",1,two lines "]


def test_dates_of_1904() -> None:
    rows = HEADER + '<row><c t="str"><v>A</v></c><c s="0"><v>44894</v></c></row>'
    styles = '<cellXfs><xf numFmtId="14"/></cellXfs>'
    assert read(xlsx_of(rows, styles=styles, settings='<workbookPr date1904="1"/>')).lines[1] == "A,2026-11-30,"


def test_dates_that_a_program_writes() -> None:
    since = datetime(2026, 11, 30, 14, 5, tzinfo=UTC)
    content = workbook(
        {"S": [["id", "since"], ["A", since]]}, default_date_format="dd.mm.yyyy hh:mm", remove_timezone=True
    )
    assert read(content).lines == ["id,since", "A,2026-11-30 14:05:00"]


def test_phonetic_readings_are_left_out_and_parts_of_a_text_joined() -> None:
    text = "<is><r><t>Tō</t></r><r><t>kyō</t></r><rPh><t>トウキョウ</t></rPh></is>"
    rows = HEADER + f'<row><c t="inlineStr">{text}</c><c><v>1</v></c></row>'
    assert read(xlsx_of(rows)).lines[1] == "Tōkyō,1,"


def test_a_cell_merged_over_rows_gives_each_row_its_value() -> None:
    rows = inline("region", "id", "bill") + inline("North", "A", "1") + inline("", "B", "2") + inline("", "C", "3")
    after = '<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'
    table = read(xlsx_of(rows, after=after))
    assert table.lines[1:] == ["North,A,1", "North,B,2", ",C,3"]
    assert table.remarks == ["1 cell below a merged cell got its value."]


def test_hidden_rows_and_columns_are_read_and_reported() -> None:
    rows = HEADER + '<row hidden="1"><c t="str"><v>A</v></c><c><v>1</v></c></row>' + inline("B", "2", "3")
    table = read(xlsx_of(rows, before='<cols><col min="2" max="2" hidden="1"/></cols>'))
    assert table.lines[1] == "A,1,"
    assert table.remarks == ["1 hidden row of the sheet was read, too.", "Hidden columns of the sheet were read, too."]


def test_errors_of_formulas_are_blank_and_reported() -> None:
    rows = HEADER + (
        '<row><c t="str"><v>A</v></c><c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c><v>1</v></c></row>'
        '<row><c t="str"><v>B</v></c><c t="e"><v>#N/A</v></c><c t="e"><v>#N/A</v></c></row>'
    )
    table = read(xlsx_of(rows))
    assert table.lines[1:] == ["A,,1", "B,,"]
    assert table.remarks == [
        "3 cells with a formula’s error (#N/A, #DIV/0!; the first is B2) were read as blank.",
    ]


def test_a_formula_without_its_result_is_refused_with_its_place() -> None:
    rows = HEADER + '<row><c t="str"><v>A</v></c><c><v>1</v></c><c><f>B2*2</f></c></row>'
    with pytest.raises(FileRefused, match=r"^Cell C2 has a formula without its result\. Open the workbook"):
        read(xlsx_of(rows))


def test_notes_beside_a_large_table_are_left_out_and_reported() -> None:
    rows = HEADER + inline("A", "1", "2") * 250 + inline("B", "1", "2", "", "a note")
    table = read(xlsx_of(rows))
    assert table.lines[-1] == "B,1,2"
    assert table.remarks == ["Cells to the right of the table were left out in 1 row, first in row 252."]


def test_the_sheet_with_the_table_is_taken() -> None:
    table = read(workbook({"About": [["Customers of October"]], "Customers": CUSTOMERS, "Sums": CUSTOMERS[:4]}))
    assert table.described["words"] == "Excel workbook, sheet “Customers”"
    assert table.described["sheets"] == ["About", "Customers", "Sums"]
    assert len(table.lines) == 41


def test_two_tables_of_similar_size_are_asked_about() -> None:
    content = workbook({"January": CUSTOMERS, "February": CUSTOMERS[:30]})
    with pytest.raises(Unchosen) as question:
        read(content)
    assert question.value.names == ["January", "February"]
    assert len(read(content, sheet="February").lines) == 30


def test_an_unknown_sheet_is_refused_with_the_known_ones() -> None:
    with pytest.raises(FileRefused, match=r"^The workbook has no sheet “March”\. Its sheets are “S”\.$"):
        read(workbook({"S": CUSTOMERS}), sheet="March")


def test_an_empty_sheet_gives_no_lines() -> None:
    assert read(workbook({"S": []})).lines == []
