"""Files that are broken or meant to break something, each with what has to come of it."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import sqlite3
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.integration.any_file.scoring import as_csv

Rows = list[list[str]]


@dataclass(frozen=True)
class Refused:
    """Before or while it is read, in a sentence that begins so."""

    begins: str


@dataclass(frozen=True)
class Scored:
    """All rows accounted for: so many in the file, so many of them set aside.

    `alike`: the plain file's customers come first, and score as they do there.
    """

    rows: int
    rejected: int = 0
    alike: bool = False


@dataclass(frozen=True)
class Either:
    """A sentence or a full account: what is torn so badly may be read in more than one way."""


@dataclass(frozen=True)
class Hostile:
    made: bytes | Callable[[], bytes]
    comes: Refused | Scored | Either
    name: str = "customers.csv"

    @property
    def content(self) -> bytes:
        """Large ones are made when they are needed."""
        return self.made() if callable(self.made) else self.made


EMPTY = Refused("The file is empty.")
NOT_TEXT = Refused("This is not a text file.")
NUL = Refused("The file holds NUL bytes")
UNKNOWN = Refused("None of the columns")
NO_CUSTOMERS = Refused("The file has a header but no customers.")
NO_HEADER = Refused("The first line holds values, not column names.")
DAMAGED = Refused("The compressed file is damaged or incomplete.")
UNCLOSED = Refused("A quote that is opened on line")
TOO_LONG = Refused("Line ")
ARCHIVE = Refused("This is a compressed archive")
ZIP = Refused("This is a zip archive")


def corpus(table: Rows) -> dict[str, Hostile]:
    """All of them by name. `table`: a header and 60 customers whose first column is the id."""
    found: dict[str, Hostile] = {}
    for family in (_other_formats, _truncated, _binary, _encodings, _long, _ragged, _quotes, _packed):
        for name, content, comes in family(table):
            assert name not in found, name
            found[name] = Hostile(content, comes)
    for family in (_cells, _headers, _numbers, _line_ends, _around, _delimited, _spelt, _renamed):
        for name, content, comes in family(table):
            assert name not in found, name
            found[name] = Hostile(content.encode() if isinstance(content, str) else content, comes)
    for label, file_name in FILE_NAMES.items():
        found[f"called {label}"] = Hostile(as_csv(table).encode(), Scored(60), file_name)
    return found


Case = tuple[str, str | bytes | Callable[[], bytes], Refused | Scored | Either]
Change = Callable[[list[str], int], list[str]]


def text_of(table: Rows) -> str:
    return as_csv(table)


def changed(table: Rows, change: Change) -> bytes:
    """The customers with each row changed; the change gets the row and its number from 0."""
    return as_csv([table[0], *(change(list(row), place) for place, row in enumerate(table[1:]))]).encode()


def with_cell(table: Rows, column: str, value: Callable[[int], str]) -> bytes:
    at = table[0].index(column)
    return changed(table, lambda row, place: [*row[:at], value(place), *row[at + 1 :]])


# ── Something else altogether ─────────────────────────────────────────


def _other_formats(table: Rows) -> Iterator[Case]:
    plain = text_of(table).encode()
    yield "a zip", _zipped({"customers.csv": plain}), ZIP
    yield (
        "a workbook",
        _zipped({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}),
        Refused("This is an Excel"),
    )
    yield "an opendocument sheet", _zipped({"mimetype": b"application/vnd.oasis", "content.xml": b"<x/>"}), ZIP
    yield "a jar", _zipped({"META-INF/MANIFEST.MF": b"x"}), ZIP
    yield "an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), Refused("This is an old Excel")
    yield "a parquet file", b"PAR1\x15\x04" + plain[:200] + b"PAR1", Refused("This is a Parquet")
    yield "an arrow file", b"ARROW1\0\0" + plain[:200], Refused("This is an Arrow")
    yield "a pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", Refused("This is a PDF")
    yield "a database", _database(), Refused("This is a database")
    yield "bzip2", bz2.compress(plain), ARCHIVE
    yield "xz", lzma.compress(plain), ARCHIVE
    yield "zstd", b"\x28\xb5\x2f\xfd\x04\x00" + plain[:99], ARCHIVE
    yield "rar", b"Rar!\x1a\x07\x01\x00" + plain[:99], ARCHIVE
    yield "7z", b"7z\xbc\xaf\x27\x1c\x00\x04" + plain[:99], ARCHIVE
    yield "a tar", _tarred(plain), NUL
    yield "a png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), Refused("This is a picture")
    yield "a jpeg", b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(99), Refused("This is a picture")
    yield "a gif", b"GIF89a\x01\0\x01\0" + bytes(range(99)), NUL
    yield "a web page", b"\r\n <!DOCTYPE html><html><table><tr><td>1</table>", Refused("This is a web page")
    yield "xml", b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", Refused("This is an XML")
    yield "json", b'{"customers": [{"customerID": 1}]}', Refused("This is a JSON")
    yield "json rows", b'[{"customerID": 1}]', Refused("This is a JSON")
    yield "json lines", b'{"customerID": 1}\n{"customerID": 2}\n', Refused("This is a JSON")
    yield "rich text", b"{\\rtf1\\ansi Dear Sir}", Refused("This is a")
    yield "a program", b"\x7fELF\x02\x01\x01" + bytes(300), NUL
    yield "a letter", b"Dear Sir or Madam\n\nplease find our list enclosed.\n\nYours\n", UNKNOWN
    yield "python", b"import csv, sys\nfor row in csv.reader(sys.stdin):\n    print(row, 1)\n", UNKNOWN
    yield "sql", b"INSERT INTO customers VALUES (1, 'a', 2);\nDROP TABLE customers;\n", UNKNOWN
    yield "an email", b"From: a@b.example\nTo: c@d.example\nSubject: list\n\nhello, there\n", UNKNOWN


def _zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def _tarred(content: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        entry = tarfile.TarInfo("customers.csv")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _database() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table customers (id)")
    content: bytes = connection.serialize()
    connection.close()
    return content


# ── Cut off, torn, overwritten ────────────────────────────────────────


def _truncated(table: Rows) -> Iterator[Case]:
    plain = text_of(table)
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


def _binary(table: Rows) -> Iterator[Case]:
    plain = text_of(table).encode()
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
    yield "a NUL in UTF-16", (text_of(table) + "\0" + lines[1].decode()).encode("utf-16"), Scored(61, 1, alike=True)
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


def _encodings(table: Rows) -> Iterator[Case]:
    plain = text_of(table)
    accented = text_of([table[0], *([f"Zoë-{row[0]}", *row[1:]] for row in table[1:])])
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"):
        yield f"written in {encoding}", accented.encode(encoding), Scored(60)
    for encoding in ("utf-16-le", "utf-16-be"):
        names = text_of([table[0], *([f"顧客の氏名と住所と電話番号{row[0]}", *row[1:]] for row in table[1:])])
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


# ── Too long, too wide, too many ──────────────────────────────────────


def _long(table: Rows) -> Iterator[Case]:
    plain = text_of(table).encode()
    row = plain.splitlines()[5]
    yield "one line of 50 MB", lambda: b"x" * 50_000_000, TOO_LONG
    yield "a line of 3 MB after the customers", lambda: plain + b"y" * 3_000_000, TOO_LONG
    yield "a quoted cell of 3 MB", lambda: plain + b'"' + b"y\n" * 1_500_000 + b'",1\n', TOO_LONG
    yield "a header of 2 MB", lambda: b"x" * 2_000_000 + b",b\n1,2\n", TOO_LONG
    yield "a cell of 100 KB", plain + b"z" * 100_000 + row[row.index(b",") :], Scored(61, 1)
    yield "a cell of 60 KB", plain + b"z" * 60_000 + row[row.index(b",") :], Scored(61)
    yield "a row of 100,000 cells", plain + b"," * 100_000 + b"\n", Scored(61, 1)
    yield "10,000 columns", lambda: _wide(table[:4], 10_000), Refused("The file has 10,0")
    yield "5,000 columns", lambda: _wide(table[:4], 5_000 - len(table[0])), Scored(3)
    yield "5,000 columns that no model knows", ",".join(f"c{n}" for n in range(5_000)).encode() + b"\n1\n", UNKNOWN
    yield "a million blank lines", lambda: plain + b"\n" * 1_000_000, Scored(60)
    yield "a million blank lines first", lambda: b"\n" * 1_100_000 + plain, Refused("")
    yield "20,000 rows of commas", lambda: plain + b",\n" * 20_000, Refused("")
    yield "20,000 blank customers", plain + (b"," * (len(table[0]) - 1) + b"\n") * 20_000, Scored(20_060, 20_000, True)
    yield "one column", b"customerID\n1\n2\n", UNKNOWN


def _wide(table: Rows, columns: int) -> bytes:
    extra = [f"more {n}" for n in range(columns)]
    return as_csv([[*table[0], *extra], *([*row, *(["1"] * columns)] for row in table[1:])]).encode()


def _ragged(table: Rows) -> Iterator[Case]:
    def every(step: int, change: Callable[[list[str]], list[str]]) -> bytes:
        return changed(table, lambda row, place: change(row) if place % step == 0 else row)

    yield "a tenth of the rows too short", every(10, lambda row: row[:3]), Scored(60, 6)
    yield "a tenth of the rows too long", every(10, lambda row: [*row, "more"]), Scored(60, 6)
    yield "a fifth of the rows too short", every(5, lambda row: row[:-1]), Scored(60, 12)
    yield "a quarter of the rows too short", every(4, lambda row: row[:-1]), Refused("15 of 60 rows could not be read")
    yield "every second row too long", every(2, lambda row: [*row, "x"]), Refused("")
    yield "every row too long", every(1, lambda row: [*row, "x"]), Refused("60 of 60 rows could not be read")
    yield "a total in the last line", text_of(table).encode() + b"Total,60\n", Scored(61, 1)
    yield "notes below the table", text_of(table).encode() + b"\nExported by Rudo\nConfidential\n", Scored(62, 2)
    yield (
        "decimal commas without quotes",
        changed(table, lambda row, place: ",".join(row).replace(".", ",").split(",") if place == 3 else row),
        Scored(60, 1),
    )


def _quotes(table: Rows) -> Iterator[Case]:
    plain = text_of(table)
    first = table[1]
    rest = "," + ",".join(first[1:]) + "\n"
    yield "an open quote in the header", plain.replace("tenure", '"tenure', 1).encode(), UNCLOSED
    yield "an open quote in the first row", plain.replace(first[0], '"' + first[0], 1).encode(), UNCLOSED
    yield "an open quote in the last row", (plain + '"x' + rest).encode(), UNCLOSED
    yield (
        "an open quote far down",
        (plain + "".join(f"c{n}{rest}" for n in range(12_000)) + '"x' + rest).encode(),
        UNCLOSED,
    )
    yield "a stray quote within a cell", (plain + '12" screen' + rest).encode(), Scored(61)
    yield "text after a closing quote", (plain + '"a"b' + rest).encode(), Scored(61)
    yield "doubled quotes", (plain + '"say ""yes"" now"' + rest).encode(), Scored(61)
    yield "line ends within quotes", (plain + '"two\nlines\r\nthree"' + rest).encode(), Scored(61)
    yield "backslashes before quotes", (plain + "a\\" + rest).encode(), Scored(61)
    yield "single quotes", (plain + "'a,b'" + rest).encode(), Scored(61, 1)
    yield "typographic quotes", (plain + "“a”" + rest).encode(), Scored(61)
    yield "empty quotes everywhere", (plain + ",".join(['""'] * len(first)) + "\n").encode(), Scored(61, 1, alike=True)
    yield "three quotes", (plain + '"""' + rest).encode(), UNCLOSED
    yield "a thousand quotes", (plain + '"' * 1_000 + rest).encode(), Scored(61)
    yield "quotes and nothing else", b'""\n""\n""\n', Refused("")


