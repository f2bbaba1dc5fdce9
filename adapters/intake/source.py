"""Reads a customer file in chunks and unpacks it if it is compressed."""

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
MAX_EXPANSION = 250
"""Maximum ratio of unpacked to compressed size. Customer files have 5 to 50, a zip bomb has a thousand."""
EXPANDS_FREELY = 64 * 1024**2
"""Unpacked bytes up to which the ratio is not checked."""


def raw_chunks(path: Path, *, compressed: bool, size: int, unpacked: int = USUAL.unpacked_bytes) -> Iterator[bytes]:
    """The file's bytes in chunks of `size`, unpacked. Raises FileRefused for a damaged or bomb-like gzip."""
    with path.open("rb") as file:
        if not compressed:
            while chunk := file.read(size):
                yield chunk
            return
        expands = max(EXPANDS_FREELY, MAX_EXPANSION * path.stat().st_size)
        yield from _unpacked(file, size=size, limit=min(expands, unpacked))


def _unpacked(file: BinaryIO, *, size: int, limit: int) -> Iterator[bytes]:
    total = 0
    try:
        with GzipFile(fileobj=file) as unpacked:
            while chunk := unpacked.read(size):
                total += len(chunk)
                if total > limit:
                    raise FileRefused(
                        "The compressed file unpacks to far more data than a customer file has.",
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
    """The file as UTF-8 with LF line ends, in chunks of about `size` bytes that can end within a row."""
    raw = raw_chunks(path, compressed=format.gzip, size=size, unpacked=unpacked)
    decoding = decoding or Decoding(format.encoding, chosen=format.encoding_chosen)
    return with_one_line_end(to_utf8(raw, format.encoding, decoding))
