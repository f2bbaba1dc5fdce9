"""Reads .xlsx and .xlsm workbooks as a stream of rows, with bounded memory. Macros are never looked at.

ECMA-376 part 1, 18.3 (worksheets). Cells are read without a tree: one sheet of a million rows takes the memory of its
shared texts.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.formatting.figures import number as figure
from adapters.intake.limits import ReadingLimits
from adapters.intake.tables.cells import NumberFormat, number_text
from adapters.intake.tables.kinds import damaged
from adapters.intake.tables.packed import entry
from adapters.intake.tables.xlsx_parts import CHUNK, WHAT, Book, Sheet, feed, local, parser
from domain.errors import FileRefused

MAX_COLUMN, MAX_ROW = 16_384, 1_048_576
CACHED = 200_000
"""Numbers whose texts are kept, because they occur again."""
MERGED_BYTES = 96 * 1024**2
"""Bytes of a sheet up to which it is looked through for merged cells before it is read: they are listed at its end."""
MAX_MERGED = 20_000
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass
class Seen:
    """What a reader of the sheet should know: see `remarks`."""

    hidden_rows: int = 0
    hidden_columns: bool = False
    errors: Counter[str] = field(default_factory=Counter)
    first_error: str = ""
    filled: int = 0


def column_of(reference: str) -> int:
    """The place, from 0, of a reference such as "C12"; −1 if it is none."""
    place = 0
    for letter in reference:
        if "A" <= letter <= "Z":
            place = place * 26 + ord(letter) - 64
        else:
            break
    return place - 1


def column_letters(place: int) -> str:
    letters, rest = "", place + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


class SheetRows:
    """One pass over a sheet. `seen` is complete at its end."""

    def __init__(self, archive: zipfile.ZipFile, book: Book, sheet: Sheet, limits: ReadingLimits) -> None:
        self.seen = Seen()
        self._archive, self._book, self._sheet, self._limits = archive, book, sheet, limits
        self._rows: list[tuple[int, list[str]]] = []
        self._cells: list[str] = []
        self._row = 0
        self._column = -1
        self._type, self._style = "n", 0
        self._text: list[str] = []
        self._reads = self._phonetic = self._has_formula = self._has_value = False
        self._known: dict[tuple[str, int], str] = {}
        self._merged = _Merged(self.seen)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Number and cells of each row. Raises FileRefused for a damaged sheet, or a formula without its result."""
        self._merged.read(self._archive, self._sheet, self._limits)
        made = parser()
        made.StartElementHandler, made.EndElementHandler = self._start, self._end
        made.CharacterDataHandler = self._characters
        for _ in feed(made, entry(self._archive, self._sheet.part, self._limits, WHAT)):
            yield from self._rows
            self._rows = []

    def _start(self, tag: str, given: dict[str, str]) -> None:
        if tag == "c":
            self._start_cell(given)
        elif tag == "v":
            self._reads = self._has_value = True
        elif tag == "f":
            self._has_formula = True
        elif tag == "row":
            self._start_row(given)
        elif ":" in tag:
            self._start(local(tag), given)
        elif tag == "t":
            self._reads = not self._phonetic
            self._has_value = True
        elif tag == "rPh":
            self._phonetic = True
        elif tag == "col":
            self.seen.hidden_columns |= given.get("hidden", "") in ("1", "true")

    def _start_row(self, given: dict[str, str]) -> None:
        number = given.get("r", "")
        row = int(number) if number.isdigit() and len(number) < 9 else self._row + 1
        if row > MAX_ROW:
            raise damaged(WHAT)
        self._row = max(row, self._row + 1)
        self._cells = []
        self._column = -1
        self.seen.hidden_rows += given.get("hidden", "") in ("1", "true")

    def _start_cell(self, given: dict[str, str]) -> None:
        reference = given.get("r")
        place = column_of(reference) if reference else self._column + 1
        if not 0 <= place < MAX_COLUMN:
            raise damaged(WHAT)
        self._column = place
        self._type = given.get("t", "n")
        style = given.get("s", "0")
        self._style = int(style) if style.isdigit() else 0
        self._text = []
        self._has_formula = self._has_value = False

    def _characters(self, data: str) -> None:
        if self._reads:
            self._text.append(data)

    def _end(self, tag: str) -> None:
        if tag == "v" or tag == "t":
            self._reads = False
        elif tag == "c":
            self._end_cell()
        elif tag == "row":
            self._rows.append((self._row, self._merged.filled(self._row, self._cells)))
        elif ":" in tag:
            self._end(local(tag))
        elif tag == "rPh":
            self._phonetic = False

    def _end_cell(self) -> None:
        if self._has_formula and not self._has_value and self._type != "str":
            raise FileRefused(
                f"Cell {column_letters(self._column)}{self._row} has a formula without its result.",
                advice="Open the workbook in your spreadsheet program, save it, and upload it again.",
            )
        if not self._text:
            return
        text = self._value("".join(self._text))
        if text:
            cells, missing = self._cells, self._column - len(self._cells)
            if missing > 0:
                cells.extend([""] * missing)
            if missing >= 0:
                cells.append(text)
            else:
                cells[self._column] = text

    def _value(self, written: str) -> str:
        kind = self._type
        if kind == "s":
            number = written.strip()
            text = self._book.texts.text(int(number)) if number.isdigit() else None
            if text is None:
                raise damaged(WHAT)
            return unescaped(text)
        if kind == "n":
            return self._number(written.strip())
        if kind == "b":
            return "TRUE" if written.strip() in ("1", "true") else "FALSE"
        if kind == "e":
            self.seen.errors[written.strip()[:20]] += 1
            self.seen.first_error = self.seen.first_error or f"{column_letters(self._column)}{self._row}"
            return ""
        if kind == "d":
            return written.strip().removesuffix("Z").replace("T", " ").removesuffix(" 00:00:00")
        return unescaped(written)

    def _number(self, written: str) -> str:
        key = written, self._style
        text = self._known.get(key)
        if text is None:
            formats = self._book.formats
            how = formats[self._style] if self._style < len(formats) else NumberFormat.PLAIN
            text = number_text(written, how, from_1904=self._book.from_1904)
            if len(self._known) < CACHED:
                self._known[key] = text
        return text


