"""Reads a customer file of any kind in chunks of text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from adapters.intake.characters import Decoding, to_utf8, with_one_line_end
from adapters.intake.limits import USUAL, ReadingLimits
from adapters.intake.tables.opened import opened
from domain.file_format import FileFormat


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
    """The file as UTF-8 with LF line ends, in chunks of about `size` bytes that can end within a row.

    Remarks about the file are added to those of `decoding` at its end.
    """
    decoding = decoding or Decoding(format.encoding, chosen=format.encoding_chosen)
    limits = replace(USUAL, unpacked_bytes=unpacked)
    with opened(path, limits=limits, size=size, sheet=format.sheet or None) as file:
        if file.is_table:
            yield from file.chunks
        else:
            yield from with_one_line_end(to_utf8(file.chunks, format.encoding, decoding))
        decoding.remarks.extend(file.remarks)