def _packed(table: Rows) -> Iterator[Case]:
    plain = text_of(table).encode()
    good = gzip.compress(plain)
    yield "gzip", good, Scored(60)
    yield "gzip of two parts", gzip.compress(plain[:500]) + gzip.compress(plain[500:]), Scored(60)
    yield "gzip cut off", good[:-30], DAMAGED
    yield "a gzip header alone", good[:10], DAMAGED
    yield "two bytes of gzip", good[:2], DAMAGED
    yield "gzip with a wrong check sum", good[:-8] + b"12345678", DAMAGED
    yield "gzip damaged within", good[:200] + b"\0\0\0\0" + good[204:], DAMAGED
    yield "gzip and rubbish after it", good + b"rubbish", DAMAGED
    yield "gzip of nothing", gzip.compress(b""), EMPTY
    yield "gzip in gzip", gzip.compress(good), Refused("")
    yield "zip in gzip", gzip.compress(_zipped({"a": b"b"})), ZIP
    yield "a picture in gzip", gzip.compress(b"\x89PNG\r\n\x1a\n"), Refused("This is a picture")
    yield "UTF-16 in gzip", gzip.compress(text_of(table).encode("utf-16")), Scored(60)
    yield "a bomb of blank lines", lambda: gzip.compress(plain + b"\n" * 70_000_000, 6), BOMB
    yield "a bomb of zeros", lambda: gzip.compress(bytes(80_000_000), 1), Refused("")
    yield "a bomb of one line", lambda: gzip.compress(b"x" * 80_000_000, 1), TOO_LONG
    yield "a bomb after the customers", lambda: gzip.compress(plain + b"a,b\n" * 5_000_000, 1), Refused("")


