"""One customer found in, or taken out of, a file that was received: row by row, all other bytes as they were."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from adapters.intake.blocks import row_blocks
from adapters.intake.recognition import header_of, recognise
from adapters.intake.source import text_chunks
from adapters.intake.structure import cells_of, row_index
from adapters.storage.problems import storage_problems
from application.ports.intake import StoredUpload
from domain import mention
from domain.errors import FileRefused
from domain.file_format import FileFormat
from domain.likeness import normalise

BLOCK_BYTES = 8 * 1024**2


@dataclass(frozen=True, slots=True)
class Sought:
    """A customer's id, and where a file keeps ids; None where that is unknown."""

    customer_id: str
    position: int | None

    @property
    def distinctive(self) -> bool:
        return mention.is_distinctive(self.customer_id)

    def is_in(self, cells: Sequence[str]) -> bool:
        """Whether a row is this customer's."""
        if self.position is not None and self.position < len(cells):
            return cells[self.position].strip() == self.customer_id
        return self.distinctive and any(cell.strip() == self.customer_id for cell in cells)

    def mentioned(self, text: str) -> bool:
        """Whether a text of somebody else's row names the customer."""
        return mention.names(text, self.customer_id)

    def without_mention(self, text: str) -> str:
        return mention.without(text, self.customer_id)


def rows_of(path: Path, customer_id: str, id_columns: Sequence[str]) -> list[dict[str, str]]:
    """The customer's rows as header → cell. Nothing for a file that cannot be read."""
    try:
        written = recognise(path).format
        header = header_of(path, written).names
        sought = _sought(header, customer_id, id_columns)
        found = [cells for _, cells in _candidates(path, written, sought) if sought.is_in(cells)]
    except FileRefused:
        return []
    return [dict(zip(header, cells, strict=False)) for cells in found]


@storage_problems()
def _accept_anything(_: StoredUpload) -> None:
    """For files whose hash stands nowhere."""


def erase(
    path: Path,
    customer_id: str,
    id_columns: Sequence[str],
    accept: Callable[[StoredUpload], None] = _accept_anything,
) -> StoredUpload | None:
    """Rewrite the file as UTF-8 without the customer; its new hash and size, or None where nothing had to go.

    A file that turns out unreadable is emptied when it names the customer: nobody can tell what else it says.
    """
    try:
        written = recognise(path).format
        header = header_of(path, written).names
        sought = _sought(header, customer_id, id_columns)
        if not any(True for _ in _touched(path, written, sought)):
            return None
        return _rewritten(path, _kept(path, written, sought), accept)
    except FileRefused:
        named = customer_id.encode() in path.read_bytes()
        return _rewritten(path, iter([b"unreadable\n"]), accept) if named else None


def erase_or_delete(path: Path, customer_id: str, id_columns: Sequence[str]) -> bool:
    """For a file without a record, whose column of ids is a guess: it is deleted if it still names the customer
    afterwards. Whether it named them."""
    try:
        erased = erase(path, customer_id, id_columns) is not None
        written = recognise(path).format
        named = any(customer_id.encode() in data for data in _blocks(path, written))
    except FileRefused:
        erased, named = False, customer_id.encode() in path.read_bytes()
    if named:
        path.unlink(missing_ok=True)
    return erased or named


@storage_problems()
def erase_rejected(path: Path, customer_id: str) -> bool:
    """Take the customer's lines out of a list of rejected rows. Whether there were any."""
    sought = Sought(customer_id, None)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    kept = [row for row in rows if not _rejected_of(row, sought)]
    if len(kept) == len(rows):
        return False
    text = io.StringIO(newline="")
    csv.writer(text).writerows(kept)
    _rewritten(path, iter([text.getvalue().encode()]))
    return True


def rejected_rows_of(path: Path, customer_id: str) -> list[dict[str, str]]:
    """The customer's lines in a list of rejected rows, as its header → cell."""
    sought = Sought(customer_id, None)
    with path.open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        header = next(lines, [])
        return [dict(zip(header, row, strict=False)) for row in lines if _rejected_of(row, sought)]


def _rejected_of(row: Sequence[str], sought: Sought) -> bool:
    """Whether a rejected line is the customer's, or names them; of a short id the cells have to be equal to it."""
    said = row[2:]
    if sought.distinctive:
        return any(sought.mentioned(text) for text in said)
    own = re.split(r"[,;|\t]", row[-1].lstrip("'"))[:1] if row else []
    return [cell.strip(' "') for cell in own] == [sought.customer_id]


def _sought(header: Sequence[str], customer_id: str, id_columns: Sequence[str]) -> Sought:
    wanted = [normalise(name) for name in id_columns]
    names = [normalise(name) for name in header]
    position = next((names.index(name) for name in wanted if name in names), None)
    return Sought(customer_id, position)


def _blocks(path: Path, format: FileFormat) -> Iterator[bytes]:
    chunks = text_chunks(path, format, size=BLOCK_BYTES)
    return (block.data for block in row_blocks(chunks, format.delimiter))


def _rows_naming(data: bytes, format: FileFormat, sought: Sought) -> dict[int, tuple[int, str]]:
    """Rows of a block in which the id's text occurs at all: start → (end, text). Most rows are never looked at."""
    index = row_index(data, format.delimiter)
    found: dict[int, tuple[int, str]] = {}
    for spelling in {sought.customer_id, sought.customer_id.replace('"', '""')}:
        for place in _occurrences(data, spelling.encode()):
            row = int(np.searchsorted(index.start, place, side="right")) - 1
            start, end = int(index.start[row]), int(index.end[row])
            found[start] = (end, data[start:end].decode("utf-8", "replace"))
    return found


def _occurrences(data: bytes, text: bytes) -> Iterator[int]:
    place = data.find(text)
    while place >= 0:
        yield place
        place = data.find(text, place + len(text))


def _candidates(path: Path, format: FileFormat, sought: Sought) -> Iterator[tuple[str, list[str]]]:
    for data in _blocks(path, format):
        for _, text in sorted(_rows_naming(data, format, sought).values()):
            yield text, cells_of(text, format.delimiter)


def _touched(path: Path, format: FileFormat, sought: Sought) -> Iterator[str]:
    """Rows that have to go or to change."""
    return (text for text, cells in _candidates(path, format, sought) if sought.is_in(cells) or sought.mentioned(text))


def _kept(path: Path, format: FileFormat, sought: Sought) -> Iterator[bytes]:
    for data in _blocks(path, format):
        place = 0
        for start, (end, text) in sorted(_rows_naming(data, format, sought).items()):
            yield data[place:start]
            place = end
            if sought.is_in(cells_of(text, format.delimiter)):
                place += 1  # the line end goes with the row
            elif sought.mentioned(text):
                yield sought.without_mention(text).encode()
            else:
                yield data[start:end]
        yield data[place:]


def _rewritten(
    path: Path, pieces: Iterator[bytes], accept: Callable[[StoredUpload], None] = _accept_anything
) -> StoredUpload:
    """Write beside the file, let the new hash be written down, then take its place."""
    temporary = path.with_name(path.name + ".part")
    digest, size = hashlib.sha256(), 0
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
            _flush(file)
        stored = StoredUpload(digest.hexdigest(), size)
        accept(stored)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return stored


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
