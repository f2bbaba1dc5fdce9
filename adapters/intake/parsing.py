"""Parses blocks of rows into columns. Rejects unreadable rows with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from adapters.formatting.figures import number
from adapters.intake.blocks import Block
from adapters.intake.limits import USUAL, ReadingLimits, in_words
from adapters.intake.plain_numbers import plain_numbers
from adapters.intake.recognition import row_too_long
from adapters.intake.rows import BLANK, BlockRows, ParsedBlock
from adapters.intake.structure import cells_of
from application.ports.intake import RejectedRow
from domain.file_format import FileFormat

MAX_RAGGED = 50_000
"""Ragged rows in a block from which the file is rejected immediately, if they are more than half of the block."""
LISTED_OF_RAGGED = 1_000

PARSED_AT_ONCE = 512 * 1024
"""Bytes that the parser processes at once. If they fit into a core's cache, parsing takes two thirds of the time."""

SEVERAL_ROWS = "contains several lines in one cell: there is probably a quotation mark too few or too many"


class MostlyRagged(Exception):
    """Most rows of a block have the wrong length, so the file is not a table with this header."""

    def __init__(self, rejected: tuple[RejectedRow, ...]) -> None:
        super().__init__(len(rejected))
        self.rejected = rejected


class Parse(Enum):
    """The type of a parsed column: numbers as float64 (or encoded text if some are not numbers), encoded levels,
    text."""

    NUMBER = "number"
    LEVEL = "level"
    TEXT = "text"

    @property
    def arrow(self) -> pa.DataType:
        """The type of the parsed cells. Numbers are parsed as text and converted afterwards: both are needed."""
        return pa.dictionary(pa.int32(), pa.string()) if self is Parse.LEVEL else pa.string()