BOMB = Refused("The compressed file unpacks to far more")


# ── What stands in it ─────────────────────────────────────────────────

IDS = {
    "formulas": '=HYPERLINK("http://evil.example","x")',
    "commands": "=cmd|'/c calc'!A0",
    "plus signs": "+1+1",
    "minus signs": "-2+3",
    "at signs": "@SUM(1)",
    "tabs": "\t=1",
    "markup": "<script>alert(1)</script>",
    "an image tag": '"><img src=x onerror=alert(1)>',
    "templates": "{{7*7}}${7*7}<%=7%>",
    "sql": "'; DROP TABLE runs;--",
    "right-to-left text": "\u202eדוגמה العربية",
    "emoji": "👩‍👩‍👧‍👦🏴‍☠️",
    "stacked accents": "Z͑ͫ̓a̶͛l̠͉g͍̯o" + "\u0301" * 200,
    "zero-width spaces": "a\u200bb\u200dc\ufeff",
    "paths": "../../../../etc/passwd",
    "windows paths": "C:\\Windows\\System32\\con",
    "device names": "NUL",
    "format strings": "%s%n{0}{}",
    "ten thousand letters": "i" * 10_000,
    "words for nothing": "null",
    "one and the same": "same",
    "nothing": "",
    "blanks": "   ",
    "unusual blanks": "\u00a0\u2003",
    "line separators": "a\u2028b\u2029c\u0085d",
    "control characters": "a\x0bb\x0cc",
    "numbers without end": "9" * 400,
    "private characters": "\ue000\U0010fffd\ufffe",
}

