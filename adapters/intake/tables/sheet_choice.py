"""Which sheet of a workbook holds the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PEEKED_ROWS = 60
"""Rows of a sheet from which it is judged."""
MAX_PEEKED = 40
"""Sheets that are judged."""
NEARLY_AS_LARGE = 1 / 3
"""Share of the largest sheet's size from which another sheet may be meant as well."""
FEW_ROWS = 5
"""Rows up to which a sheet is no rival of a larger one."""


@dataclass(frozen=True)
class Peek:
    """A sheet's first rows: `rows` with content, `width` the most cells with content in one; `size` in any unit."""

    name: str
    hidden: bool
    rows: int
    width: int
    size: int

    @property
    def is_table(self) -> bool:
        return self.rows >= 2 and self.width >= 2


def peek(name: str, hidden: bool, rows: Sequence[Sequence[str]], size: int) -> Peek:
    filled = [sum(bool(cell.strip()) for cell in cells) for cells in rows]
    return Peek(name, hidden, sum(map(bool, filled)), max(filled, default=0), size)


def rivals(peeks: Sequence[Peek]) -> list[str]:
    """The sheet that holds the table; several if that is in doubt. Hidden ones count where no other has a table."""
    tables = [own for own in peeks if own.is_table and not own.hidden] or [own for own in peeks if own.is_table]
    if not tables:
        shown = [own for own in peeks if not own.hidden] or list(peeks)
        return [max(shown, key=lambda own: (own.rows, own.width)).name]
    largest = max(tables, key=lambda own: own.size)
    near = [
        own
        for own in tables
        if own is largest
        or (own.size >= NEARLY_AS_LARGE * largest.size and (own.rows > FEW_ROWS or own.rows >= largest.rows))
    ]
    return [own.name for own in near]
