"""Unpacks compressed files and archives as streams, within limits of size, ratio and number of entries."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import IO, BinaryIO, cast

from adapters.formatting.figures import number as figure
from adapters.intake.limits import ReadingLimits
from adapters.intake.tables.kinds import HEAD, MAX_ENTRIES, TableKind, damaged, kind_of, protected
from domain.errors import FileRefused
from domain.file_format import TABLE_ENDINGS

CHUNK = 1024**2
MAX_EXPANSION = 250
"""Maximum ratio of unpacked to compressed size. Customer files have 5 to 50, a zip bomb has a thousand."""
EXPANDS_FREELY = 64 * 1024**2
"""Unpacked bytes up to which the ratio is not checked."""
WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
"""Of texts whose line ends are more than one byte; that of UTF-32 LE begins like that of UTF-16 LE."""
ENCRYPTED = 1
"""The bit of a zip entry's flags."""
BROKEN = (
    *(EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, zipfile.BadZipFile, OSError),
    *(NotImplementedError, ValueError, RuntimeError, KeyError, UnicodeDecodeError),
)
"""What the libraries raise for damaged data, and zipfile for methods of compression that it does not know."""


@contextmanager
def broken_as(what: str) -> Iterator[None]:
    """Damaged compressed data as one sentence."""
    try:
        yield
    except FileRefused:
        raise
    except BROKEN as error:
        raise damaged(what) from error


class Bounded(io.RawIOBase):
    """A stream that ends with FileRefused beyond `limit` bytes."""

    def __init__(self, stream: IO[bytes], limit: int, what: str) -> None:
        super().__init__()
        self._stream, self._left, self._what = stream, limit, what

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        with broken_as(self._what):
            data = self._stream.read(CHUNK if size < 0 else size)
        self._left -= len(data)
        if self._left < 0:
            raise far_more_data()
        return data


def far_more_data() -> FileRefused:
    return FileRefused(
        "The compressed file unpacks to far more data than a customer file has.",
        advice="Unpack it yourself and upload the table.",
    )


def limit_for(packed: int, limits: ReadingLimits) -> int:
    """Bytes to which so many packed bytes may unpack."""
    return min(limits.unpacked_bytes, max(EXPANDS_FREELY, MAX_EXPANSION * packed))


def unpacked(file: BinaryIO, kind: TableKind, size: int, limits: ReadingLimits) -> Bounded:
    """The content of a compressed file of `size` bytes. Raises FileRefused while it is read if it is damaged."""
    what = "compressed file"
    with broken_as(what):
        stream = _UNPACKERS[kind](file)
    return Bounded(stream, limit_for(size, limits), what)


def _zstandard(file: BinaryIO) -> IO[bytes]:
    import pyarrow as pa

    return cast(IO[bytes], pa.CompressedInputStream(pa.PythonFile(file), "zstd"))


_UNPACKERS: dict[TableKind, Callable[[BinaryIO], IO[bytes]]] = {
    TableKind.GZIP: lambda file: cast(IO[bytes], gzip.GzipFile(fileobj=file)),
    TableKind.BZIP2: bz2.BZ2File,
    TableKind.XZ: lzma.LZMAFile,
    TableKind.ZSTANDARD: _zstandard,
}


def opened_archive(file: BinaryIO) -> zipfile.ZipFile:
    """Raises FileRefused for a damaged, protected or overfull archive."""
    with broken_as("zip archive"):
        archive = zipfile.ZipFile(file)
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise FileRefused(
            f"The archive has {figure(len(entries))} entries.",
            advice="Upload the table alone, or an archive with few files.",
        )
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise protected_archive()
    _must_be_apart(entries)
    return archive


def _must_be_apart(entries: list[zipfile.ZipInfo]) -> None:
    """Raises FileRefused for entries that share data, as a small bomb has them, and for two of one name: programs
    differ in which of them they read."""
    places = sorted((entry.header_offset, len(entry.filename) + entry.compress_size) for entry in entries)
    if any(place + size > following for (place, size), (following, _) in pairwise(places)):
        raise damaged("zip archive")
    names = Counter(entry.filename.replace("\\", "/") for entry in entries if not entry.is_dir())
    if repeated := [name for name, times in names.items() if times > 1]:
        raise FileRefused(
            f"The archive has several entries called “{shown(repeated[0])}”.",
            advice="Make it again with each file once, or upload the table itself.",
        )


def protected_archive() -> FileRefused:
    error = protected()
    error.advice = "Unpack it with the password, and upload the table inside."
    error.args = (f"The archive is protected with a password. {error.advice}",)
    return error


def entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limits: ReadingLimits, what: str) -> Bounded:
    """One entry's content, in chunks."""
    with broken_as(what):
        stream = archive.open(info)
    return Bounded(stream, limit_for(info.compress_size, limits), what)


def tables_in(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The entries that may be tables, in the order of their names; a file that is alone may have any name.

    Raises FileRefused if there is none.
    """
    files = [
        info
        for info in archive.infolist()
        if not info.is_dir() and info.file_size and not _is_hidden(info.filename.replace("\\", "/"))
    ]
    tables = [info for info in files if info.filename.lower().endswith(TABLE_ENDINGS)]
    chosen = tables or (files if len(files) == 1 else [])
    if not chosen:
        raise FileRefused(
            "The archive has no table." if files else "The archive is empty.",
            advice="Put one CSV file, workbook or Parquet file into it, or upload the table itself.",
        )
    return sorted(chosen, key=lambda info: info.filename)


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX", "~$")) and part not in (".", "..") for part in name.split("/"))


def joined_texts(archive: zipfile.ZipFile, tables: list[zipfile.ZipInfo], limits: ReadingLimits) -> Iterator[bytes]:
    """Several text tables with the same header line, one after another, with one header.

    Raises FileRefused if a file is no text or has another header.
    """
    header: bytes | None = None
    budget = limit_for(sum(info.compress_size for info in tables), limits)
    for info in tables:
        stream = entry(archive, info, limits, "zip archive")
        first = stream.read(CHUNK)
        if kind_of(first[:HEAD]) is not TableKind.TEXT or first.startswith(WIDE_MARKS):
            raise _not_alike(tables, f"“{shown_name(info)}” is not a text in a usual encoding")
        line, end, rest = first.removeprefix(b"\xef\xbb\xbf").partition(b"\n")
        own = line.rstrip(b"\r")
        if header is None:
            header = own
            yield line + b"\n"
        elif own != header:
            raise _not_alike(tables, f"“{shown_name(info)}” has other columns than “{shown_name(tables[0])}”")
        last = b"\n" if end else b""
        while rest:
            budget -= len(rest)
            if budget < 0:
                raise far_more_data()
            yield rest
            last, rest = rest[-1:], stream.read(CHUNK)
        if last != b"\n":
            yield b"\n"


def _not_alike(tables: list[zipfile.ZipInfo], why: str) -> FileRefused:
    return FileRefused(
        f"The archive has {len(tables)} files that may be tables, and {why}.",
        advice="Put only files with the same columns into it, or upload one table.",
    )


def shown_name(info: zipfile.ZipInfo) -> str:
    """The entry's name, as it can be shown."""
    return shown(info.filename)


def shown(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter if letter.isprintable() else "�" for letter in last)[:60]
