"""Finds or erases one customer in an uploaded file, row by row. All other bytes stay unchanged."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from adapters.durable import atomic_write, sync
from adapters.intake.blocks import row_blocks
from adapters.intake.recognition import header_of, recognise
from adapters.intake.source import text_chunks
from adapters.intake.structure import cells_of, row_index
from adapters.intake.tables.mentions import mentions
from adapters.storage.problems import storage_problems
from application.ports.intake import StoredUpload
from domain import redaction
from domain.errors import EncodingUnclear, FileRefused, SheetUnclear
from domain.file_format import FileFormat, FormatChoice
from domain.vocabulary.spelling import normalise
from domain.vocabulary.text_marks import without_text_marks

BLOCK_BYTES = 8 * 1024**2


@dataclass(frozen=True, slots=True)
class CustomerMatcher:
    """A customer's id and the position of a file's id column; None if that is unknown."""

    customer_id: str
    position: int | None

    @property
    def distinctive(self) -> bool:
        return redaction.is_distinctive(self.customer_id)

    def is_in(self, cells: Sequence[str]) -> bool:
        """Whether a row belongs to this customer."""
        if self.position is not None and self.position < len(cells):
            return self._is_id(cells[self.position])
        return self.distinctive and any(map(self._is_id, cells))

    def _is_id(self, cell: str) -> bool:
        """Whether a cell is the customer's id, with or without the marks of a spreadsheet program."""
        return cell.strip() == self.customer_id or without_text_marks(cell) == self.customer_id

    def mentioned(self, text: str) -> bool:
        """Whether a text in another customer's row mentions the customer."""
        return redaction.names(text, self.customer_id)

    def without_mention(self, text: str) -> str:
        return redaction.without(text, self.customer_id)


def rows_of(
    path: Path, customer_id: str, id_columns: Sequence[str], choice: FormatChoice | None = None
) -> list[dict[str, str]]:
    """The customer's rows as header → cell. Empty for a file that cannot be read."""
    try:
        file_format = _format_of(path, choice)
        header = header_of(path, file_format).names
        matcher = _matcher_for(header, customer_id, id_columns)
        rows = [cells for _, cells in _candidates(path, file_format, matcher) if matcher.is_in(cells)]
    except (FileRefused, SheetUnclear):
        return []
    return [dict(zip(header, cells, strict=False)) for cells in rows]


def _format_of(path: Path, choice: FormatChoice | None) -> FileFormat:
    """The file's format. Where its encoding is unclear, the most plausible one: nobody can be asked here."""
    choice = choice or FormatChoice()
    try:
        file_format = recognise(path, choice).format
    except EncodingUnclear as question:
        file_format = recognise(path, replace(choice, encoding=question.readings[0][0])).format
    return replace(file_format, encoding_chosen=True)


def _elsewhere(path: Path, format: FileFormat, matcher: CustomerMatcher) -> bool:
    """Whether a file of another kind mentions the customer outside the table that is read."""
    return not format.is_plain and mentions(path, matcher.customer_id, but=format.sheet)


def _accept_anything(_: StoredUpload) -> None:
    """For files without a recorded hash."""


@storage_problems()
def erase(
    path: Path,
    customer_id: str,
    id_columns: Sequence[str],
    accept: Callable[[StoredUpload], None] = _accept_anything,
    choice: FormatChoice | None = None,
) -> StoredUpload | None:
    """Rewrite the file as UTF-8 without the customer. Returns its new hash and size; None if nothing was changed.

    A workbook or an archive becomes the text of the table that is read. An unreadable file that contains the id is
    emptied, because its other content cannot be checked.
    """
    try:
        file_format = _format_of(path, choice)
        header = header_of(path, file_format).names
        matcher = _matcher_for(header, customer_id, id_columns)
        affected = any(True for _ in _affected_rows(path, file_format, matcher))
        if not affected and not _elsewhere(path, file_format, matcher):
            return None
        return _rewrite(path, _remaining(path, file_format, matcher), accept)
    except (FileRefused, SheetUnclear):
        mentioned = mentions(path, customer_id)
        return _rewrite(path, iter([b"unreadable\n"]), accept) if mentioned else None


def erase_or_delete(path: Path, customer_id: str, id_columns: Sequence[str]) -> bool:
    """Erase a customer from a file without a record, and delete the file if it still contains the id.

    The id column of such a file is a guess. Returns whether the file contained the customer.
    """
    try:
        erased = erase(path, customer_id, id_columns) is not None
        file_format = _format_of(path, None)
        mentioned = any(customer_id.encode() in data for data in _blocks(path, file_format))
    except (FileRefused, SheetUnclear):
        erased, mentioned = False, mentions(path, customer_id)
    if mentioned:
        path.unlink(missing_ok=True)
    return erased or mentioned


