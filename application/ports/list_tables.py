"""Tables of a campaign's list, for other programs and for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from domain.campaign_export import Cell


class ListTables(Protocol):
    """Writes lines as they come, in constant memory. Text that a spreadsheet could read as a formula is escaped."""

    def pieces(self, header: Sequence[str], lines: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
        """The same file as `csv`, piece by piece."""

    def csv(self, header: Sequence[str], lines: Iterable[Sequence[Cell]], path: Path) -> None:
        """UTF-8 with commas. Numbers have full precision and a decimal point."""

    def xlsx(self, header: Sequence[str], lines: Iterable[Sequence[Cell]], path: Path) -> None: ...
