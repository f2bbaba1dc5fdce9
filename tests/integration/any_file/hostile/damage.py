"""Cut off, torn, overwritten, written in several encodings."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.integration.any_file.hostile.cases import (
    EMPTY,
    NO_HEADER,
    NUL,
    UNCLOSED,
    Case,
    Either,
    Refused,
    Rows,
    Scored,
)
from tests.integration.any_file.scoring import as_csv

NOT_TEXT = Refused("This is not a text file.")
NO_CUSTOMERS = Refused("The file has a header but no customers.")


def truncated(table: Rows) -> Iterator[Case]:
    plain = as_csv(table)
    yield "nothing", b"", EMPTY
    yield "one blank", b" ", EMPTY
    yield "one line end", b"\n", EMPTY
    yield "one letter", b"x", NO_CUSTOMERS
    yield "one quote", b'"', UNCLOSED
    yield "one comma", b",", NO_HEADER
    yield "cut within the header", plain[:40].encode(), NO_CUSTOMERS
    yield "cut after the header", ",".join(table[0]).encode(), NO_CUSTOMERS
    ends = [place for place, character in enumerate(plain) if character == "\n"]
    for rows in (1, 7, 30, 59):
        whole = plain[: ends[rows] + 1]
        yield f"cut after {rows} customers", whole.encode(), Scored(rows)
        if rows > 5:
            yield f"cut within customer {rows + 1}", (whole + "half-a,row").encode(), Scored(rows + 1, 1)
    yield "cut within its only customer", (plain[: ends[0] + 1] + "half-a,row").encode(), Refused("1 of 1 rows")
    yield "the same file twice, header and all", (plain + plain).encode(), Scored(121, 1, alike=True)
    yield "a header in the middle", _inserted(plain, ends[20], ",".join(table[0])), Scored(61, 1, alike=True)


def _inserted(text: str, place: int, line: str) -> bytes:
    return (text[: place + 1] + line + "\n" + text[place + 1 :]).encode()


def binary(table: Rows) -> Iterator[Case]:
    plain = as_csv(table).encode()
    lines = plain.splitlines(keepends=True)
    for seed in range(8):
        noise = random.Random(seed).randbytes(3_000).replace(b"\0", b"\1")
        yield f"noise {seed}", b"\1\2" + noise, NOT_TEXT
    yield "zeros", bytes(5_000), EMPTY_OR_NUL
    yield "ones", b"\xff" * 5_000, Refused("")
    yield "control characters", bytes(range(1, 9)) * 60 + b"\n\1,\2\n", NOT_TEXT
    yield "a NUL at the start", b"\0" + plain, NUL
    yield "a NUL in the header", plain.replace(b"tenure", b"ten\0ure", 1), NUL
    yield "a NUL in a cell", plain[:-20] + b"\0" + plain[-20:], Scored(60, 1)
    yield "a NUL in the first customer", lines[0] + b"\0" + b"".join(lines[1:]), Scored(60, 1)
    yield "a NUL in a tenth of the rows", _every(lines, 10, b"\0"), Scored(60, 6)
    yield "a NUL in a fifth of the rows", _every(lines, 5, b"\0"), Scored(60, 12)
    yield "a NUL in a third of the rows", _every(lines, 3, b"\0"), NUL
    yield (
        "a cell of a thousand NULs",
        plain + bytes(1_000) + lines[1][lines[1].index(b",") :],
        Scored(61, 1, alike=True),
    )
    yield "rows that end in NULs as texts do in C", plain.replace(b"\n", b"\0\n"), NUL
    yield "a NUL in UTF-16", (as_csv(table) + "\0" + lines[1].decode()).encode("utf-16"), Scored(61, 1, alike=True)
    yield "a NUL in a title above", b"Customers\0\n" + plain, NUL
    many = b"".join(lines[1:]) * 180
    yield "a NUL far down", lines[0] + many + lines[1].replace(b",", b"\0,", 1), Scored(60 * 180 + 1, 1)
    yield "noise far down", lines[0] + many + b"\x01\xfe\x02\xff,\n" + lines[1], Scored(60 * 180 + 2, 1)
    yield "a bell in a cell", plain.replace(b"Male", b"Ma\x07le", 1), Scored(60)
    yield "an escape sequence as id", b"".join([*lines, b"\x1b[31mred" + lines[1][lines[1].index(b",") :]]), Scored(61)


def _every(lines: list[bytes], step: int, mark: bytes) -> bytes:
    """Rows with a mark at their start."""
    head, *rows = lines
    return head + b"".join(mark + row if place % step == 0 else row for place, row in enumerate(rows))


EMPTY_OR_NUL = Refused("The file ")


def encodings(table: Rows) -> Iterator[Case]:
    plain = as_csv(table)
    accented = as_csv([table[0], *([f"Zoë-{row[0]}", *row[1:]] for row in table[1:])])
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"):
        yield f"written in {encoding}", accented.encode(encoding), Scored(60)
    for encoding in ("utf-16-le", "utf-16-be"):
        names = as_csv([table[0], *([f"顧客の氏名と住所と電話番号{row[0]}", *row[1:]] for row in table[1:])])
        yield f"mostly ideographs in {encoding}", names.encode(encoding), Scored(60)
    yield "half a character at the end of UTF-16", plain.encode("utf-16")[:-1], Scored(60, 1)
    yield "UTF-16 with an odd byte within", _with_odd_byte(plain.encode("utf-16")), Either()
    yield "UTF-32 with impossible characters", b"\xff\xfe\0\0" + b"\xff\xff\xff\x7f" * 200, Refused("")
    yield "UTF-32 with one impossible character", _impossible(plain), Scored(60, 1)
    yield (
        "UTF-16 with half a pair",
        plain.replace("Male", "Ma\ud800le", 1).encode("utf-16", "surrogatepass"),
        Scored(60, 1),
    )
    yield "two byte order marks", b"\xef\xbb\xbf\xef\xbb\xbf" + plain.encode(), Scored(60)
    yield "a byte order mark within", plain.encode().replace(b"Male", b"\xef\xbb\xbfMale", 1), Scored(60)
    yield "a byte order mark of UTF-16 on UTF-8", b"\xff\xfe" + plain.encode(), Refused("")
    yield "EBCDIC", plain.encode("cp037"), Refused("")
    yield "Shift-JIS names", plain.replace("customerID", "顧客").encode("shift_jis"), Scored(60)
    yield "UTF-7", plain.replace("Male", "+AMk-").encode(), Scored(60)
    body = accented.encode()
    yield "one row in Windows-1252", body + accented.splitlines()[1].encode("cp1252"), Scored(61, 1)
    few = accented.splitlines()[1:11]
    yield "a tenth of the rows in Windows-1252", body + "\n".join(few).encode("cp1252"), Scored(70, 10)
    yield "two thirds in Windows-1252", "\n".join(few).encode() + b"\n" + accented.encode("cp1252"), Refused("")
    yield "overlong UTF-8", body + b"\xc0\xaf" + few[0].encode(), Scored(61, 1)
    yield "surrogates in UTF-8", body + b"\xed\xa0\x80" + few[0].encode(), Scored(61, 1)
    yield "bytes beyond UTF-8", body + b"\xf8\x88\x80\x80\x80" + few[0].encode(), Scored(61, 1)
    late = plain.splitlines(keepends=True)
    far = "".join(late[1:]) * 180
    yield (
        "accents far down in Windows-1252",
        (late[0] + far + accented.split("\n", 1)[1]).encode("cp1252"),
        Scored(60 * 181),
    )
    yield "accents far down in UTF-8", (late[0] + far + accented.split("\n", 1)[1]).encode(), Scored(60 * 181)


def _with_odd_byte(content: bytes) -> bytes:
    middle = len(content) // 2 | 1
    return content[:middle] + b"x" + content[middle:]


def _impossible(plain: str) -> bytes:
    head, tail = plain.split("Male", 1)
    return b"\xff\xfe\0\0" + head.encode("utf-32-le") + b"\xff\xff\xff\x7f" + tail.encode("utf-32-le")
