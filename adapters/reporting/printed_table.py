"""The columns of a printed table: their titles, widths and looks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PrintedColumn:
    """A column of a table. `key` names its cell in a row; it is empty where the template writes the cells itself."""

    title: str
    percent_wide: int
    key: str = ""
    numeric: bool = False
    emphasis: str = ""
    """The class of the cells' text: "strong", "quiet" or none."""

    @property
    def width(self) -> str:
        return f"{self.percent_wide}%"

    @property
    def heading_class(self) -> str:
        return "num" if self.numeric else ""

    @property
    def cell_class(self) -> str:
        return f"{self.heading_class} {self.emphasis}".strip()
