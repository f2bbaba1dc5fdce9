"""Reads lists of customers' ids: plain lists and tables. Encoding, delimiter and titles are those of customer files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from adapters.formatting.figures import number
from adapters.intake.blocks import row_blocks, without_first_rows
from adapters.intake.first_part import FirstPart, first_part
from adapters.intake.limits import USUAL, ReadingLimits
from adapters.intake.recognition import (
    JUDGED_ROWS,
    MIN_EVEN,
    USUAL_DELIMITERS,
    most_even,
    rows_of,
    separator_line,
    split_header,
)
from adapters.intake.source import text_chunks
from adapters.intake.structure import cells_of, row_index
from application.ports.do_not_contact import FaultyLine, IdList
from domain.customer import MAX_ID_LENGTH, CustomerId, stored_id
from domain.do_not_contact import MAX_AT_ONCE
from domain.errors import FileRefused
from domain.file_format import FileFormat, FormatChoice
from domain.id_matching import id_column_of, is_heading

BLOCK_BYTES = 1024**2
FAULTS_LISTED = 20
PLAIN = "\x1f"
"""In place of a delimiter where each line is one id. No text has it, so quotes are read and nothing is split."""


class Shape(NamedTuple):
    """Where the ids are: the column's position and heading, the number of columns, and the rows before the ids."""

    delimiter: str
    position: int
    columns: int
    skipped: int
    heading: str | None


class Unusable(Exception):
    """A line has no id that can be used. The text is the reason."""


@dataclass(frozen=True, slots=True)
class CsvIdLists:
    """Reads ids from text files and tables of any kind that customer files have."""

    limits: ReadingLimits = USUAL
    most: int = MAX_AT_ONCE

    def read(self, path: Path) -> IdList:
        head = first_part(path, FormatChoice(), limits=self.limits)
        shape = _shape_of(head, self.limits)
        ids: dict[CustomerId, None] = {}
        repeated, faults = 0, list[FaultyLine]()
        count = 0
        for line, row in self._rows(path, head, shape):
            try:
                own = _id_in(row, shape)
            except Unusable as reason:
                count += 1
                faults += [FaultyLine(line, str(reason))] if count <= FAULTS_LISTED else []
                continue
            repeated += own in ids
            ids[own] = None
            if len(ids) > self.most:
                raise FileRefused(f"The file holds more than {number(self.most)} ids.", advice="Split it.")
        return IdList(tuple(ids), shape.heading, repeated, count, tuple(faults))

    def _rows(self, path: Path, head: FirstPart, shape: Shape) -> Iterator[tuple[int, bytes]]:
        """Each row that is not blank, with the number of its line."""
        file_format = FileFormat(
            encoding=head.encoding, delimiter=shape.delimiter, packing=head.packing, sheet=head.sheet or ""
        )
        chunks = text_chunks(path, file_format, size=BLOCK_BYTES, unpacked=self.limits.unpacked_bytes)
        blocks = row_blocks(chunks, shape.delimiter, self.limits)
        for block in without_first_rows(blocks, shape.delimiter, rows=shape.skipped):
            index = row_index(block.data, shape.delimiter)
            spans = zip(index.start.tolist(), index.end.tolist(), index.line.tolist(), strict=True)
            for start, end, line in spans:
                row = block.data[start:end]
                if row.strip():
                    yield block.line + line, row


def _shape_of(head: FirstPart, limits: ReadingLimits) -> Shape:
    (even, _), delimiter = most_even(head.data, USUAL_DELIMITERS, whole=head.whole)
    before = separator_line(head.data) is not None
    if even < MIN_EVEN:
        return _plain_shape(rows_of(head.data, PLAIN, whole=head.whole, limits=limits), before)
    rows = rows_of(head.data, delimiter, whole=head.whole, limits=limits)
    header, _, above = split_header(rows, delimiter, limits)
    position = id_column_of(header)
    if position is None:
        names = ", ".join(f"“{name}”" for name in header[:5])
        raise FileRefused(
            f"No column with the customers’ ids was recognised among {names}.",
            advice="Keep that column alone, or call it “customer_id”.",
        )
    return Shape(delimiter, position, len(header), above + before + 1, header[position])


def _plain_shape(rows: list[str], before: bool) -> Shape:
    cells = [stored_id(cells_of(row, PLAIN)[0]) for row in rows[: JUDGED_ROWS + 1]]
    titled = bool(cells) and is_heading(cells[0], cells[1:])
    return Shape(PLAIN, 0, 1, before + titled, cells[0] if titled else None)


def _id_in(row: bytes, shape: Shape) -> CustomerId:
    """Raises Unusable."""
    try:
        text = row.decode()
    except UnicodeDecodeError:
        raise Unusable("contains bytes that are not text in the file’s encoding") from None
    if "\0" in text:
        raise Unusable("contains characters that are not text")
    cells = cells_of(text, shape.delimiter) if '"' in text else text.split(shape.delimiter)
    if len(cells) != shape.columns:
        many = f"{number(len(cells))} column{'' if len(cells) == 1 else 's'}"
        raise Unusable(f"has {many} instead of {number(shape.columns)}")
    own = stored_id(cells[shape.position])
    if not own:
        raise Unusable("has no id")
    if len(own) > MAX_ID_LENGTH:
        raise Unusable(f"is longer than {MAX_ID_LENGTH} characters")
    if own == shape.heading:
        raise Unusable("repeats the heading")
    if shape.delimiter == PLAIN and '"' not in text and any(sign in own for sign in USUAL_DELIMITERS):
        raise Unusable("has several columns, unlike the other lines")
    return own
