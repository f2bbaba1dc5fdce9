"""What programs write around and between the customers, and how they delimit them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.integration.any_file.hostile.cases import ONE_COLUMN, Case, Refused, Rows, Scored
from tests.integration.any_file.scoring import as_csv


def around(table: Rows) -> Iterator[Case]:
    plain, blank = as_csv(table), "," * (len(table[0]) - 1) + "\n"
    head, body = plain.split("\n", 1)
    types = ",".join("string" for _ in table[0])
    yield "a title above", "Customers of November 2026\n" + plain, Scored(60, alike=True)
    yield "a title with delimiters above", "Customers,November" + blank[1:] + plain, Scored(60, alike=True)
    yield "three lines above", "Churn export\nMade: 2026-11-30 12:00\n\n" + blank + plain, Scored(60, alike=True)
    yield "a comment above", "# exported by billing\n" + plain, Scored(60, alike=True)
    yield "twelve lines above", "note\n" * 12 + plain, ONE_COLUMN
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


def delimited(table: Rows) -> Iterator[Case]:
    plain, crlf = as_csv(table), as_csv(table, line_end="\r\n", delimiter=";")
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
    yield "columns of equal width", "\n".join("".join(cell.ljust(20) for cell in row) for row in table), ONE_COLUMN
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


QUOTED_WHOLE = Refused("Each line is completely enclosed in quotation marks")
RAGGED = Refused("59 of 59 rows could not be read, for example line 2 has")


def _swallowing(lines: list[str], opens: int, closes: int) -> str:
    """A quote before a row's id and one after that of a later row."""
    first, later = lines[opens], lines[closes].replace(",", '",', 1)
    return "\n".join([*lines[:opens], '"' + first, *lines[opens + 1 : closes], later, *lines[closes + 1 :]]) + "\n"


def _console(table: Rows) -> str:
    rule = "+".join("-" * 20 for _ in table[0])
    return "\n".join([" | ".join(table[0]), rule, *(" | ".join(row) for row in table[1:]), "(60 rows)"])
