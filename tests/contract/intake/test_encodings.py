"""The encoding of a file, and accents that come late or in another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.intake.customer_files import HEADER, read, written

PLAIN_ROWS = "".join(f"customer-{i:08d},12,20.5,One year,Yes,No\n" for i in range(30_000)).encode()
"""More than the first part that a file is recognised by."""


@pytest.mark.parametrize("block_bytes", [20_000, 8 * 1024**2])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_accents_far_down_a_file_are_read_in_the_encoding_they_are_in(
    tmp_path: Path, encoding: str, block_bytes: int
) -> None:
    accented = "".join(f"Zoë-{i},1,2,Été,Yes,No\n" for i in range(300)).encode(encoding)
    path = written(tmp_path, HEADER.encode() + b"\n" + PLAIN_ROWS + accented + PLAIN_ROWS)

    found = read(path, block_bytes=block_bytes)

    assert (found.report.rows, found.report.rejected) == (60_300, 0)
    assert (found.rows[30_299]["id"], found.rows[30_299]["a:Contract"]) == ("Zoë-299", "Été")
    assert found.encoding == encoding
    assert [remark[:60] for remark in found.report.remarks] == (
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
    assert [remark.split(":")[0] for remark in read(path).report.remarks] == [
        "The file is written in Windows-1252, but some of its letters look like UTF-8 (“Ã©” for “é”)"
    ]


def test_windows_bytes_without_meaning_set_their_row_aside(tmp_path: Path) -> None:
    rows = [f"c{i},1,2,Zoë,Yes,No".encode("cp1252") for i in range(9)]
    rows.append(b"x,1,2,a\x81b,Yes,No")
    found = read(written(tmp_path, HEADER.encode() + b"\n" + b"\n".join(rows)))
    assert found.rejected[0]["value"] == "a\\x81b"
    assert found.rows[0]["a:Contract"] == "Zoë"
