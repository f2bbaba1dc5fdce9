"""Whether a packed file or a workbook mentions a customer anywhere, also where it is not read: other sheets, notes."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from adapters.intake.limits import USUAL
from adapters.intake.tables.kinds import HEAD, TableKind, kind_of
from adapters.intake.tables.opened import opened
from adapters.intake.tables.packed import broken_as, entry
from domain.errors import FileRefused, SheetUnclear

CHUNK = 1024**2


def mentions(path: Path, customer_id: str, *, but: str = "") -> bool:
    """`but` is a sheet that is known not to mention the customer.

    Searched for as a whole word in the file's bytes, in the entries of an archive, and in the cells of every sheet.
    """
    word = re.compile(b"|".join(_whole_word(customer_id, encoding) for encoding in ("utf-8", "utf-16-le")))
    longest = 4 * len(customer_id) + 8
    return any(_is_in(chunks, word, longest) for chunks in _parts(path, but))


def _whole_word(customer_id: str, encoding: str) -> bytes:
    zero = b"\\x00" if encoding == "utf-16-le" else b""
    letter = b"[0-9A-Za-z]" + zero
    return b"(?<!" + letter + b")" + re.escape(customer_id.encode(encoding)) + b"(?!" + letter + b")"


def _is_in(chunks: Iterable[bytes], word: re.Pattern[bytes], longest: int) -> bool:
    rest = b""
    with suppress(FileRefused):  # what cannot be unpacked cannot be searched
        for chunk in chunks:
            if word.search(rest + chunk):
                return True
            rest = (rest + chunk)[-longest:]
    return False


def _parts(path: Path, but: str) -> Iterator[Iterator[bytes]]:
    """The parts of the file, each as chunks of bytes."""
    yield _bytes_of(path)
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD))
    if kind is TableKind.TEXT:
        return
    if kind is TableKind.ZIP:
        with suppress(FileRefused), broken_as("zip archive"), zipfile.ZipFile(path) as archive:
            yield from (_entry(archive, info) for info in archive.infolist())
    for sheet in _sheets(path):
        if sheet is None or sheet != but:
            yield _text(path, sheet)


def _bytes_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    stream = entry(archive, info, USUAL, "zip archive")
    while chunk := stream.read(CHUNK):
        yield chunk


def _sheets(path: Path) -> tuple[str | None, ...]:
    """All sheets of a workbook; None stands for the table of another file. Empty for a file that cannot be read."""
    try:
        with opened(path, limits=USUAL, size=CHUNK) as file:
            return file.sheets or (None,)
    except SheetUnclear as unclear:
        first = unclear.question.values[0] if unclear.question is not None else None
        with suppress(FileRefused), opened(path, limits=USUAL, size=CHUNK, sheet=first) as file:
            return file.sheets
    except FileRefused:
        pass
    return ()


def _text(path: Path, sheet: str | None) -> Iterator[bytes]:
    with opened(path, limits=USUAL, size=CHUNK, sheet=sheet) as file:
        yield from file.chunks