LEVELS = {
    "levels that nobody knows": "Weekly",
    "a level for each row": "",
    "formulas as levels": "=1+1",
    "very long levels": "L" * 5_000,
    "levels in emoji": "📅",
    "levels in another script": "月々",
    "numbers as levels": "12",
    "words for nothing as levels": "N/A",
}


def _cells(table: Rows) -> Iterator[Case]:
    for name, text in IDS.items():
        yield f"ids: {name}", with_cell(table, table[0][0], lambda _, text=text: text), Scored(60)
    for name, text in LEVELS.items():
        yield name, with_cell(table, "Contract", lambda place, text=text: text or f"level {place}"), Scored(60)
    yield (
        "every cell blank",
        changed(table, lambda row, _: [""] * len(row)),
        NOBODY,
    )
    yield "every cell a formula", changed(table, lambda row, _: ["=1+1"] * len(row)), IMPOSSIBLE
    yield "every cell a dash", changed(table, lambda row, _: ["-"] * len(row)), Scored(60)


NUMBERS = {
    "text": "plenty",
    "currencies": "US$ 1,234.50",
    "other currencies": "€ 1.234,50",
    "percents": "12%",
    "parentheses": "(12.50)",
    "exponents beyond numbers": "1e999",
    "not numbers": "NaN",
    "infinities": "-Infinity",
    "hexadecimals": "0x1F",
    "dates": "2026-11-01",
    "Arabic digits": "١٢٣",
    "full-width digits": "１２３",
    "many digits": "1" * 5_000,
    "minus zero": "-0",
    "signs alone": "+-",
    "dots alone": "...",
    "underscores": "1_000",
    "booleans": "True",
    "the largest": "1.7976931348623157e308",
    "beyond the smallest": "4e-400",
    "spaces within": "1 234 567",
    "apostrophes": "1'234.5",
}

NOBODY = Refused("The file has a header but no customer")
NONE_AT_ALL = {"text", "hexadecimals", "dates", "signs alone", "dots alone", "booleans", "the largest"}


