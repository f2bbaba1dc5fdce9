"""The same customers, however they are written and in however many blocks they are read."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.intake.reader import CsvCustomerFiles
from domain.header_matching import match_header
from tests.contract.intake.customer_files import SCHEMA, good, lines, read, written

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
def test_every_csv_dialect_gives_the_same_customers(tmp_path: Path, block_bytes: int, **how: Any) -> None:
    plain = read(written(tmp_path, dressed(**PLAIN), "plain.csv"))
    reading = read(written(tmp_path, dressed(**how), "dressed.csv"), block_bytes=block_bytes)
    assert reading == plain
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
def test_the_block_size_does_not_change_the_customers(block_bytes: int, tmp_path: Path) -> None:
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


def test_batches_are_bounded_and_keep_the_files_order(tmp_path: Path) -> None:
    path = written(tmp_path, lines(*good(70_000)))
    files = CsvCustomerFiles()
    preview = files.preview(path)
    reading = files.read(path, schema=SCHEMA, match=match_header(SCHEMA, preview.header), format=preview.format)
    batches = list(reading.batches())
    assert max(batch.rows for batch in batches) <= 65_536
    rows = [row for batch in batches for row in batch.data.column("row").to_pylist()]
    assert rows == list(range(1, 70_001))
    assert preview.rows == 70_000


@pytest.mark.parametrize("delimiter", ["^", "~", ":", " ", "||", "::"])
def test_a_rare_delimiter_is_read_as_a_comma(tmp_path: Path, delimiter: str) -> None:
    rows = ["customerID,tenure,Charges,Contract,Paperless,Churn"]
    rows += [f"c{i},{i},20.5,{('None', 'Monthly')[i % 2]},Yes,No" for i in range(30)]
    text = "\n".join(rows)

    reading = read(written(tmp_path, text.replace(",", delimiter)))

    plain = read(written(tmp_path, text, "plain.csv"))
    assert [{name: row[name] for name in plain.rows[0]} for row in reading.rows] == plain.rows
    assert plain.rows[3]["a:tenure"] == 3.0


@pytest.mark.parametrize("delimiter", ["^", "~"])
@pytest.mark.parametrize("rows", [2, 30])
def test_decimal_commas_do_not_hide_a_rare_delimiter(tmp_path: Path, delimiter: str, rows: int) -> None:
    header = delimiter.join(["customerID", "tenure", "Charges", "Contract", "Paperless"])
    lines = [delimiter.join([f"c{i}", "12,5", f"{i},75", "None, paid", "Yes"]) for i in range(rows)]
    reading = read(written(tmp_path, "\n".join([header, *lines])))
    assert [reading.rows[1][name] for name in ("id", "a:tenure", "a:Charges")] == ["c1", 12.5, 1.75]


def test_times_of_day_do_not_make_the_colon_a_delimiter(tmp_path: Path) -> None:
    text = "customerID;tenure\n" + "".join(f"c{i} 10:15:00;{i}\n" for i in range(9))
    assert read(written(tmp_path, text)).rows[2]["id"] == "c2 10:15:00"


@pytest.mark.parametrize("header", ["orc_id,tenure", "par1,tenure", "bzh;tenure"])
def test_a_header_that_begins_like_another_kind_of_file_is_read(tmp_path: Path, header: str) -> None:
    assert CsvCustomerFiles().preview(written(tmp_path, f"{header}\nA,1\nB;2\n")).header
