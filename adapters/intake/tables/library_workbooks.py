"""Workbooks in other formats than .xlsx, through the library calamine, which reads them into memory as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

from adapters.intake.limits import in_words
from adapters.intake.tables.cells import cell_text
from adapters.intake.tables.kinds import TableKind, damaged, protected
from domain.errors import FileRefused

MAX_BYTES = 64 * 1024**2
"""Bytes of a workbook that is read into memory."""


@dataclass(frozen=True)
class LibrarySheet:
    name: str
    hidden: bool


class LibraryBook:
    """Raises FileRefused for a workbook that is damaged, protected or too large."""

    def __init__(self, file: BinaryIO, kind: TableKind) -> None:
        import python_calamine as calamine

        self._kind = kind
        data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise FileRefused(
                f"The {kind.words} is larger than {in_words(MAX_BYTES)}.", advice="Save it as .xlsx or CSV."
            )
        try:
            self._book: Any = calamine.CalamineWorkbook.from_filelike(BytesIO(data))
            visible = calamine.SheetVisibleEnum.Visible
            work = calamine.SheetTypeEnum.WorkSheet
            self.sheets = [
                LibrarySheet(own.name, own.visible != visible) for own in self._book.sheets_metadata if own.typ == work
            ]
        except calamine.PasswordError as error:
            raise protected() from error
        except (calamine.CalamineError, OSError, ValueError, OverflowError) as error:
            raise damaged(kind.words) from error
        if not self.sheets:
            raise FileRefused("The workbook has no sheet with cells.", advice="Save it again, or save it as CSV.")

    def rows(self, name: str) -> Iterator[tuple[int, list[str]]]:
        """Number and cells of each row of a sheet."""
        import python_calamine as calamine

        try:
            sheet = self._book.get_sheet_by_name(name)
            for number, row in enumerate(sheet.iter_rows(), 1):
                yield number, [cell_text(value) for value in row]
        except (calamine.CalamineError, OSError, ValueError, OverflowError) as error:
            raise damaged(self._kind.words) from error

    def size_of(self, name: str) -> int:
        """Cells of a sheet, blank ones included."""
        sheet = self._book.get_sheet_by_name(name)
        return int(sheet.total_height) * int(sheet.total_width)