def unescaped(text: str) -> str:
    """Characters that XML cannot hold are written as _x000D_."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


class _Merged:
    """Cells that are merged over several rows: each row gets the value of the first one."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._areas: list[tuple[int, int, int, int]] = []
        self._open: list[tuple[int, int, int, str]] = []

    def read(self, archive: zipfile.ZipFile, sheet: Sheet, limits: ReadingLimits) -> None:
        """The areas of the sheet, as first row, last row, first column, last column, in the order of their rows."""
        if sheet.part.file_size > MERGED_BYTES:
            return
        stream, rest = entry(archive, sheet.part, limits, WHAT), b""
        while chunk := stream.read(CHUNK):
            part = rest + chunk
            for match in _MERGED.finditer(part):
                top, bottom = int(match[2]), int(match[4])
                left, right = column_of(match[1].decode()), column_of(match[3].decode())
                if bottom > top and len(self._areas) < MAX_MERGED:
                    self._areas.append((top, bottom, left, right))
            rest = part[part.rfind(b"<") :][-256:]
        self._areas.sort()

    def filled(self, row: int, cells: list[str]) -> list[str]:
        while self._areas and self._areas[0][0] <= row:
            top, bottom, left, _ = self._areas.pop(0)
            if top == row and left < len(cells) and cells[left]:
                self._open.append((bottom, left, top, cells[left]))
        if not self._open:
            return cells
        self._open = [area for area in self._open if area[0] >= row]
        for _, left, top, value in self._open:
            if row > top:
                cells.extend([""] * (left + 1 - len(cells)))
                if not cells[left]:
                    cells[left] = value
                    self._seen.filled += 1
        return cells


def remarks_of(seen: Seen, beyond: int, first_beyond: int | None) -> list[str]:
    """What was done with unusual cells, in sentences."""
    remarks = []
    if seen.hidden_rows:
        remarks.append(f"{_counted(seen.hidden_rows, 'hidden row')} of the sheet {_were(seen.hidden_rows)} read, too.")
    if seen.hidden_columns:
        remarks.append("Hidden columns of the sheet were read, too.")
    if seen.errors:
        count = sum(seen.errors.values())
        kinds = ", ".join(kind for kind, _ in seen.errors.most_common(3))
        remarks.append(
            f"{_counted(count, 'cell')} with a formula’s error ({kinds}; the first is {seen.first_error}) "
            f"{_were(count)} read as blank."
        )
    if seen.filled:
        remarks.append(f"{_counted(seen.filled, 'cell')} below a merged cell got its value.")
    if beyond:
        remarks.append(
            f"Cells to the right of the table were left out in {_counted(beyond, 'row')}, first in row {first_beyond}."
        )
    return remarks


def _counted(count: int, thing: str) -> str:
    return f"{figure(count)} {thing}{'' if count == 1 else 's'}"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"