def _numbers(table: Rows) -> Iterator[Case]:
    for name, text in NUMBERS.items():
        comes = IMPOSSIBLE if name in NONE_AT_ALL else Scored(60)
        yield f"numbers: {name}", with_cell(table, "MonthlyCharges", lambda _, text=text: text), comes


def _headers(table: Rows) -> Iterator[Case]:
    header, body = table[0], table[1:]

    def under(names: list[str], rows: Rows = body) -> bytes:
        return as_csv([names, *rows]).encode()

    def swapped(old: str, new: str) -> list[str]:
        return [new if name == old else name for name in header]

    twice = [[*row, row[0]] for row in body]
    yield "no header", as_csv(body).encode(), NO_HEADER
    yield "a header of numbers", under([str(n) for n in range(len(header))]), NO_HEADER
    yield "a header of blanks", under([""] * len(header)), NO_HEADER
    yield "a needed name twice", under([*header, "tenure"], twice), Refused("The file has more than one column called")
    yield "the id twice", under([*header, header[0]], twice), Refused("The file has more than one column called")
    yield "a needed name twice in other cases", under([*header, "TENURE"], twice), Scored(60)
    yield "another name twice", under([*header, "Note", "Note"], [[*row, "a", "b"] for row in body]), Scored(60)
    yield "columns without names", under([*header, "", ""], [[*row, "a", "b"] for row in body]), Scored(60)
    yield "a comma at every end", under([*header, ""], [[*row, ""] for row in body]), Scored(60)
    yield "capital names", under([name.upper() for name in header]), Scored(60)
    yield "names with blanks", under([f"  {name} " for name in header]), Scored(60)
    yield "names with units", under(swapped("MonthlyCharges", "Monthly Charges ($)")), Scored(60)
    yield "names as formulas", under([*header, "=1+1"], twice), Scored(60)
    yield "names as markup", under([*header, "<script>alert(1)</script>"], twice), Scored(60)
    yield "a name of 10,000 letters", under([*header, "n" * 10_000], twice), Scored(60)
    yield "names with line ends", under([*header, "two\nlines"], twice), Scored(60)
    yield "most of what matters missing", under(["a", "b", *header[:3]], [["1", "2", *row[:3]] for row in body]), LACKS
    yield "one column that matters missing", under(swapped("tenure", "months with us")), Scored(60)
    yield "the important half missing", under(swapped("Contract", "zz")), Scored(60)
    yield "a named separator", b"sep=,\n" + under(header), Scored(60)
    yield "a named separator that is not there", b"sep=;\n" + under(header), Refused("")
    yield "blank lines above the header", b"\n\n\n" + under(header), Scored(60)
    for mark, word in (
        (":", "colons"),
        ("~", "tildes"),
        ("^", "carets"),
        ("||", "double bars"),
        ("\x1f", "separators"),
    ):
        content = "\n".join(mark.join(row) for row in table).encode()
        yield f"separated by {word}", content, Scored(60) if mark == "||" else Refused("")
    for mark, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        yield f"separated by {word}", as_csv(table, delimiter=mark).encode(), Scored(60)


LACKS = Refused("The file lacks columns that carry")


def _line_ends(table: Rows) -> Iterator[Case]:
    plain = text_of(table)
    for name, end in (("CRLF", "\r\n"), ("CR", "\r"), ("blank lines between", "\n\n"), ("CR CR LF", "\r\r\n")):
        yield f"line ends: {name}", plain.replace("\n", end).encode(), Scored(60)
    mixed = "".join(line + ("\n", "\r\n", "\r")[place % 3] for place, line in enumerate(plain.splitlines()))
    yield "line ends: all kinds", mixed.encode(), Scored(60)
    yield "line ends: none at the end", plain.rstrip("\n").encode(), Scored(60)
    yield "line ends: those of Unicode", plain.replace("\n", "\u2028").encode(), Refused("")


# ── What programs write around and between the customers ──────────────


