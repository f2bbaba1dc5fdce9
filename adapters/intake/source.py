"""Reads a customer file of any kind in chunks of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from adapters.intake.characters import Decoding, to_utf8, with_one_line_end
from adapters.intake.limits import USUAL, ReadingLimits
from adapters.intake.tables.opened import opened
from domain.file_format import FileFormat

MAX_LINES = 256 * 1024
"""Line ends in a chunk. What is kept for each line would need much more memory than a chunk of very short ones."""


class Start(NamedTuple):
    """The first bytes of a file's text, and how the file is packed; see `Opened`. `whole`: there is no more."""

    data: bytes
    whole: bool
    words: tuple[str, ...]
    is_table: bool
    sheet: str | None
    sheets: tuple[str, ...]

    @property
    def packing(self) -> str:
        """What was unpacked or converted, in words."""
        return ", ".join(self.words)


def start_of(path: Path, *, size: int, sheet: str | None = None, limits: ReadingLimits = USUAL) -> Start:
    """The first `size` bytes, unpacked. Raises FileRefused and SheetUnclear."""
    with opened(path, limits=limits, size=size, sheet=sheet) as file:
        data = next(file.chunks, b"")
        whole = len(data) < size
        if whole:
            next(file.chunks, None)  # raises FileRefused if something else than the file's end was reached
        return Start(data, whole, file.words, file.is_table, file.sheet, file.sheets)


def text_chunks(
    path: Path,
    format: FileFormat,
    *,
    size: int,
    decoding: Decoding | None = None,
    unpacked: int = USUAL.unpacked_bytes,
) -> Iterator[bytes]:
    """The file as UTF-8 with LF line ends, in chunks of at most about `size` bytes and MAX_LINES line ends.

    A chunk can end within a row. Remarks about the file are added to those of `decoding` at its end.
    """
    decoding = decoding or Decoding(format.encoding, chosen=format.encoding_chosen)
    limits = replace(USUAL, unpacked_bytes=unpacked)
    with opened(path, limits=limits, size=size, sheet=format.sheet or None) as file:
        if file.is_table:
            yield from of_few_lines(file.chunks)
        else:
            yield from of_few_lines(with_one_line_end(to_utf8(file.chunks, format.encoding, decoding)))
        decoding.remarks.extend(file.remarks)


def of_few_lines(chunks: Iterable[bytes], most: int = MAX_LINES) -> Iterator[bytes]:
    """The same bytes. A chunk with more than `most` line ends is halved until its parts have fewer."""
    for chunk in chunks:
        parts = [chunk]
        while parts:
            part = parts.pop()
            if len(part) > most and part.count(b"\n") > most:
                half = len(part) // 2
                parts += (part[half:], part[:half])
            else:
                yield part
