"""Tables of a campaign's list, for other programs and for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from domain.csv_style import CsvStyle
from domain.csv_text import Cell


class ListTables(Protocol):
    """Writes lines as they come, in constant memory. Text that a spreadsheet could read as a formula is escaped."""

    def csv(
        self, header: Sequence[str], lines: Iterable[Sequence[Cell]], path: Path, style: CsvStyle | None = None
    ) -> None:
        """The file of `domain.csv_text.csv_pieces`."""

    def xlsx(self, header: Sequence[str], lines: Iterable[Sequence[Cell]], path: Path) -> None: ...
