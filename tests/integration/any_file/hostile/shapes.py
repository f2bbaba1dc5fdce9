"""Too long, too wide, too many; ragged rows, stray quotes, gzip."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator

from tests.builders.tables import zipped
from tests.integration.any_file.hostile.cases import (
    DAMAGED,
    EMPTY,
    ONE_COLUMN,
    UNCLOSED,
    UNKNOWN,
    Case,
    Refused,
    Rows,
    Scored,
    changed,
)
from tests.integration.any_file.scoring import as_csv

TOO_LONG = Refused("Line ")


def long(table: Rows) -> Iterator[Case]:
    plain = as_csv(table).encode()
    row = plain.splitlines()[5]
    yield "one line of 50 MB", lambda: b"x" * 50_000_000, TOO_LONG
    yield "a line of 3 MB after the customers", lambda: plain + b"y" * 3_000_000, TOO_LONG
    yield "a quoted cell of 3 MB", lambda: plain + b'"' + b"y\n" * 1_500_000 + b'",1\n', OPEN_LONG
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
    yield "one column", b"customerID\n1\n2\n", ONE_COLUMN


def _wide(table: Rows, columns: int) -> bytes:
    extra = [f"more {n}" for n in range(columns)]
    return as_csv([[*table[0], *extra], *([*row, *(["1"] * columns)] for row in table[1:])]).encode()


def ragged(table: Rows) -> Iterator[Case]:
    def every(step: int, change: Callable[[list[str]], list[str]]) -> bytes:
        return changed(table, lambda row, place: change(row) if place % step == 0 else row)

    yield "a tenth of the rows too short", every(10, lambda row: row[:3]), Scored(60, 6)
    yield "a tenth of the rows too long", every(10, lambda row: [*row, "more"]), Scored(60, 6)
    yield "a fifth of the rows too short", every(5, lambda row: row[:-1]), Scored(60, 12)
    yield "a quarter of the rows too short", every(4, lambda row: row[:-1]), Refused("15 of 60 rows could not be read")
    yield "every second row too long", every(2, lambda row: [*row, "x"]), Refused("")
    yield "every row too long", every(1, lambda row: [*row, "x"]), Refused("60 of 60 rows could not be read")
    yield "a total in the last line", as_csv(table).encode() + b"Total,60\n", Scored(61, 1)
    yield "notes below the table", as_csv(table).encode() + b"\nExported by Shop North\nConfidential\n", Scored(62, 2)
    yield (
        "decimal commas without quotes",
        changed(table, lambda row, place: ",".join(row).replace(".", ",").split(",") if place == 3 else row),
        Scored(60, 1),
    )


def quotes(table: Rows) -> Iterator[Case]:
    plain = as_csv(table)
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


def packed(table: Rows) -> Iterator[Case]:
    plain = as_csv(table).encode()
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
    yield "gzip in gzip", gzip.compress(good), Scored(60, alike=True)
    yield "zip in gzip", gzip.compress(zipped({"a": b"b"})), Refused("The file has a header but no customers.")
    yield "a picture in gzip", gzip.compress(b"\x89PNG\r\n\x1a\n"), Refused("This is a picture")
    yield "UTF-16 in gzip", gzip.compress(as_csv(table).encode("utf-16")), Scored(60)
    yield "a bomb of blank lines", lambda: gzip.compress(plain + b"\n" * 70_000_000, 6), BOMB
    yield "a bomb of short lines", lambda: gzip.compress(plain + b"1\n" * 30_000_000, 1), Refused("Most of the rows")
    yield "a bomb of empty quotes", lambda: gzip.compress(plain + b'""\n' * 20_000_000, 1), Refused("Most of the rows")
    yield "a bomb of quoted line ends", lambda: gzip.compress(plain + b'\n\n\n"\n"\n' * 10_000_000, 1), MOSTLY
    yield "a bomb of zeros", lambda: gzip.compress(bytes(80_000_000), 1), Refused("")
    yield "a bomb of one line", lambda: gzip.compress(b"x" * 80_000_000, 1), TOO_LONG
    yield "a bomb after the customers", lambda: gzip.compress(plain + b"a,b\n" * 5_000_000, 1), Refused("")


OPEN_LONG = Refused("A quote that is opened on line 62 is not closed within 1 MiB.")
MOSTLY = Refused("223,515 of 223,575 rows could not be read, for example line 65")
BOMB = Refused("The compressed file unpacks to far more")
