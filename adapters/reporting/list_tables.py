"""A campaign's list as CSV and as an Excel workbook, written line by line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, count, islice
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.storage.problems import storage_problems
from domain.csv_style import CsvStyle
from domain.csv_text import Cell, csv_pieces
from domain.spreadsheet import spreadsheet_safe

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

SHEET_ROWS = 1_048_575
"""Members that fit on an Excel sheet below its header. The others continue on another sheet."""
CELL_CHARACTERS = 32_767
WIDTH = 22


class SpreadsheetListTables:
    """Implements `application.ports.list_tables.ListTables`."""

    @storage_problems()
    def csv(
        self, header: Sequence[str], lines: Iterable[Sequence[Cell]], path: Path, style: CsvStyle | None = None
    ) -> None:
        with path.open("wb") as file:
            file.writelines(csv_pieces(header, lines, style))

    @storage_problems()
    def xlsx(self, header: Sequence[str], lines: Iterable[Sequence[Cell]], path: Path) -> None:
        """Text is never written as a formula or a link."""
        import xlsxwriter

        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": True,
        }
        with xlsxwriter.Workbook(str(path), options) as book:
            bold = book.add_format({"bold": True})
            rest = iter(lines)
            for number in count(1):
                part = list(islice(rest, 1))
                if not part and number > 1:
                    break
                sheet = book.add_worksheet("List" if number == 1 else f"List {number}")
                sheet.freeze_panes(1, 1)
                sheet.set_column(0, len(header) - 1, WIDTH)
                for place, name in enumerate(header):
                    sheet.write_string(0, place, spreadsheet_safe(name), bold)
                for row, line in enumerate(chain(part, islice(rest, SHEET_ROWS - 1)), start=1):
                    _write(sheet, row, line)


def _write(sheet: Worksheet, row: int, line: Sequence[Cell]) -> None:
    for place, cell in enumerate(line):
        if isinstance(cell, str):
            sheet.write_string(row, place, spreadsheet_safe(cell)[:CELL_CHARACTERS])
        elif cell is not None:
            sheet.write_number(row, place, cell)