def _around(table: Rows) -> Iterator[Case]:
    plain, blank = text_of(table), "," * (len(table[0]) - 1) + "\n"
    head, body = plain.split("\n", 1)
    types = ",".join("string" for _ in table[0])
    yield "a title above", "Customers of November 2026\n" + plain, Scored(60, alike=True)
    yield "a title with delimiters above", "Customers,November" + blank[1:] + plain, Scored(60, alike=True)
    yield "three lines above", "Churn export\nMade: 2026-11-30 12:00\n\n" + blank + plain, Scored(60, alike=True)
    yield "a comment above", "# exported by billing\n" + plain, Scored(60, alike=True)
    yield "twelve lines above", "note\n" * 12 + plain, UNKNOWN
    yield "a total of the columns", plain + "TOTAL" + ",999999" * (len(table[0]) - 1) + "\n", Scored(61, 1, alike=True)
    yield "a grand total", plain + "Grand total:" + blank, Scored(61, 1, alike=True)
    yield "the number of rows below", plain + "\n(60 rows affected)\n", Scored(61, 1, alike=True)
    yield "the header twice", head + "\n" + plain, Scored(61, 1, alike=True)
    yield "the header twice and nobody", head + "\n" + head + "\n", Refused("1 of 1 rows")
    yield "three exports joined", plain * 3, Scored(182, 2, alike=True)
    yield "exports joined with their marks", "\ufeff" + plain + "\ufeff" + plain, Scored(121, 1, alike=True)
    yield "units below the header", head + "\n" + _units(table[0]) + body, Scored(61, 1, alike=True)
    yield "types below the header", f"{head}\n{types}\n{body}", Scored(61, 1, alike=True)
    yield "500 rows of commas below", plain + blank * 500, Scored(560, 500, alike=True)
    yield "rows of commas between", plain.replace("\n", "\n" + blank), Scored(121, 61, alike=True)
    yield "lines of blanks between", plain.replace("\n", "\n   \n"), Scored(121, 61, alike=True)
    yield "page breaks between", plain.replace("\n", "\n\f\n", 3), Scored(63, 3, alike=True)
    yield "the end mark of DOS", plain + "\x1a", Scored(61, 1, alike=True)
    yield "a hundred blank lines below", plain + "\n" * 100, Scored(60, alike=True)
    yield "NUL bytes up to the block's end", plain.encode() + bytes(4_096), Scored(61, 1, alike=True)
    many = head + "\n" + body * 180
    yield "NUL bytes up to the block's end, far down", many.encode() + bytes(4_096), Scored(10_801, 1, alike=True)


def _units(header: list[str]) -> str:
    return ",".join("months" if name == "tenure" else "USD" if "Charges" in name else "" for name in header) + "\n"


def _delimited(table: Rows) -> Iterator[Case]:
    plain, crlf = text_of(table), as_csv(table, line_end="\r\n", delimiter=";")
    head, body = plain.split("\n", 1)
    lines = plain.splitlines()
    numbered = "\n".join(f"{n},{line}" for n, line in enumerate(lines[1:]))
    same = Scored(60, alike=True)
    yield "a delimiter at the rows' ends alone", head + "\n" + body.replace("\n", ",\n"), same
    yield "a delimiter at the header's end alone", head + ",\n" + body, same
    yield "a delimiter at every start", "\n".join("," + line for line in lines), same
    yield "tabs with one too many", "\r\n".join("\t".join(row) + "\t" for row in table), same
    yield (
        "row numbers under no name",
        f",{head}\n{numbered}",
        same,
    )
    yield "row numbers without a name", f"{head}\n{numbered}", RAGGED
    yield "blanks after commas", "\n".join(", ".join(row) for row in table), same
    yield "blanks before quotes", "\n".join(", ".join(f'"{cell}"' for cell in row) for row in table), same
    yield "blanks after quotes", "\n".join(",".join(f'"{cell}" ' for cell in row) for row in table), same
    yield "bars with blanks", "\n".join(" | ".join(row) for row in table), same
    yield "single quotes around all", "\n".join(",".join(f"'{cell}'" for cell in row) for row in table), same
    yield "quotes twice", "\n".join(",".join(f'"""{cell}"""' for cell in row) for row in table), same
    yield (
        "quotes around whole lines",
        "\n".join(f'"{line}"' for line in lines),
        QUOTED_WHOLE,
    )
    yield "quotes around all lines but the header", "\n".join([head, *(f'"{line}"' for line in lines[1:])]), RAGGED
    yield "columns of equal width", "\n".join("".join(cell.ljust(20) for cell in row) for row in table), UNKNOWN
    yield "a separator as Excel names it", "sep=;\r\n" + crlf, same
    yield "a separator in capitals", "SEP=;\r\n" + crlf, same
    yield "a separator in quotes", '"sep=;"\r\n' + crlf, same
    yield "a separator after a mark", "\ufeffsep=;\r\n" + crlf, same
    tabs = as_csv(table, line_end="\r\n", delimiter="\t")
    yield "Unicode text of Excel", tabs.encode("utf-16"), same
    yield "Unicode text of Excel, named separator", ("sep=\t\r\n" + tabs).encode("utf-16"), same
    yield "Unicode text, an odd byte at the end", tabs.encode("utf-16") + b"\r", Scored(61, 1, alike=True)
    yield "line feeds before carriage returns", plain.replace("\n", "\n\r"), same
    yield "a stray quote that swallows rows", _swallowing(lines, 10, 20), Scored(50, 1)
    yield "a stray quote that swallows one row", _swallowing(lines, 10, 11), Scored(59, 1)
    ruled = ["|" + "---|" * len(table[0]), *("| " + " | ".join(row) + " |" for row in table[1:])]
    yield "a table in Markdown", "\n".join(["| " + " | ".join(table[0]) + " |", *ruled]), Scored(61, 1, alike=True)
    yield "a table of a database's console", _console(table), Scored(62, 2, alike=True)
    yield "names of the table before those of columns", ",".join(f"crm.{name}" for name in table[0]) + "\n" + body, same