class BlockParser:
    """Parses the blocks of one file. After text in a column of numbers, the column is parsed as text from then on.

    Uses one thread, so the result does not depend on the number of cores.
    """

    def __init__(
        self,
        header: Sequence[str],
        kinds: Sequence[Parse],
        format: FileFormat,
        limits: ReadingLimits = USUAL,
    ) -> None:
        self._header = tuple(header)
        self._kinds = list(kinds)
        self._format = format
        self._limits = limits

    def read_as_text(self, position: int) -> None:
        """Parse a column of numbers as text from now on."""
        self._kinds[position] = Parse.LEVEL

    def parse(self, block: Block) -> ParsedBlock:
        """Raises FileRefused for a row above the limit."""
        rows = self._screened(block) if _suspicious(block, self._limits.cell_bytes) else None
        while True:
            places = rows.kept() if rows else None
            data = block.data if rows is None or places is None else rows.data_of(places)
            ragged: list[tuple[int, int]] = []
            try:
                # Only rows that were checked one by one can be longer than the bytes parsed at once.
                table = self._read(data, ragged, at_once=PARSED_AT_ONCE if rows is None else len(data) + 1)
                break
            except pa.ArrowInvalid as error:
                if len(ragged) > MAX_RAGGED:
                    raise MostlyRagged(self._first_of(ragged, block, rows)) from error
                if rows is not None:
                    raise
                rows = self._screened(block)
        return self._with_numbers(self._parsed(block, table, ragged, rows, places))

    def _with_numbers(self, parsed: ParsedBlock) -> ParsedBlock:
        """Convert columns of numbers, and keep their texts: 29.90 and 29.9 are the same number."""
        columns, texts = list(parsed.columns), dict[int, Any]()
        for position in [position for position, kind in enumerate(self._kinds) if kind is Parse.NUMBER]:
            cells = columns[position]
            values = plain_numbers(cells, self._format.decimal)
            if values is None:
                self._kinds[position] = Parse.LEVEL
                columns[position] = cells.dictionary_encode()
            else:
                columns[position], texts[position] = values, cells
        return replace(parsed, columns=tuple(columns), texts=texts)

    def _first_of(self, ragged: list[tuple[int, int]], block: Block, rows: BlockRows | None) -> tuple[RejectedRow, ...]:
        rows = rows or BlockRows(block, self._format.delimiter)
        places = rows.kept()
        for row, columns in ragged[:LISTED_OF_RAGGED]:
            self._refuse_ragged(rows, int(places[row]), columns)
        return tuple(rows.refused[place] for place in sorted(rows.refused))

    def _refuse_ragged(self, rows: BlockRows, place: int, columns: int) -> None:
        actual = f"{number(columns)} column{'' if columns == 1 else 's'} instead of {number(len(self._header))}"
        rows.refuse(place, actual if rows.bytes_of(place).strip() else BLANK)

    def _screened(self, block: Block) -> BlockRows:
        """Reject rows with NUL bytes, undecodable bytes, too long cells, or other rows inside a quoted cell."""
        rows = BlockRows(block, self._format.delimiter)
        lengths = rows.index.end - rows.index.start
        if len(lengths) and lengths.max() > self._limits.row_bytes:
            raise row_too_long(rows.line_of(int(lengths.argmax())), self._limits)
        for place in range(len(rows.index)):
            text = rows.bytes_of(place)
            if not text.isascii():
                self._refuse_undecodable(rows, place, text)
            if b"\0" in text:
                rows.refuse(place, "contains characters that are not text")
            if b"\n" in text and self._swallows_rows(text):
                rows.refuse(place, SEVERAL_ROWS)
        for place in np.flatnonzero(lengths > self._limits.cell_bytes).tolist():
            self._refuse_enormous(rows, place)
        return rows

    def _swallows_rows(self, text: bytes) -> bool:
        """Whether a quoted cell probably contains rows: one of its lines has as many delimiters as a row."""
        delimiter, needed = self._format.delimiter.encode(), len(self._header) - 1
        return (
            needed > 1
            and text.count(delimiter) >= 2 * needed
            and any(line.count(delimiter) >= needed for line in text.split(b"\n")[1:])
        )

    def _refuse_undecodable(self, rows: BlockRows, place: int, text: bytes) -> None:
        try:
            text.decode("utf-8")
        except UnicodeDecodeError:
            cells = cells_of(text.decode("utf-8", "surrogateescape"), self._format.delimiter)
            for position, cell in enumerate(cells):
                value = cell.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
                if any("\udc80" <= character <= "\udcff" for character in cell):
                    reason = "contains bytes that are not text in the file's encoding"
                    rows.refuse(place, reason, column=self._name(position), value=value)
                    return

    def _refuse_enormous(self, rows: BlockRows, place: int) -> None:
        text = rows.bytes_of(place)
        if b'"' not in text and max(map(len, text.split(self._format.delimiter.encode()))) <= self._limits.cell_bytes:
            return  # a long row with many short cells
        for position, cell in enumerate(rows.cells_of(place)):
            if len(cell.encode()) > self._limits.cell_bytes:
                reason = f"a cell is longer than {in_words(self._limits.cell_bytes)}"
                rows.refuse(place, reason, column=self._name(position), value=cell)
                return

    def _name(self, position: int) -> str:
        return self._header[position] if position < len(self._header) else ""

    def _read(self, data: bytes, ragged: list[tuple[int, int]], *, at_once: int) -> pa.Table:
        names = [str(position) for position in range(len(self._header))]

        @cache
        def half_of_the_lines() -> int:
            return data.count(b"\n") // 2

        def set_aside(row: Any) -> str:
            ragged.append((row.number - 1, row.actual_columns))
            return "skip" if len(ragged) <= MAX_RAGGED or len(ragged) <= half_of_the_lines() else "error"

        if not data:
            return pa.table({name: pa.array([], kind.arrow) for name, kind in zip(names, self._kinds, strict=True)})
        return pa_csv.read_csv(
            pa.py_buffer(data),
            read_options=pa_csv.ReadOptions(use_threads=False, block_size=at_once, column_names=names),
            parse_options=pa_csv.ParseOptions(
                delimiter=self._format.delimiter,
                quote_char=self._format.quote,
                newlines_in_values=b'"' in data,
                invalid_row_handler=set_aside,
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types={name: kind.arrow for name, kind in zip(names, self._kinds, strict=True)},
                strings_can_be_null=False,
                check_utf8=not data.isascii(),
            ),
        )

    def _parsed(
        self,
        block: Block,
        table: pa.Table,
        ragged: list[tuple[int, int]],
        rows: BlockRows | None,
        places: NDArray[np.int64] | None,
    ) -> ParsedBlock:
        if ragged and rows is None:
            rows = BlockRows(block, self._format.delimiter)
            places = rows.kept()
        if rows is None or places is None:
            source = BlockRows(block, self._format.delimiter)
            return ParsedBlock(_arrays(table), np.arange(table.num_rows), table.num_rows, source)
        for row, columns in ragged:
            self._refuse_ragged(rows, int(places[row]), columns)
        return ParsedBlock(_arrays(table), rows.kept(), len(rows.index), rows)


def _arrays(table: pa.Table) -> tuple[Any, ...]:
    """One unchunked array per column."""
    return tuple(
        column.chunk(0) if column.num_chunks == 1 else column.unify_dictionaries().combine_chunks()
        for column in table.columns
    )


def _suspicious(block: Block, longest_cell: int) -> bool:
    """Whether rows must be checked one by one: NUL bytes, embedded line ends, or a very long row."""
    data = block.data
    return (
        block.embedded
        or b"\0" in data
        or _has_long_row(data, longest_cell // 2)
        or not (data.isascii() or _is_utf8(data))
    )


def _is_utf8(data: bytes) -> bool:
    try:
        pa.scalar(data, pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True


def _has_long_row(data: bytes, window: int) -> bool:
    """Whether a row is longer than the longest cell.

    Such a row fills at least one aligned window of half that length.
    """
    return any(data.find(b"\n", start, start + window) < 0 for start in range(0, len(data) - window + 1, window))
