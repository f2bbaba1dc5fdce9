"""A stream of text cut into blocks of whole rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from adapters.intake.limits import USUAL, ReadingLimits
from adapters.intake.recognition import row_too_long, unclosed_quote
from adapters.intake.structure import ends_inside_quotes, row_index


@dataclass(frozen=True, slots=True)
class Block:
    """Whole rows as UTF-8 with LF line ends; `line` is the file's line on which they begin, from 1.

    `embedded` tells that quoted cells may hold line ends.
    """

    data: bytes
    line: int
    embedded: bool = False


def row_blocks(chunks: Iterable[bytes], delimiter: str, limits: ReadingLimits = USUAL) -> Iterator[Block]:
    """Cut at the last row end of each chunk; what follows goes on in the next block.

    Raises FileRefused for a row that doesn't end within the limit, and for a quote that is open at the file's end.
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
            raise unclosed_quote(line) if ends_inside_quotes(rest, delimiter) else row_too_long(line, limits)
    if ends_inside_quotes(rest, delimiter):
        raise unclosed_quote(line)
    if rest:
        data = rest if rest.endswith(b"\n") else rest + b"\n"
        yield Block(data, line, _last_row_end(data, delimiter)[1])


def _last_row_end(data: bytes, delimiter: str) -> tuple[int, bool]:
    """Offset after the last complete row (0: there is none), and whether quoted cells may hold line ends."""
    if b'"' not in data:
        return data.rfind(b"\n") + 1, False
    index = row_index(data, delimiter)
    return index.end_of_last, index.embedded


def without_first_rows(blocks: Iterable[Block], delimiter: str, *, rows: int) -> Iterator[Block]:
    """Leave out the header, which may come in a block of its own."""
    for block in blocks:
        if not rows:
            yield block
            continue
        index = row_index(block.data, delimiter)
        taken = min(rows, len(index))
        rows -= taken
        if taken < len(index):
            start = int(index.start[taken])
            yield Block(block.data[start:], block.line + block.data.count(b"\n", 0, start), block.embedded)