QUOTED_WHOLE = Refused("Each line stands in quotation marks as a whole")
RAGGED = Refused("59 of 59 rows could not be read, for example line 2 has")


def _swallowing(lines: list[str], opens: int, closes: int) -> str:
    """A quote before a row's id and one after that of a later row."""
    first, later = lines[opens], lines[closes].replace(",", '",', 1)
    return "\n".join([*lines[:opens], '"' + first, *lines[opens + 1 : closes], later, *lines[closes + 1 :]]) + "\n"


def _console(table: Rows) -> str:
    rule = "+".join("-" * 20 for _ in table[0])
    return "\n".join([" | ".join(table[0]), rule, *(" | ".join(row) for row in table[1:]), "(60 rows)"])


WRITINGS: dict[str, Callable[[float], str]] = {
    "thin spaces": lambda v: f"{v:,.2f}".replace(",", "\u2009"),
    "narrow spaces": lambda v: f"{v:,.2f}".replace(",", "\u202f"),
    "apostrophes as in Switzerland": lambda v: f"{v:,.2f}".replace(",", "’"),
    "exponents": lambda v: f"{v!r}E+00",
    "a sign for the currency": lambda v: f"${v:,.2f}",
    "a currency behind": lambda v: f"{v!r} USD",
    "rupees": lambda v: f"Rs. {v!r}",
    "zloty": lambda v: f"{v!r} zł",
    "yen in full width": lambda v: f"￥{v!r}",
    "texts for spreadsheets": lambda v: f'="{v!r}"',
    "an apostrophe before": lambda v: f"'{v!r}",
    "Arabic digits and marks": lambda v: "".join("٫" if c == "." else chr(0x660 + int(c)) for c in repr(v)),
    "full-width digits": lambda v: "".join(chr(ord(c) + 0xFEE0) for c in repr(v)),
    "zeros before": lambda v: f"000{v!r}",
    "tabs around": lambda v: f"\t{v!r}\t",
}

NO_NUMBERS = {
    "exponents of two": "0x1p3",
    "powers": "2²",
    "fractions": "½",
    "versions": "1.2.3",
    "times": "12:30",
    "ranges": "20-30",
    "estimates": "~20",
    "an error of Excel": "#DIV/0!",
    "thousands in words": "20k",
    "numbers in circles": "①",
    "the largest": "1e308",
}


