"""A customer file's bytes, in blocks, unpacked where it is compressed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from gzip import BadGzipFile, GzipFile
from pathlib import Path
from typing import BinaryIO

from adapters.intake.characters import Decoding, to_utf8, with_one_line_end
from adapters.intake.limits import USUAL
from domain.errors import FileRefused
from domain.file_format import FileFormat

GZIP_MAGIC = b"\x1f\x8b"
EXPANDS_AT_MOST = 250
"""Times its size to which a compressed file may unpack. Customer files reach 5 to 50; a bomb reaches a thousand."""
EXPANDS_FREELY = 64 * 1024**2
"""Unpacked bytes that need no judging."""


def raw_chunks(path: Path, *, compressed: bool, size: int, unpacked: int = USUAL.unpacked_bytes) -> Iterator[bytes]:
    """The file's bytes in chunks of `size`, unpacked. Raises FileRefused for a damaged or bomb-like gzip."""
    with path.open("rb") as file:
        if not compressed:
            while chunk := file.read(size):
                yield chunk
            return
        expands = max(EXPANDS_FREELY, EXPANDS_AT_MOST * path.stat().st_size)
        yield from _unpacked(file, size=size, limit=min(expands, unpacked))


def _unpacked(file: BinaryIO, *, size: int, limit: int) -> Iterator[bytes]:
    total = 0
    try:
        with GzipFile(fileobj=file) as unpacked:
            while chunk := unpacked.read(size):
                total += len(chunk)
                if total > limit:
                    raise FileRefused(
                        "The compressed file unpacks to far more than a customer file does.",
                        advice="Unpack it yourself and upload the CSV.",
                    )
                yield chunk
    except (EOFError, BadGzipFile, zlib.error) as error:
        raise FileRefused(
            "The compressed file is damaged or incomplete.", advice="Compress it again, or upload the CSV itself."
        ) from error


def text_chunks(
    path: Path,
    format: FileFormat,
    *,
    size: int,
    decoding: Decoding | None = None,
    unpacked: int = USUAL.unpacked_bytes,
) -> Iterator[bytes]:
    """The file as UTF-8 with LF line ends, in chunks of about `size` bytes that end anywhere."""
    raw = raw_chunks(path, compressed=format.gzip, size=size, unpacked=unpacked)
    return with_one_line_end(to_utf8(raw, format.encoding, decoding))
