"""Rows of cells as CSV text: UTF-8, commas, and one line per row, so that a line's number is the row's number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

CHUNK = 256 * 1024
FIRST_ROWS = 200
"""Rows that decide how wide a table is."""
_NEEDS_QUOTES = re.compile(r'[",]')
_LINE_ENDS = re.compile(r"\s*[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]\s*")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\ud800-\udfff]")


def quoted(text: str) -> str:
    """A cell of a CSV line. Line ends within it become spaces."""
    if text.isalnum():
        return text
    if not text.isprintable():
        text = _FORBIDDEN.sub("�", _LINE_ENDS.sub(" ", text))
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


class Lines:
    """Numbered rows as CSV chunks, all as wide as the table.

    The widest of the first rows decides. Cells further right are left out and counted in `beyond`; rows that are left
    out in the numbering become blank lines.
    """

    def __init__(self) -> None:
        self.beyond = 0
        self.first_beyond: int | None = None

    def of(self, rows: Iterable[tuple[int, Sequence[str]]]) -> Iterator[bytes]:
        """`rows`: number from 1, ascending, and cells; a row without content has no cells."""
        first: list[tuple[int, Sequence[str]]] = []
        rest = iter(rows)
        for row in rest:
            first.append(row)
            if len(first) == FIRST_ROWS:
                break
        width = max((_width(cells) for _, cells in first), default=0)
        lines: list[str] = []
        size = last = 0
        for part in (first, rest):
            for number, cells in part:
                if number > last + 1:
                    yield "".join(lines).encode()
                    lines, size = [], 0
                    yield from _blank(number - last - 1)
                last = number
                line = self._line(number, cells, width)
                lines.append(line)
                size += len(line)
                if size > CHUNK:
                    yield "".join(lines).encode()
                    lines, size = [], 0
        yield "".join(lines).encode()

    def _line(self, number: int, cells: Sequence[str], width: int) -> str:
        if len(cells) > width:
            if any(cells[width:]):
                self.beyond += 1
                self.first_beyond = self.first_beyond or number
            cells = cells[:width]
        if not any(cells):
            return "\n"
        return ",".join(map(quoted, cells)) + "," * (width - len(cells)) + "\n"


def _width(cells: Sequence[str]) -> int:
    return max((place for place, cell in enumerate(cells, 1) if cell.strip()), default=0)


def _blank(count: int) -> Iterator[bytes]:
    while count > 0:
        yield b"\n" * min(count, CHUNK)
        count -= CHUNK