def _spelt(table: Rows) -> Iterator[Case]:
    charges = [table[0].index(name) for name in ("MonthlyCharges", "TotalCharges")]

    def written(as_text: Callable[[float], str]) -> bytes:
        def change(row: list[str], _: int) -> list[str]:
            return [as_text(float(c)) if p in charges and c.strip() else c for p, c in enumerate(row)]

        return changed(table, change)

    for name, as_text in WRITINGS.items():
        yield f"charges with {name}", written(as_text), Scored(60, alike=True)
    for name, text in NO_NUMBERS.items():
        yield f"no charges: {name}", written(lambda _, text=text: text), IMPOSSIBLE
        few = with_cell(table, "tenure", lambda n, text=text: text if n < 10 else "12")
        yield f"ten without tenure: {name}", few, Scored(60, 10)
    for name, old, new in (
        ("dashes", "-", "–"),
        ("underscores", " ", "_"),
        ("fixed blanks", " ", "\u00a0"),
        ("quotes", "", '"'),
    ):
        yield (
            f"levels with {name}",
            changed(table, lambda row, _, old=old, new=new: _spelt_otherwise(table[0], row, old, new)),
            Scored(60, alike=True),
        )
    yield "negative tenures", with_cell(table, "tenure", lambda _: "-5"), Scored(60)
    yield "booleans in Chinese", with_cell(table, "Partner", lambda n: "是否"[n % 2]), Scored(60)
    yield "ids with leading zeros", with_cell(table, table[0][0], lambda n: f"{n:010d}"), Scored(60, alike=True)
    yield (
        "ids that a spreadsheet rounded",
        with_cell(table, table[0][0], lambda _: "1.23457E+12"),
        Scored(60, alike=True),
    )
    euros = written(lambda v: f"€{v!r}").decode()
    yield "euros in Windows-1252", euros.encode("cp1252"), Scored(60, alike=True)


IMPOSSIBLE = Refused("60 of 60 rows could not be read, for example “")


def _spelt_otherwise(header: list[str], row: list[str], old: str, new: str) -> list[str]:
    at = header.index("Contract")
    return [*row[:at], row[at].replace(old, new) if old else f"{new}{row[at]}{new}", *row[at + 1 :]]


def _renamed(table: Rows) -> Iterator[Case]:
    plain = text_of(table).encode()
    page = "This is a web page"
    for name, content, begins in (
        ("an empty zip", b"PK\x05\x06" + bytes(18), "This is a zip archive"),
        ("a part of a zip", b"PK\x07\x08" + plain[:200], "This is a zip archive"),
        ("a log-in page", b"<!DOCTYPE html>\n<html><form action=/login></form></html>", page),
        ("a saved page", b"<!-- saved -->\n<html>x</html>", page),
        ("a table as a web page", b"<table><tr><td>a</td></tr>\n<tr><td>b</td></tr></table>", page),
        ("a drawing", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", page),
        ("a list in JSON", b'[\n  {"a": 1},\n  {"a": 2}\n]\n', "This is a JSON file"),
        ("lists in JSON", b'[["customerID", "tenure"], ["a", 1]]', "This is a JSON file"),
        ("a text document", b"{\\rtf1 Dear Sir}\nx\n", "This is a text document"),
        ("YAML", b"- customerID: 1\n  tenure: 3\n- customerID: 2\n", "None of the columns"),
        ("settings", b"[customers]\ntenure=3\n", "None of the columns"),
        ("a certificate", b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "None of the columns"),
        ("a log", b"2026-11-01 12:00:00 INFO start\n2026-11-01 12:00:01 INFO end\n", "None of the columns"),
        ("a pickle", b"\x80\x04\x95" + bytes(30), "The file holds NUL bytes"),
        ("zlib without gzip", zlib.compress(plain), "The file holds NUL bytes"),
    ):
        yield name, content, Refused(begins)
    packed = gzip.compress(plain)
    yield "gzip with zeros after it", packed + bytes(512), Scored(60, alike=True)
    yield "gzip in sixty parts", b"".join(map(gzip.compress, plain.splitlines(keepends=True))), Scored(60, alike=True)
    yield "gzip with a broken second part", packed + packed[:60], DAMAGED


FILE_NAMES = {
    "like a path": "../../../etc/passwd",
    "like a Windows path": "C:\\temp\\..\\x.csv",
    "with a NUL": "a\0b.csv",
    "nothing": "",
    "dots": "...",
    "with 5,000 letters": "n" * 5_000 + ".csv",
    "backwards": "\u202egpj.csv",
    "in emoji": "📈.csv",
    "with line ends": "a\r\nSet-Cookie: x=1.csv",
    "like a device": "CON.csv",
    "like markup": "<b>.csv",
}


def save(table: Rows, folder: Path) -> None:
    """All of them as files, to try them by hand."""
    for place, hostile in enumerate(corpus(table).values()):
        (folder / f"{place:03d}.csv").write_bytes(hostile.content)
