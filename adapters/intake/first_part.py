"""The first part of a file: unpacked, decoded, and refused if it is no table."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from adapters.intake.characters import BOMS, Decoding, encoding_of, to_utf8, with_one_line_end
from adapters.intake.limits import USUAL, ReadingLimits
from adapters.intake.other_kinds import CHOOSE_ANOTHER, refuse_other_kinds
from adapters.intake.source import start_of
from domain.errors import FileRefused
from domain.file_format import FormatChoice

HEAD = 1024**2
"""Bytes that are examined."""
MAX_SHARE_WITH_NUL = 0.20
"""Share of lines with NUL bytes from which a file is rejected as binary. Below, only the rows are rejected."""
_LINES_WITH_NUL = re.compile(rb"\0[^\n]*")
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")


class FirstPart(NamedTuple):
    """The first part of a file as UTF-8 with LF line ends. `size` is its size before, `whole`: there is no more.

    See `Opened` for `packing`, `is_table`, `sheet` and `sheets`.
    """

    data: bytes
    size: int
    encoding: str
    encoding_chosen: bool
    whole: bool
    packing: str = ""
    is_table: bool = False
    sheet: str | None = None
    sheets: tuple[str, ...] = ()


def first_part(
    path: Path, choice: FormatChoice, *, known: Collection[str] = (), limits: ReadingLimits = USUAL
) -> FirstPart:
    """Detect the encoding. Raises FileRefused if the file is empty or no table, SheetUnclear for several tables."""
    start = start_of(path, size=HEAD, sheet=choice.sheet, limits=limits)
    own = start.packing, start.is_table, start.sheet, start.sheets
    if start.is_table:
        if not start.data.strip():
            raise FileRefused("The table is empty.", advice="Choose a file with a header and one customer per row.")
        return FirstPart(start.data, len(start.data), "utf-8", True, start.whole, *own)
    refuse_other_kinds(start.data)
    chosen = _encoding_chosen(start.data, choice)
    encoding = chosen or encoding_of(start.data, whole=start.whole, known=known)
    data = as_text(start.data, encoding)
    _refuse_binary(data)
    return FirstPart(data, len(start.data), encoding, chosen is not None, start.whole, *own)


def _encoding_chosen(head: bytes, choice: FormatChoice) -> str | None:
    """The encoding that a person chose, unless a byte order mark contradicts it."""
    marked = any(head.startswith(mark) for mark, _ in BOMS)
    return None if marked else choice.encoding


def as_text(head: bytes, encoding: str) -> bytes:
    decoding = Decoding(encoding, chosen=True)  # the encoding of this part is decided
    return b"".join(with_one_line_end(to_utf8([head], encoding, decoding)))


def _refuse_binary(data: bytes) -> None:
    if not data.strip():
        raise FileRefused("The file is empty.", advice=CHOOSE_ANOTHER)
    lines, damaged = data.count(b"\n") + 1, len(_LINES_WITH_NUL.findall(data))
    if b"\0" in data.split(b"\n", 1)[0] or damaged > lines * MAX_SHARE_WITH_NUL:
        raise holds_nuls()
    sample = data[:65_536]
    if len(_CONTROLS.findall(sample)) > len(sample) * 0.01:
        raise FileRefused("This is not a text file.", advice=CHOOSE_ANOTHER)


def holds_nuls() -> FileRefused:
    return FileRefused("The file is damaged or not a text file.", advice=CHOOSE_ANOTHER)