@storage_problems()
def erase_rejected(path: Path, customer_id: str) -> bool:
    """Remove the customer's lines from a list of rejected rows. Returns whether there were any."""
    matcher = CustomerMatcher(customer_id, None)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    remaining = [row for row in rows if not _is_about(row, matcher)]
    if len(remaining) == len(rows):
        return False
    text = io.StringIO(newline="")
    csv.writer(text).writerows(remaining)
    _rewrite(path, iter([text.getvalue().encode()]))
    return True


def rejected_rows_of(path: Path, customer_id: str) -> list[dict[str, str]]:
    """The customer's lines in a list of rejected rows, as header → cell."""
    matcher = CustomerMatcher(customer_id, None)
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        header = next(lines, [])
        return [dict(zip(header, row, strict=False)) for row in lines if _is_about(row, matcher)]


def _is_about(row: Sequence[str], matcher: CustomerMatcher) -> bool:
    """Whether a rejected line belongs to or mentions the customer. For a short id, a cell must equal it."""
    cells = row[2:]
    if matcher.distinctive:
        return any(matcher.mentioned(text) for text in cells)
    first_cell = re.split(r"[,;|\t^~:]", row[-1].lstrip("'"))[:1] if row else []
    return [cell.strip(' "') for cell in first_cell] == [matcher.customer_id]


def _matcher_for(header: Sequence[str], customer_id: str, id_columns: Sequence[str]) -> CustomerMatcher:
    id_names = [normalise(name) for name in id_columns]
    names = [normalise(name) for name in header]
    position = next((names.index(name) for name in id_names if name in names), None)
    return CustomerMatcher(customer_id, position)


def _blocks(path: Path, format: FileFormat) -> Iterator[bytes]:
    chunks = text_chunks(path, format, size=BLOCK_BYTES)
    return (block.data for block in row_blocks(chunks, format.delimiter))


def _rows_containing(data: bytes, format: FileFormat, matcher: CustomerMatcher) -> dict[int, tuple[int, str]]:
    """Rows of a block that contain the id's text: start → (end, text). Other rows are not parsed."""
    index = row_index(data, format.delimiter)
    matches: dict[int, tuple[int, str]] = {}
    for spelling in {matcher.customer_id, matcher.customer_id.replace('"', '""')}:
        for place in _occurrences(data, spelling.encode()):
            row = int(np.searchsorted(index.start, place, side="right")) - 1
            start, end = int(index.start[row]), int(index.end[row])
            matches[start] = (end, data[start:end].decode("utf-8", "replace"))
    return matches


def _occurrences(data: bytes, text: bytes) -> Iterator[int]:
    place = data.find(text)
    while place >= 0:
        yield place
        place = data.find(text, place + len(text))


def _candidates(path: Path, format: FileFormat, matcher: CustomerMatcher) -> Iterator[tuple[str, list[str]]]:
    for data in _blocks(path, format):
        for _, text in sorted(_rows_containing(data, format, matcher).values()):
            yield text, cells_of(text, format.delimiter)


def _affected_rows(path: Path, format: FileFormat, matcher: CustomerMatcher) -> Iterator[str]:
    """Rows that must be removed or changed."""
    return (
        text for text, cells in _candidates(path, format, matcher) if matcher.is_in(cells) or matcher.mentioned(text)
    )


def _remaining(path: Path, format: FileFormat, matcher: CustomerMatcher) -> Iterator[bytes]:
    for data in _blocks(path, format):
        place = 0
        for start, (end, text) in sorted(_rows_containing(data, format, matcher).items()):
            yield data[place:start]
            place = end
            if matcher.is_in(cells_of(text, format.delimiter)):
                place += 1  # remove the line end too
            elif matcher.mentioned(text):
                yield matcher.without_mention(text).encode()
            else:
                yield data[start:end]
        yield data[place:]


def _rewrite(
    path: Path, pieces: Iterator[bytes], accept: Callable[[StoredUpload], None] = _accept_anything
) -> StoredUpload:
    """Replace the file's content.

    `accept` records the new hash after the content is on disk, before the replacement.
    """
    digest, size = hashlib.sha256(), 0
    with atomic_write(path, draft=path.with_name(path.name + ".part")) as file:
        for piece in pieces:
            digest.update(piece)
            size += len(piece)
            file.write(piece)
        sync(file)
        stored = StoredUpload(digest.hexdigest(), size)
        accept(stored)
    return stored
