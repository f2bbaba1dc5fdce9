"""Lines of a CSV from cells: the only place that writes delimiters and decimal marks cell by cell.

Scored customers are written as whole columns instead, with the same rules (`adapters/reporting/columnar.py`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import chain, islice
from pathlib import Path

from domain.csv_style import BYTE_ORDER_MARK, CsvStyle
from domain.spreadsheet import spreadsheet_safe

Cell = str | float | int | None

CHUNK = 256 * 1024
LINES = 500
"""Lines that are given out together."""
KEPT = 10_000
"""Texts that are remembered with their safe form: many lines share most of their texts."""


def csv_pieces(header: Sequence[str], rows: Iterable[Sequence[Cell]], style: CsvStyle | None = None) -> Iterator[bytes]:
    """UTF-8 in pieces. Text is safe for spreadsheets. With a style, a byte order mark precedes, as Excel needs it.

    Without one it is for programs: commas and decimal points.
    """
    buffer = io.StringIO(newline="")
    own = style or CsvStyle.COMMA
    table = csv.writer(buffer, delimiter=own.delimiter)
    spreadsheet_safe_text = lru_cache(maxsize=KEPT)(spreadsheet_safe)
    if style is not None:
        buffer.write(BYTE_ORDER_MARK)
    lines = chain([header], rows)
    while part := list(islice(lines, LINES)):
        table.writerows([_cell(cell, spreadsheet_safe_text, own) for cell in line] for line in part)
        yield buffer.getvalue().encode("utf-8", "replace")
        buffer.seek(0)
        buffer.truncate()


def _cell(cell: Cell, safe: Callable[[str], str], style: CsvStyle) -> Cell:
    if isinstance(cell, str):
        return safe(cell)
    return style.number(repr(cell)) if isinstance(cell, float) else cell


def restyled(stored: Iterable[str], style: CsvStyle | None, *, with_numbers: bool = False) -> Iterator[bytes]:
    """A CSV with commas in another style. Its cells stay as they are, except numbers `with_numbers`."""
    rows = csv.reader(stored)
    own = style or CsvStyle.COMMA
    header = next(rows, [])
    yield from csv_pieces(header, ([own.cell(cell) for cell in row] for row in rows) if with_numbers else rows, style)


def restyled_file(path: Path, style: CsvStyle | None, *, with_numbers: bool = False) -> Iterator[bytes]:
    """As `restyled`, of a stored file. With commas it is sent as it is, behind a byte order mark for people."""
    if style is not CsvStyle.SEMICOLON:
        with path.open("rb") as stored:
            yield BYTE_ORDER_MARK.encode() if style else b""
            yield from iter(partial(stored.read, CHUNK), b"")
        return
    with path.open(encoding="utf-8", newline="") as lines:
        yield from restyled(lines, style, with_numbers=with_numbers)
