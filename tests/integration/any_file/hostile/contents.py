"""What stands in the cells and in the header, and how lines end."""

from __future__ import annotations

from collections.abc import Iterator

from tests.integration.any_file.hostile.cases import (
    IMPOSSIBLE,
    NO_HEADER,
    Case,
    Refused,
    Rows,
    Scored,
    changed,
    with_cell,
)
from tests.integration.any_file.scoring import as_csv

NOBODY = Refused("The file has a header but no customer")

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


def cells(table: Rows) -> Iterator[Case]:
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


NONE_AT_ALL = {"text", "hexadecimals", "dates", "signs alone", "dots alone", "booleans", "the largest"}


def numbers(table: Rows) -> Iterator[Case]:
    for name, text in NUMBERS.items():
        comes = IMPOSSIBLE if name in NONE_AT_ALL else Scored(60)
        yield f"numbers: {name}", with_cell(table, "MonthlyCharges", lambda _, text=text: text), comes


def headers(table: Rows) -> Iterator[Case]:
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
        yield f"separated by {word}", content, Scored(60) if mark != "\x1f" else Refused("This is not a text file")
    for mark, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        yield f"separated by {word}", as_csv(table, delimiter=mark).encode(), Scored(60)


LACKS = Refused("The file lacks columns that decide")


def line_ends(table: Rows) -> Iterator[Case]:
    plain = as_csv(table)
    for name, end in (("CRLF", "\r\n"), ("CR", "\r"), ("blank lines between", "\n\n"), ("CR CR LF", "\r\r\n")):
        yield f"line ends: {name}", plain.replace("\n", end).encode(), Scored(60)
    mixed = "".join(line + ("\n", "\r\n", "\r")[place % 3] for place, line in enumerate(plain.splitlines()))
    yield "line ends: all kinds", mixed.encode(), Scored(60)
    yield "line ends: none at the end", plain.rstrip("\n").encode(), Scored(60)
    yield "line ends: those of Unicode", plain.replace("\n", "\u2028").encode(), Refused("")
