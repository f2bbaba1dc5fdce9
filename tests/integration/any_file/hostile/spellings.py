"""Numbers and levels in the ways people and programs write them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.integration.any_file.hostile.cases import IMPOSSIBLE, Case, Rows, Scored, changed, with_cell

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


def spelt(table: Rows) -> Iterator[Case]:
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


def _spelt_otherwise(header: list[str], row: list[str], old: str, new: str) -> list[str]:
    at = header.index("Contract")
    return [*row[:at], row[at].replace(old, new) if old else f"{new}{row[at]}{new}", *row[at + 1 :]]
