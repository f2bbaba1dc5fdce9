"""Reads lists of outcomes. Encoding, delimiter and titles are those of customer files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from adapters.formatting.figures import number
from adapters.intake.blocks import row_blocks, without_first_rows
from adapters.intake.dates import MAX_TEXTS
from adapters.intake.limits import USUAL, ReadingLimits
from adapters.intake.recognition import JUDGED_ROWS, recognise, separator_line
from adapters.intake.source import text_chunks
from adapters.intake.structure import cells_of, row_index
from application.ports.intake import FilePreview
from application.ports.outcome_lists import OutcomeList, OutcomeLists
from domain.customer import MAX_ID_LENGTH, stored_id
from domain.dates import DateForm, day_of, day_part, form_of, is_no_date, iso_day, order_question
from domain.errors import FileRefused
from domain.file_format import FormatChoice
from domain.outcome_list import MAX_ROWS, OutcomeColumns, OutcomeRow, columns_of, outcome_of_word
from domain.vocabulary.values import MISSING_NUMBERS

BLOCK_BYTES = 1024**2


class _Fault(Exception):
    """A row cannot be read. The text is the reason."""


@dataclass(frozen=True, slots=True)
class CsvOutcomeLists:
    """Reads lists of outcomes from text files and tables of any kind that customer files have."""

    limits: ReadingLimits = USUAL
    most: int = MAX_ROWS

    def open(self, path: Path, choice: FormatChoice) -> OutcomeList:
        preview = recognise(path, choice, self.limits)
        sample = [cells for _, cells in zip(range(JUDGED_ROWS), self._cells(path, preview), strict=False)]
        columns = columns_of(preview.header, [cells for _, cells in sample if isinstance(cells, list)])
        form = self._date_form(path, preview, columns, choice)
        return OutcomeList(columns, lambda: self._rows(path, preview, columns, form))

    def _date_form(
        self, path: Path, preview: FilePreview, columns: OutcomeColumns, choice: FormatChoice
    ) -> DateForm | None:
        """How the dates of the whole file are written. Raises DatesUnclear."""
        place = columns.day
        if place is None:
            return None
        texts: dict[str, None] = {}
        for _, cells in self._cells(path, preview):
            if (
                isinstance(cells, list)
                and len(cells) > place
                and len(texts) < MAX_TEXTS
                and not _is_blank(cells[place])
            ):
                texts[cells[place]] = None
        form = form_of(columns.header[place], list(texts), expected=True)
        if form is not DateForm.UNCLEAR:
            return form or DateForm.YEAR_FIRST
        if choice.date_order is None:
            raise order_question(columns.header[place], texts)
        return DateForm(choice.date_order)

    def _rows(
        self, path: Path, preview: FilePreview, columns: OutcomeColumns, form: DateForm | None
    ) -> Iterator[OutcomeRow]:
        for count, (line, cells) in enumerate(self._cells(path, preview), start=1):
            if count > self.most:
                raise FileRefused(f"The file has more than {number(self.most)} rows.", advice="Split it.")
            yield _row(line, cells, columns, form)

    def _cells(self, path: Path, preview: FilePreview) -> Iterator[tuple[int, list[str] | str]]:
        """The line and the cells of each row that is not blank; a text instead says why the row cannot be read."""
        file_format = preview.format
        delimiter, width = file_format.delimiter, len(preview.header)
        chunks = text_chunks(path, file_format, size=BLOCK_BYTES, unpacked=self.limits.unpacked_bytes)
        blocks = row_blocks(chunks, delimiter, self.limits)
        skipped = preview.above + 1 + _names_separator(path, preview)
        for block in without_first_rows(blocks, delimiter, rows=skipped):
            index = row_index(block.data, delimiter)
            for start, end, line in zip(index.start.tolist(), index.end.tolist(), index.line.tolist(), strict=True):
                row = block.data[start:end]
                if row.strip():
                    yield block.line + line, _split(row, delimiter, width)


def _names_separator(path: Path, preview: FilePreview) -> bool:
    """Whether a line such as "sep=;" stands above the header."""
    first = next(iter(text_chunks(path, preview.format, size=BLOCK_BYTES)), b"")
    return separator_line(first) is not None


def _split(row: bytes, delimiter: str, width: int) -> list[str] | str:
    try:
        text = row.decode()
    except UnicodeDecodeError:
        return "contains bytes that are not text in the file’s encoding"
    if "\0" in text:
        return "contains characters that are not text"
    cells = cells_of(text, delimiter) if '"' in text else text.split(delimiter)
    if len(cells) == width + 1 and not cells[-1].strip():
        return cells[:-1]
    if len(cells) != width:
        return f"has {number(len(cells))} column{'' if len(cells) == 1 else 's'} instead of {number(width)}"
    return cells


def _row(line: int, cells: list[str] | str, columns: OutcomeColumns, form: DateForm | None) -> OutcomeRow:
    if isinstance(cells, str):
        return OutcomeRow(line, "", fault=cells)
    customer = stored_id(cells[columns.customer])
    if not customer or len(customer) > MAX_ID_LENGTH:
        reason = f"has an id longer than {MAX_ID_LENGTH} characters" if customer else "has no id"
        return OutcomeRow(line, customer[:MAX_ID_LENGTH], fault=reason)
    text = cells[columns.outcome].strip()
    outcome = outcome_of_word(text, columns.yes_left)
    if outcome is None:
        reason = f"says “{text[:60]}”, which is neither left nor stayed" if text else "has no outcome"
        return OutcomeRow(line, customer, fault=reason)
    try:
        day = None if columns.day is None or form is None else _day(cells[columns.day], form)
    except _Fault as fault:
        return OutcomeRow(line, customer, fault=str(fault))
    return OutcomeRow(line, customer, outcome, day)


@lru_cache(maxsize=4096)
def _day(text: str, form: DateForm) -> date | None:
    """The date; None for a blank. Raises _Fault."""
    if _is_blank(text):
        return None
    day = day_of(day_part(text), form)
    if day is None:
        raise _Fault(f"has “{text.strip()[:60]}” where a date is expected")
    return date.fromisoformat(iso_day(day))


def _is_blank(text: str) -> bool:
    return day_part(text.strip()) in MISSING_NUMBERS or is_no_date(text)


_: type[OutcomeLists] = CsvOutcomeLists
