"""Files as people have them: recognised, read whole, each row accounted for; or refused in one clear sentence."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.intake.limits import ReadingLimits
from adapters.intake.reader import CsvCustomerFiles
from application.ports.intake import IntakeReport
from domain.errors import FileRefused
from domain.file_format import FormatChoice
from domain.schema import Column, ColumnKind, CustomerSchema, match_header

SCHEMA = CustomerSchema(
    (
        Column("tenure", ColumnKind.NUMERIC, minimum=0.0, maximum=72.0, missing_rate=0.01),
        Column("Charges", ColumnKind.NUMERIC, minimum=0.0, maximum=5_000.0),
        Column("Contract", ColumnKind.CATEGORICAL, ("Month-to-month", "One year", "None")),
        Column("Paperless", ColumnKind.BOOLEAN, ("No", "Yes")),
        Column("Support", ColumnKind.CATEGORICAL, ("Basic", "Premium")),
    ),
    id_column="customerID",
    target_column="Churn",
    positive_value="Yes",
    negative_value="No",
    tenure_column="tenure",
    revenue_column="Charges",
    month_column="SnapshotMonth",
)
HEADER = "customerID,tenure,Charges,Contract,Paperless,Churn"


@dataclass(frozen=True)
class Result:
    rows: list[dict[str, Any]]
    report: IntakeReport
    rejected: list[dict[str, str]]


def read(path: Path, *, block_bytes: int = 8 * 1024**2, schema: CustomerSchema = SCHEMA) -> Result:
    files = CsvCustomerFiles(block_bytes)
    preview = files.preview(path)
    set_aside = path.with_name(path.name + ".rejected.csv")
    match = match_header(schema, preview.header)
    reading = files.read(path, schema=schema, match=match, format=preview.format, rejected=set_aside)
    rows = [row for batch in reading.batches() for row in batch.data.to_pylist()]
    report = replace(reading.report(), encoding=None)
    with set_aside.open(encoding="utf-8", newline="") as file:
        rejected = list(csv.DictReader(file))
    assert report.rows == len(rows) + report.rejected
    assert len(rejected) == report.rejected
    return Result(rows, report, rejected)


def written(folder: Path, content: str | bytes, name: str = "customers.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def lines(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows, ""])


def good(n: int) -> list[str]:
    return [f"c{i},{i % 72},{20 + i}.5,One year,Yes,No" for i in range(n)]


def column(report: IntakeReport, name: str) -> Any:
    return next(found for found in report.columns if found.column == name)


# --- what is understood -------------------------------------------------------------------------------------------


def test_every_column_is_cast_by_the_schema(tmp_path: Path) -> None:
    text = lines(
        'A1 ,12,"1,234.50", one  YEAR ,yes,Yes,2026-11-01,"a note, quoted"',
        " ,99,,Weekly,F,no,11/2026,",
        "A1,abc,$ 20.5,None,1,,soon,x",
        "A2,,(3.5),N/A,maybe,TRUE,2026-10,-",
        header=HEADER + ",SnapshotMonth,Note",
    )
    found = read(written(tmp_path, text))
    assert [row["row"] for row in found.rows] == [1, 2, 3, 4]
    assert [row["id"] for row in found.rows] == ["A1", "2", "A1", "A2"]
    assert [row["month"] for row in found.rows] == ["2026-11", "2026-11", None, "2026-10"]
    assert [row["actual"] for row in found.rows] == [True, False, None, True]
    assert [row["a:tenure"] for row in found.rows] == [12.0, 99.0, None, None]
    assert [row["a:Charges"] for row in found.rows] == [1234.5, None, 20.5, -3.5]
    assert [row["a:Contract"] for row in found.rows] == ["One year", "Weekly", "None", None]
    assert [row["a:Paperless"] for row in found.rows] == ["Yes", "No", "Yes", "maybe"]
    assert [row["a:Support"] for row in found.rows] == [None] * 4
    assert [row["x:7:Note"] for row in found.rows] == ["a note, quoted", None, "x", "-"]
    assert found.report.duplicate_ids == 1
    tenure, charges = column(found.report, "tenure"), column(found.report, "Charges")
    assert (tenure.missing, tenure.unreadable, tenure.out_of_range) == (1, 1, 1)
    assert (charges.missing, charges.unreadable, charges.out_of_range) == (1, 0, 1)
    contract = column(found.report, "Contract")
    assert (contract.missing, contract.unknown, contract.unknown_examples) == (1, 1, ("Weekly",))
    assert column(found.report, "Paperless").unknown_examples == ("maybe",)
    assert column(found.report, "Support").missing == 4


def test_words_for_nothing_are_missing_numbers(tmp_path: Path) -> None:
    words = [
        "",
        " ",
        "NaN",
        "nan",
        "inf",
        "-Infinity",
        "NULL",
        "Null",
        "null",
        "None",
        "N/A",
        "na",
        "-",
        "\u00a0",
        "1e999",
    ]
    found = read(written(tmp_path, lines(*(f"c{i},1,{word},One year,No,No" for i, word in enumerate(words)))))
    assert [row["a:Charges"] for row in found.rows] == [None] * len(words)
    assert column(found.report, "Charges").missing == len(words)
    assert column(found.report, "Charges").unreadable == 0


def test_at_most_five_unknown_levels_are_named_in_file_order(tmp_path: Path) -> None:
    rows = [f"c{i},1,1,Level {i % 9},No,No" for i in range(30)]
    contract = column(read(written(tmp_path, lines(*rows))).report, "Contract")
    assert contract.unknown == 30
    assert contract.unknown_examples == tuple(f"Level {i}" for i in range(5))


def test_a_file_without_ids_numbers_its_customers(tmp_path: Path) -> None:
    found = read(written(tmp_path, "tenure,Charges\n1,2\n3,4,5\n5,6\n7,8\n9,10\n11,12\n"))
    assert [row["id"] for row in found.rows] == ["1", "3", "4", "5", "6"]
    assert found.report.duplicate_ids == 0


def test_batches_are_bounded_and_keep_the_files_order(tmp_path: Path) -> None:
    path = written(tmp_path, lines(*good(70_000)))
    files = CsvCustomerFiles()
    preview = files.preview(path)
    reading = files.read(path, schema=SCHEMA, match=match_header(SCHEMA, preview.header), format=preview.format)
    batches = list(reading.batches())
    assert max(batch.rows for batch in batches) <= 65_536
    rows = [row for batch in batches for row in batch.data.column("row").to_pylist()]
    assert rows == list(range(1, 70_001))
    assert preview.rows == files.count_rows(path) == 70_000


def test_the_preview_shows_header_and_first_rows(tmp_path: Path) -> None:
    preview = CsvCustomerFiles().preview(written(tmp_path, " a ;b\n1,5;x\n2,5;\n"))
    assert preview.header == ("a", "b")
    assert preview.sample == (("1,5", "x"), ("2,5", ""))
    assert (preview.format.delimiter, preview.format.decimal, preview.rows) == (";", ",", 2)


def test_rows_of_large_files_are_estimated(tmp_path: Path) -> None:
    path = written(tmp_path, lines(*(f"customer-{i:08d},12,20.5,One year,Yes,No" for i in range(120_000))))
    packed = written(tmp_path, gzip.compress(path.read_bytes(), 1), "customers.csv.gz")
    assert CsvCustomerFiles().count_rows(path) == pytest.approx(120_000, rel=0.01)
    assert CsvCustomerFiles().count_rows(packed) == pytest.approx(120_000, rel=0.2)


def test_a_training_table_is_trimmed_text(tmp_path: Path) -> None:
    path = written(tmp_path, "id, b,b\n 1 ,x,\n2, ,N/A\n3,y,z,w\n4,a,b\n5,a,b\n6,a,b\n")
    files = CsvCustomerFiles()
    seen: list[int] = []
    table = files.load(path, format=files.preview(path).format, progress=seen.append)
    assert table.header == ("id", "b", "b")
    assert list(table.data.columns) == ["id", "b", "b"]
    assert (table.rows, table.rejected, seen) == (6, 1, [6])
    assert table.data.iloc[:, 0].tolist() == ["1", "2", "4", "5", "6"]
    assert table.data.isna().to_numpy().tolist()[:2] == [[False, False, True], [False, True, False]]
    assert table.data.iloc[1, 2] == "N/A"


def test_a_first_line_that_names_the_delimiter_is_left_out(tmp_path: Path) -> None:
    found = read(written(tmp_path, "sep=;\n" + lines(*good(5)).replace(",", ";") + "a;b\n"))
    assert len(found.rows) == 5
    assert found.rejected[0]["line"] == "8"


# --- any way of writing gives the same --------------------------------------------------------------------------

NAMES = ("Branch", "Billing West", 'Agency "CC" North', "Müller, Zoë", "two\nlines", "d'Été", "a;b|c\td", "")


def plain_rows() -> list[list[str]]:
    rows = [["customerID", "tenure", "Charges", "Contract", "Paperless", "Churn", "Name"]]
    contracts, flags = ("One year", "Month-to-month", "Daily", ""), ("Yes", "No")
    for i in range(40):
        charge = "" if i % 11 == 0 else f"{20 + i * 3.25:.2f}"
        rows.append(
            [f"c{i % 37}", str(i * 2), charge, contracts[i % 4], flags[i % 2], flags[i % 3 == 0], NAMES[i % len(NAMES)]]
        )
    return rows


def dressed(*, encoding: str, delimiter: str, line_end: str, quoting: int, decimal: str, packed: bool) -> bytes:
    rows = plain_rows()
    for row in rows[1:]:
        row[2] = row[2].replace(".", decimal)
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=quoting).writerows(rows)
    content = out.getvalue().replace("\n", line_end).encode(encoding)
    return gzip.compress(content, mtime=0) if packed else content


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    decimal=st.sampled_from([".", ","]),
    packed=st.booleans(),
    block_bytes=st.sampled_from([64, 333, 4_096, 1 << 20]),
)
def test_any_way_of_writing_a_file_gives_the_same_customers(tmp_path: Path, block_bytes: int, **how: Any) -> None:
    plain = read(written(tmp_path, dressed(**PLAIN), "plain.csv"))
    found = read(written(tmp_path, dressed(**how), "dressed.csv"), block_bytes=block_bytes)
    assert found == plain
    assert len(plain.rows) == 40


PLAIN: dict[str, Any] = {
    "encoding": "utf-8",
    "delimiter": ",",
    "line_end": "\n",
    "quoting": csv.QUOTE_MINIMAL,
    "decimal": ".",
    "packed": False,
}


@pytest.mark.parametrize("block_bytes", [50, 97, 1_000, 10_000])
def test_block_size_changes_nothing(block_bytes: int, tmp_path: Path) -> None:
    rows = good(120)
    rows[7] = 'c7,7,"27,5","One\nyear",Yes,No'
    rows[20] = "ragged,1"
    rows[21] = ""
    rows[40] = 'c40,"40",12,One 12" year,Yes,No'
    rows[50] = "c50,\xff\xfe,1,One year,Yes,No"
    rows[60] = "c60,x,1 234,Odd,Yes,No"
    content = lines(*rows).encode("latin-1").replace(b"\xff\xfe", b"\xff") + "c\xe9,1,1,é,Yes,No\n".encode() * 30
    path = written(tmp_path, content)
    expected = read(path)
    assert read(path, block_bytes=block_bytes) == expected
    assert expected.report.rejected == 2


# --- accents that come late ------------------------------------------------------------------------------------

PLAIN_ROWS = "".join(f"customer-{i:08d},12,20.5,One year,Yes,No\n" for i in range(30_000)).encode()
"""More than the first part that a file is recognised by."""


def read_late(path: Path, **how: Any) -> tuple[list[dict[str, Any]], IntakeReport]:
    files = CsvCustomerFiles(**how)
    preview = files.preview(path)
    reading = files.read(path, schema=SCHEMA, match=match_header(SCHEMA, preview.header), format=preview.format)
    rows = [row for batch in reading.batches() for row in batch.data.to_pylist()]
    return rows, reading.report()


@pytest.mark.parametrize("block_bytes", [20_000, 8 * 1024**2])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_accents_far_down_a_file_are_read_in_the_encoding_they_are_in(
    tmp_path: Path, encoding: str, block_bytes: int
) -> None:
    accented = "".join(f"Zoë-{i},1,2,Été,Yes,No\n" for i in range(300)).encode(encoding)
    path = written(tmp_path, HEADER.encode() + b"\n" + PLAIN_ROWS + accented + PLAIN_ROWS)

    rows, report = read_late(path, block_bytes=block_bytes)

    assert (report.rows, report.rejected) == (60_300, 0)
    assert (rows[30_299]["id"], rows[30_299]["a:Contract"]) == ("Zoë-299", "Été")
    assert report.encoding == encoding
    assert [remark[:60] for remark in report.remarks] == (
        [] if encoding == "utf-8" else ["The first accented letters come after 1.3 MB and are written"]
    )


def test_where_accents_are_in_two_encodings_the_rows_in_the_second_are_set_aside(tmp_path: Path) -> None:
    first = "".join(f"Zoë-{i},1,2,Été,Yes,No\n" for i in range(300)).encode()
    second = "c,1,2,Été,Yes,No\n".encode("cp1252") * 3
    found = read(written(tmp_path, HEADER.encode() + b"\n" + PLAIN_ROWS + first + PLAIN_ROWS + second))
    assert [row["value"] for row in found.rejected] == ["\\xc9t\\xe9"] * 3
    assert found.rejected[0]["line"] == "60302"


def test_utf_8_in_a_file_of_windows_1252_is_told(tmp_path: Path) -> None:
    first = "".join(f"Zoë-{i},1,2,Été,Yes,No\n" for i in range(30)).encode("cp1252")
    path = written(tmp_path, HEADER.encode() + b"\n" + first + "René,1,2,x,Yes,No\n".encode())
    _, report = read_late(path)
    assert [remark.split(":")[0] for remark in report.remarks] == [
        "The file is written in Windows-1252, but some of its letters look like UTF-8 (“Ã©” for “é”)"
    ]


# --- a person knows better, and limits -------------------------------------------------------------------------


def test_what_a_person_chose_stands_over_what_was_recognised(tmp_path: Path) -> None:
    path = written(tmp_path, "id;amount, in dollars\n1;2,345\n2;3,456\n".encode("utf-16-le"))
    files = CsvCustomerFiles()
    assert files.preview(path, FormatChoice(encoding="utf-16-le", delimiter=";")).header == ("id", "amount, in dollars")
    comma = files.preview(path, FormatChoice(delimiter=","))
    assert comma.header == ("id;amount", "in dollars")
    assert files.preview(path, FormatChoice(decimal=".")).format.decimal == "."


def test_a_byte_order_mark_is_believed_more_than_a_person(tmp_path: Path) -> None:
    path = written(tmp_path, "id,b\n1,é\n".encode("utf-8-sig"))
    assert CsvCustomerFiles().preview(path, FormatChoice(encoding="cp1252")).format.encoding == "utf-8-sig"


def test_a_file_forced_into_a_wrong_encoding_is_refused_or_set_aside_in_words(tmp_path: Path) -> None:
    path = written(tmp_path, lines(*good(9)))
    with pytest.raises(FileRefused):
        CsvCustomerFiles().preview(path, FormatChoice(encoding="utf-16-le"))


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (ReadingLimits(rows=50), "The file has more than 50 rows."),
        (ReadingLimits(columns=5), "The file has 6 columns; at most 5 can be read."),
        (ReadingLimits(row_bytes=2_000), "Line 102 is longer than 1.953 KiB, which no customer is."),
    ],
)
def test_what_is_beyond_the_limits_is_refused_while_reading(
    tmp_path: Path, limits: ReadingLimits, sentence: str
) -> None:
    path = written(tmp_path, lines(*good(100), "x,1,2," + "y" * 3_000 + ",Yes,No", *good(40)))
    with pytest.raises(FileRefused) as refused:
        read_late(path, limits=limits, block_bytes=1_000)
    assert str(refused.value).startswith(sentence)


def test_a_cell_beyond_the_limit_sets_its_row_aside(tmp_path: Path) -> None:
    path = written(tmp_path, lines(*good(100), "x,1,2," + "y" * 3_000 + ",Yes,No"))
    _, report = read_late(path, limits=ReadingLimits(cell_bytes=1_024))
    assert (report.rows, report.rejected) == (101, 1)


def test_the_first_rows_whose_id_stood_before_are_told_by_number(tmp_path: Path) -> None:
    rows = good(40)
    rows[4] = "ragged"
    rows += [rows[9], "new,1,2,One year,Yes,No", rows[3], rows[9], "new,1,2,One year,Yes,No"]
    _, report = read_late(written(tmp_path, lines(*rows)), block_bytes=300)
    assert (report.duplicate_ids, report.duplicate_rows) == (4, (41, 43, 44, 45))


# --- rows that are set aside ------------------------------------------------------------------------------------


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
    "blanks alone": Faulty("   ", "", "", "holds nothing"),
    "delimiters alone": Faulty(",,,,,", "", "", "holds nothing"),
    "the header again": Faulty(HEADER, "", "", "repeats the header: files may have been put together"),
    "the header again with a mark": Faulty(
        "\ufeff" + HEADER, "", "", "repeats the header: files may have been put together"
    ),
    "totals": Faulty("Total,,9000,,,", "customerID", "Total", "seems to be a line of totals, not a customer"),
    "text in a number": Faulty(
        "x,1,soon,One year,Yes,No", "Charges", "soon", "is no number, and the model knows no customer without it"
    ),
    "a number beyond measure": Faulty(
        "x,1,1e40,One year,Yes,No", "Charges", "1e+40", "is no number, and the model knows no customer without it"
    ),
    "undecodable": Faulty(
        b"x,1,2,One \xff\xfeyear,Yes,No",
        "Contract",
        "One \\xff\\xfeyear",
        "holds bytes that are no text in the file's encoding",
        "x,1,2,One \\xff\\xfeyear,Yes,No",
    ),
    "undecodable number": Faulty(
        b"x,\xc31,2,One year,Yes,No",
        "tenure",
        "\\xc31",
        "holds bytes that are no text in the file's encoding",
        "x,\\xc31,2,One year,Yes,No",
    ),
    "half a surrogate": Faulty(
        b"x,1,2,\xed\xa0\x80,Yes,No",
        "Contract",
        "\\xed\\xa0\\x80",
        "holds bytes that are no text in the file's encoding",
        "x,1,2,\\xed\\xa0\\x80,Yes,No",
    ),
    "enormous cell": Faulty("x,1,2," + "y" * 70_000 + ",Yes,No", "Contract", "y" * 200, "a cell is longer than 64 KiB"),
    "formula": Faulty("=1+2,x", "", "", "2 columns instead of 6", "'=1+2,x"),
    "embedded line end": Faulty('x,"two\nlines"', "", "", "2 columns instead of 6"),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_row_that_cannot_be_read_is_set_aside_with_line_and_reason(name: str, tmp_path: Path) -> None:
    faulty = FAULTY[name]
    row = faulty.row if isinstance(faulty.row, bytes) else faulty.row.encode()
    before = ['éèêëéèêëéèêëéèêë1,1,1,"One\nyear",Yes,No', "", *good(8)]  # twelve lines with the header
    content = lines(*before).encode() + row + b"\n" + "\n".join(good(10)).encode()
    found = read(written(tmp_path, content))
    (rejected,) = found.rejected
    assert rejected == {
        "line": "13",
        "column": faulty.column,
        "value": faulty.value,
        "reason": faulty.reason,
        "row": faulty.text or (faulty.row if isinstance(faulty.row, str) else ""),
    }
    assert [one["row"] for one in found.rows] == [*range(1, 10), *range(11, 21)]


def test_nul_bytes_far_down_a_file_set_their_row_aside(tmp_path: Path) -> None:
    many = lines(*(f"customer-{i:08d},12,20.5,One year,Yes,No" for i in range(30_000))).encode()
    found = read(written(tmp_path, many + b"x,1,2,One\0year,Yes,No\n"))
    assert [(row["line"], row["reason"]) for row in found.rejected] == [("30002", "holds NUL bytes")]


def test_windows_bytes_without_meaning_set_their_row_aside(tmp_path: Path) -> None:
    rows = [f"c{i},1,2,Zoë,Yes,No".encode("cp1252") for i in range(9)]
    rows.append(b"x,1,2,a\x81b,Yes,No")
    found = read(written(tmp_path, HEADER.encode() + b"\n" + b"\n".join(rows)))
    assert found.rejected[0]["value"] == "a\\x81b"
    assert found.rows[0]["a:Contract"] == "Zoë"


def test_a_fifth_of_bad_rows_is_borne_and_more_is_not(tmp_path: Path) -> None:
    bad = ["x,1"] * 20
    assert read(written(tmp_path, lines(*good(80), *bad))).report.rejected == 20
    with pytest.raises(FileRefused, match=r"21 of 101 rows could not be read, for example line 82 has 2 columns"):
        read(written(tmp_path, lines(*good(80), *bad, "x,1")))


def test_a_training_table_bears_no_more_bad_rows_either(tmp_path: Path) -> None:
    path = written(tmp_path, lines(*good(10), "x", "y", "z"))
    files = CsvCustomerFiles()
    with pytest.raises(FileRefused, match="3 of 13 rows"):
        files.load(path, format=files.preview(path).format)


def test_a_hopeless_file_is_given_up_before_its_end(tmp_path: Path) -> None:
    path = written(tmp_path, lines(*good(10), *["x,1"] * 50_000))
    with pytest.raises(FileRefused, match="rows could not be read") as refused:
        read(path, block_bytes=16_384)
    assert "of 50,010 rows" not in str(refused.value)


# --- files that are refused -------------------------------------------------------------------------------------

BODY = lines(*good(3)).encode()
REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "The file is empty."),
    "blank lines": (b"\n \n\r\n", "The file is empty."),
    "byte order mark alone": (b"\xef\xbb\xbf", "The file is empty."),
    "UTF-16 mark alone": (b"\xff\xfe", "The file is empty."),
    "header alone": (HEADER.encode(), "The file has a header but no customers."),
    "header and blank lines": (HEADER.encode() + b"\n\n\n", "The file has a header but no customers."),
    "zip": (b"PK\x03\x04" + bytes(50), "This is a zip archive, not a CSV file."),
    "xlsx": (b"PK\x03\x04....[Content_Types].xml", "This is an Excel workbook (.xlsx), not a CSV file."),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9), "This is an old Excel workbook (.xls), not a CSV file."),
    "parquet": (b"PAR1\x15\x04", "This is a Parquet file, not a CSV file."),
    "arrow": (b"ARROW1\0\0", "This is an Arrow file, not a CSV file."),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "This is a PDF, not a CSV file."),
    "sqlite": (b"SQLite format 3\0", "This is a database, not a CSV file."),
    "7z": (b"7z\xbc\xaf\x27\x1c", "This is a compressed archive, not a CSV file."),
    "bzip2": (b"BZh91AY", "This is a compressed archive, not a CSV file."),
    "xz": (b"\xfd7zXZ\0", "This is a compressed archive, not a CSV file."),
    "zstd": (b"\x28\xb5\x2f\xfd\x04", "This is a compressed archive, not a CSV file."),
    "rar": (b"Rar!\x1a\x07", "This is a compressed archive, not a CSV file."),
    "png": (b"\x89PNG\r\n\x1a\n", "This is a picture, not a CSV file."),
    "jpeg": (b"\xff\xd8\xff\xe0\0\x10JFIF", "This is a picture, not a CSV file."),
    "html": (b"\n<!DOCTYPE html><html>", "This is a web page, not a CSV file."),
    "xml": (b"<?xml version='1.0'?><a/>", "This is an XML file, not a CSV file."),
    "json": (b'{"customers": []}', "This is a JSON file, not a CSV file."),
    "json list": (b'[{"id": 1}]', "This is a JSON file, not a CSV file."),
    "zip in gzip": (gzip.compress(b"PK\x03\x04" + bytes(50)), "This is a zip archive, not a CSV file."),
    "NUL bytes in the header": (b"a\0b" + BODY, "The file holds NUL bytes"),
    "NUL bytes in many rows": (BODY + b"a\0b,1,2,3,4,5\n" * 9, "The file holds NUL bytes"),
    "control characters": (bytes(range(1, 9)) * 40 + b"\n" + b"\x01,\x02\n", "This is not a text file."),
    "no header": (b"1,2,3\n4,5,6\n", "The first line holds values, not column names."),
    "no header with money": (b"$1,2.5\n4,5\n", "The first line holds values, not column names."),
    "empty header": (b",,,\n1,2,3,4\n", "The first line holds values, not column names."),
    "too many columns": (
        ",".join(f"c{i}" for i in range(5_001)).encode() + b"\n1\n",
        "The file has 5,001 columns; at most 5,000 can be read.",
    ),
    "endless line": (b"a,b\n" + b"x" * (1 << 21), "Line 2 is longer than 1 MiB, which no customer is."),
    "endless first line": (b"x" * (1 << 21), "Line 1 is longer than 1 MiB, which no customer is."),
    "long row in the middle": (
        b"a,b\n" + (b"c," + b"d" * 97 + b"\n") * 12_000 + b"x" * (1 << 21) + b",y\n" + b"c,d\n" * 5,
        "Line 12002 is longer than 1 MiB, which no customer is.",
    ),
    "open quote": (BODY + b'x,"1,2,3\n' * 1, "A quote that is opened on line 5 is never closed."),
    "open quote in the header": (b'a,"b\n1,2\n', "A quote that is opened on line 1 is never closed."),
    "open quote in a large file": (
        b"a,b\n" + (b"c," + b"d" * 97 + b"\n") * 12_000 + b'e,"f\n' + (b"c," + b"d" * 97 + b"\n") * 24_000,
        "A quote that is opened on line 12002 is never closed.",
    ),
    "wrong rows": (lines(*good(2), *["x,y"] * 8).encode(), "8 of 10 rows could not be read"),
    "cut gzip": (gzip.compress(BODY * 2_000)[:-20], "The compressed file is damaged or incomplete."),
    "damaged gzip": (gzip.compress(BODY)[:-8] + b"12345678", "The compressed file is damaged or incomplete."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_usable_csv_is_refused_with_what_to_do(name: str, tmp_path: Path) -> None:
    content, sentence = REFUSED[name]
    with pytest.raises(FileRefused) as refused:
        read(written(tmp_path, content))
    assert str(refused.value).startswith(sentence)
    assert refused.value.advice
    assert refused.value.field == "file"


def test_rejected_rows_of_a_reading_that_is_left_early_are_closed(tmp_path: Path) -> None:
    path = written(tmp_path, lines(*good(20), "x", *good(20)))
    files = CsvCustomerFiles(256)
    preview = files.preview(path)
    match = match_header(SCHEMA, preview.header)
    reading = files.read(path, schema=SCHEMA, match=match, format=preview.format, rejected=tmp_path / "r.csv")
    batches = reading.batches()
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    assert (tmp_path / "r.csv").read_text(encoding="utf-8").startswith("line,column,value,reason,row")


# --- what stands around the customers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("titles", "said"),
    [
        ("Customers of November\n", "A line above the header was left out."),
        ("Customers, November\nMade on 2026-11-30 12:00\n\n", "2 lines above the header were left out."),
        ("Customers of November,,,,,\n,,,,,\n", "2 lines above the header were left out."),
        ("# made by billing; one line a customer\n", "A line above the header was left out."),
    ],
)
def test_titles_above_the_header_are_left_out_and_told(tmp_path: Path, titles: str, said: str) -> None:
    path = written(tmp_path, titles + lines(*good(8), "x,1"))
    found = read(path)
    assert [row["id"] for row in found.rows] == [f"c{i}" for i in range(8)]
    assert found.report.remarks == (said,)
    assert found.rejected[0]["line"] == str(10 + titles.count("\n"))
    preview = CsvCustomerFiles().preview(path)
    assert (preview.above, preview.rows) == (said.startswith("2") + 1, 9)


@pytest.mark.parametrize("header", ["id,", "id,,", ",id", "id,b,", "id,id,id"])
def test_a_header_with_few_names_is_no_title(tmp_path: Path, header: str) -> None:
    columns = header.count(",") + 1
    path = written(tmp_path, "\n".join([header, *(",".join(f"{c}{i}" for c in "abc"[:columns]) for i in range(5))]))
    assert CsvCustomerFiles().preview(path).header == tuple(header.split(","))


def test_a_delimiter_that_ends_only_the_rows_or_only_the_header_is_borne(tmp_path: Path) -> None:
    expected = read(written(tmp_path, lines(*good(5)))).rows
    rows = read(written(tmp_path, lines(*(row + "," for row in good(5))))).rows
    header = read(written(tmp_path, lines(*good(5), header=HEADER + ","))).rows
    assert [{k: v for k, v in row.items() if not k.startswith("x:")} for row in rows] == expected
    assert header == expected


def test_names_in_angle_brackets_are_no_web_page(tmp_path: Path) -> None:
    header = ",".join(f"<{name}>" for name in HEADER.split(","))
    assert len(read(written(tmp_path, lines(*good(5), header=header))).rows) == 5


def test_a_row_more_than_the_header_names_is_refused_and_not_shifted(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="5 of 5 rows could not be read, for example line 2 has 7 columns"):
        read(written(tmp_path, lines(*(f"{i},{row}" for i, row in enumerate(good(5))))))


def test_blank_rows_below_a_table_are_set_aside_and_never_too_many(tmp_path: Path) -> None:
    found = read(written(tmp_path, lines(*good(5), *[",,,,,"] * 40, *["  "] * 10)))
    assert (found.report.rows, found.report.rejected, len(found.rows)) == (55, 50, 5)
    assert {row["reason"] for row in found.rejected} == {"holds nothing"}


def test_customers_swallowed_by_a_stray_quotation_mark_are_set_aside(tmp_path: Path) -> None:
    rows = good(30)
    rows[10], rows[13] = '"' + rows[10], rows[13].replace("c13,", 'c13",')
    found = read(written(tmp_path, lines(*rows)))
    assert [row["id"] for row in found.rows] == [f"c{i}" for i in range(30) if not 10 <= i <= 13]
    assert found.report.rows == 27
    assert found.rejected[0]["reason"].startswith("holds several lines in one cell")
    assert found.rejected[0]["row"].count("\n") == 3


def test_a_note_of_several_lines_is_no_stray_quotation_mark(tmp_path: Path) -> None:
    rows = [row + ',"first, second\nthird, fourth"' for row in good(9)]
    assert len(read(written(tmp_path, lines(*rows, header=HEADER + ",Note"))).rows) == 9


def test_a_training_table_leaves_out_a_header_that_comes_again(tmp_path: Path) -> None:
    path = written(tmp_path, lines(*good(5), HEADER, *good(5)))
    files = CsvCustomerFiles()
    table = files.load(path, format=files.preview(path).format)
    assert (table.rows, table.rejected, len(table.data)) == (11, 1, 10)
