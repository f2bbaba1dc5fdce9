"""Finds rows and cells in a part of a CSV file, taking quotes into account.

The rules are those of the parser. A quote opens a quoted cell only at the cell's start. Two quotes inside it mean one
quote. After the closing quote, the cell continues as plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.int64]

NEWLINE, QUOTE = ord("\n"), ord('"')


@dataclass(frozen=True, slots=True)
class RowIndex:
    """The rows of a block that begins at the start of a row: offsets [start, end) without line ends and blank lines.

    `line` is the row's first line, from 0. `end_of_last` is the offset after the last complete row; an incomplete row
    can follow. `embedded` is true if a quoted cell contains a line end.
    """

    start: Positions
    end: Positions
    line: Positions
    end_of_last: int
    embedded: bool

    def __len__(self) -> int:
        return len(self.start)


def row_index(data: bytes, delimiter: str) -> RowIndex:
    """Index a block of UTF-8 with LF line ends."""
    newlines = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == NEWLINE)
    row_ends = newlines
    if b'"' in data:
        row_ends = newlines[~_inside_quotes(data, newlines, delimiter)]
    starts = np.concatenate(([0], row_ends[:-1] + 1)) if len(row_ends) else np.empty(0, np.int64)
    nonblank = row_ends > starts
    starts, ends = starts[nonblank], row_ends[nonblank]
    return RowIndex(
        start=starts,
        end=ends,
        line=np.searchsorted(newlines, starts),
        end_of_last=int(row_ends[-1]) + 1 if len(row_ends) else 0,
        embedded=len(row_ends) != len(newlines),
    )


def ends_inside_quotes(data: bytes, delimiter: str) -> bool:
    """Whether a quote is still open at the end of `data`."""
    end = np.array([len(data)])
    return b'"' in data and bool(_inside_quotes(data, end, delimiter)[0])


def _inside_quotes(data: bytes, places: Positions, delimiter: str) -> NDArray[np.bool_]:
    quotes = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == QUOTE)
    if _regular(data, quotes, delimiter):
        return (np.searchsorted(quotes, places) & 1).astype(bool)
    spans = [match.span() for match in _quoted_cell(delimiter).finditer(data)]
    opened = np.array([start for start, _ in spans], dtype=np.int64)
    # An unclosed cell ends after the data, so that the end of the data counts as inside.
    closed = np.array([end if _closed(data, start, end) else len(data) + 1 for start, end in spans], dtype=np.int64)
    before = np.searchsorted(opened, places) - 1
    return (before >= 0) & (places < closed[np.maximum(before, 0)]) if len(spans) else np.zeros(len(places), bool)


def _closed(data: bytes, start: int, end: int) -> bool:
    return end - start > 1 and (data[start + 1 : end].count(b'"') & 1) == 1


def _regular(data: bytes, quotes: Positions, delimiter: str) -> bool:
    """Whether every opening quote starts a cell and every closing quote ends one. Counting quotes is then enough."""
    text = np.frombuffer(data, dtype=np.uint8)
    before, after = np.zeros(256, bool), np.zeros(256, bool)
    for allowed in (before, after):
        allowed[[NEWLINE, QUOTE, ord(delimiter)]] = True
    opening, closing = quotes[0::2], quotes[1::2]
    opening = opening[1:] if len(opening) and opening[0] == 0 else opening
    closing = closing[:-1] if len(closing) and closing[-1] == len(data) - 1 else closing
    return bool(before[text[opening - 1]].all() and after[text[closing + 1]].all())


@lru_cache(maxsize=8)
def _quoted_cell(delimiter: str) -> re.Pattern[bytes]:
    mark = re.escape(delimiter.encode())
    return re.compile(rb"(?:\A|(?<=[\n" + mark + rb']))"(?:[^"]++|"")*+(?:"|\Z)')


@lru_cache(maxsize=8)
def _cell(delimiter: str) -> re.Pattern[str]:
    mark = re.escape(delimiter)
    return re.compile(rf'(?:"((?:[^"]++|"")*+)(?:"([^{mark}]*)|\Z)|([^{mark}]*))({mark}|\Z)')


def cells_of(row: str, delimiter: str) -> list[str]:
    """The cells of one row, without quotes."""
    if '"' not in row:
        return row.split(delimiter)
    cells: list[str] = []
    place, more = 0, True
    pattern = _cell(delimiter)
    while more:
        match = pattern.match(row, place)
        assert match is not None  # noqa: S101 - the last alternative matches anything up to a delimiter
        quoted, rest, plain, mark = match.groups()
        cells.append(plain if quoted is None else quoted.replace('""', '"') + (rest or ""))
        place, more = match.end(), bool(mark)
    return cells
