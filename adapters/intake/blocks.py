"""A stream of text cut into blocks of whole rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from adapters.intake.recognition import LONGEST_ROW, row_too_long, unclosed_quote
from adapters.intake.structure import ends_inside_quotes, last_row_end, row_index


@dataclass(frozen=True, slots=True)
class Block:
    """Whole rows as UTF-8 with LF line ends; `line` is the file's line on which they begin, from 1."""

    data: bytes
    line: int


def row_blocks(chunks: Iterable[bytes], delimiter: str) -> Iterator[Block]:
    """Cut at the last row end of each chunk; what follows goes on in the next block.

    Raises FileRefused for a row that doesn't end within 1 MiB, and for a quote that is open at the file's end.
    """
    rest, line = b"", 1
    for chunk in chunks:
        data = rest + chunk if rest else chunk
        cut = last_row_end(data, delimiter)
        if cut:
            yield Block(data[:cut], line)
            line += data.count(b"\n", 0, cut)
        rest = data[cut:]
        if not cut and len(rest) > LONGEST_ROW:
            raise unclosed_quote(line) if ends_inside_quotes(rest, delimiter) else row_too_long(line)
    if ends_inside_quotes(rest, delimiter):
        raise unclosed_quote(line)
    if rest:
        yield Block(rest if rest.endswith(b"\n") else rest + b"\n", line)


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
            yield Block(block.data[start:], block.line + block.data.count(b"\n", 0, start))
