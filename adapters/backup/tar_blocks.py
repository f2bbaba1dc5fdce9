"""The tar format as backups use it: one canonical form, so that every byte of an archive has exactly one right value.

Regular files only, in GNU format, mode 0600, owner 0, zero padding, two zero blocks at the end and nothing after them.
Any tar program can unpack it. A reader that compares each header with the canonical one notices every changed byte,
and cannot be given links, devices, sparse files or extended headers.
"""

from __future__ import annotations

import tarfile
from typing import BinaryIO

BLOCK = 512
MAX_NAME_BYTES = 100
END = bytes(2 * BLOCK)
_MODE = 0o600


class BlockDamaged(Exception):
    """What is wrong with a header, in words that follow "is damaged: the header after X"."""


def header_of(name: str, size: int, mtime: int) -> bytes:
    """The block before a file's content. Raises ValueError for a name that does not fit."""
    if len(name.encode()) > MAX_NAME_BYTES:
        raise ValueError(f"the name {name} is longer than {MAX_NAME_BYTES} bytes")
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode, entry.type = size, mtime, _MODE, tarfile.REGTYPE
    return entry.tobuf(tarfile.GNU_FORMAT, "utf-8", "strict")


def padding_of(size: int) -> int:
    """Zero bytes after a content of this size."""
    return -size % BLOCK


def read_header(file: BinaryIO) -> tuple[str, int] | None:
    """Name and size of the next member; None at the end of the archive. Raises BlockDamaged."""
    block = file.read(BLOCK)
    if len(block) < BLOCK:
        raise BlockDamaged("is cut short")
    if block == END[:BLOCK]:
        if file.read(BLOCK) != END[BLOCK:] or file.read(1):
            raise BlockDamaged("is not followed by the end of the archive")
        return None
    try:
        entry = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        canonical = header_of(entry.name, entry.size, int(entry.mtime))
    except (tarfile.HeaderError, ValueError) as error:
        raise BlockDamaged("cannot be read") from error
    if canonical != block or entry.size < 0:
        raise BlockDamaged("is not as it was written")
    return entry.name, entry.size
