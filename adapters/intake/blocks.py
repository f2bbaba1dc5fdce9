"""Splits a stream of text into blocks of complete rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from adapters.intake.limits import USUAL, ReadingLimits
from adapters.intake.recognition import quote_too_long, row_too_long, unclosed_quote
from adapters.intake.structure import ends_inside_quotes, row_index


@dataclass(frozen=True, slots=True)
class Block:
    """Complete rows as UTF-8 with LF line ends. `line` is the number of their first line in the file, from 1.

    `embedded` is true if quoted cells may contain line ends.
    """

    data: bytes
    line: int
    embedded: bool = False


def row_blocks(chunks: Iterable[bytes], delimiter: str, limits: ReadingLimits = USUAL) -> Iterator[Block]:
    """Split each chunk after its last complete row. The rest becomes part of the next block.

    Raises FileRefused for a row above the limit and for a quote that is never closed.
    """
    rest, line = b"", 1
    for chunk in chunks:
        data = rest + chunk if rest else chunk
        cut, embedded = _last_row_end(data, delimiter)
        if cut:
            yield Block(data[:cut], line, embedded)
            line += data.count(b"\n", 0, cut)
        rest = data[cut:]
        if not cut and len(rest) > limits.row_bytes:
            raise quote_too_long(line, limits) if ends_inside_quotes(rest, delimiter) else row_too_long(line, limits)
    if ends_inside_quotes(rest, delimiter):
        raise unclosed_quote(line)
    if rest:
        data = rest if rest.endswith(b"\n") else rest + b"\n"
        yield Block(data, line, _last_row_end(data, delimiter)[1])


def _last_row_end(data: bytes, delimiter: str) -> tuple[int, bool]:
    """Offset after the last complete row (0 if there is none), and whether quoted cells may contain line ends."""
    if b'"' not in data:
        return data.rfind(b"\n") + 1, False
    index = row_index(data, delimiter)
    return index.end_of_last, index.embedded


def without_first_rows(blocks: Iterable[Block], delimiter: str, *, rows: int) -> Iterator[Block]:
    """Remove the header rows, which can be in a separate block."""
    for block in blocks:
        if not rows:
            yield block
            continue
        index = row_index(block.data, delimiter)
        removed = min(rows, len(index))
        rows -= removed
        if removed < len(index):
            start = int(index.start[removed])
            yield Block(block.data[start:], block.line + block.data.count(b"\n", 0, start), block.embedded)
