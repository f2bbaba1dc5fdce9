"""The tar format of backups. It has one canonical form, so every byte of an archive has exactly one valid value.

An archive contains only regular files in GNU format with mode 0600, owner 0 and zero padding. It ends with two zero
blocks. Any tar program can unpack it. The reader compares each header with the canonical one. It therefore detects
every changed byte and rejects links, devices, sparse files and extended headers.
"""

from __future__ import annotations

import tarfile
from typing import BinaryIO

BLOCK = 512
MAX_NAME_BYTES = 100
END = bytes(2 * BLOCK)
_MODE = 0o600


class BlockDamaged(Exception):
    """A damaged header. The message continues the sentence "is damaged: the header after X"."""


def header_of(name: str, size: int, mtime: int) -> bytes:
    """The header block before a file's content. Raises ValueError if the name is too long."""
    if len(name.encode()) > MAX_NAME_BYTES:
        raise ValueError(f"the name {name} is longer than {MAX_NAME_BYTES} bytes")
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode, entry.type = size, mtime, _MODE, tarfile.REGTYPE
    return entry.tobuf(tarfile.GNU_FORMAT, "utf-8", "strict")


def padding_of(size: int) -> int:
    """Number of zero bytes after a content of this size."""
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
        raise BlockDamaged("differs from what was written")
    return entry.name, entry.size
