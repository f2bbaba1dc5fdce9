"""Reading an archive from the first byte to the last, and comparing all of it with its manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from adapters.backup import manifest_text, names
from adapters.backup.manifest_text import parse_manifest, seal_of
from adapters.backup.tar_blocks import BLOCK, BlockDamaged, padding_of, read_header
from domain.backup import MAX_MEMBERS, ArchivedFile, Manifest
from domain.errors import BackupDamaged, BackupRefused

CHUNK = 1024**2
MAX_SEAL = 4096
NO_ARCHIVE = "{file} is not a backup of this product, or its beginning is damaged. Nothing was changed."


def is_archive(file: Path) -> bool:
    """Whether the file begins like a backup archive, damaged or not."""
    with file.open("rb") as stream:
        block = stream.read(BLOCK)
    return block[257:262] == b"ustar" or block.startswith(names.DATABASE.encode() + b"\0")


def read_manifest(file: Path, *, shown_as: str = "") -> Manifest:
    """Read every byte. Raises BackupDamaged naming the first damaged member, or BackupRefused."""
    with file.open("rb") as stream:
        return verify(stream, shown_as or file.name)


def verify(stream: BinaryIO, shown_as: str) -> Manifest:
    """See `read_manifest`. Writes nothing; memory grows with the number of files alone."""
    found: list[ArchivedFile] = []
    kept: dict[str, bytes] = {}
    for name, size in _members(stream, shown_as):
        sink = bytearray() if name in (names.MANIFEST, names.SEAL) else None
        _check_place(name, size, kept, shown_as)
        digest = _read_content(stream, name, size, shown_as, sink.extend if sink is not None else _forget)
        if sink is None:
            found.append(ArchivedFile(name, size, digest))
        else:
            kept[name] = bytes(sink)
        if len(found) > MAX_MEMBERS:
            raise BackupRefused(f"{shown_as} has more than {MAX_MEMBERS:,} files. Nothing was changed.")
    return _compared(found, kept, shown_as)


def contents(stream: BinaryIO, shown_as: str) -> Iterator[tuple[str, int, Iterator[bytes]]]:
    """Name, size and chunks of each file of an archive that was verified; each must be read to its end."""
    for name, size in _members(stream, shown_as):
        yield name, size, _chunks(stream, name, size, shown_as)


def _members(stream: BinaryIO, shown_as: str) -> Iterator[tuple[str, int]]:
    before = "the beginning"
    while True:
        try:
            header = read_header(stream)
        except BlockDamaged as error:
            if before == "the beginning":
                raise BackupRefused(NO_ARCHIVE.format(file=shown_as)) from error
            raise BackupDamaged(shown_as, f"the header after {before}", str(error)) from error
        if header is None:
            return
        yield header
        before = header[0]


def _check_place(name: str, size: int, kept: dict[str, bytes], shown_as: str) -> None:
    """Our own names only; the manifest and its seal are last, in this order, and of bounded size."""
    if name in (names.MANIFEST, names.SEAL):
        limit = MAX_SEAL if name == names.SEAL else manifest_text.MAX_BYTES
        in_order = list(kept) == ([] if name == names.MANIFEST else [names.MANIFEST])
        if in_order and size <= limit:
            return
    elif names.is_safe(name) and not kept:
        return
    raise BackupRefused(f"{shown_as} has a file that no backup has: {name[:80]!r}. Nothing was changed.")


def _read_content(stream: BinaryIO, name: str, size: int, shown_as: str, sink: Callable[[bytes], None]) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(stream, name, size, shown_as):
        digest.update(chunk)
        sink(chunk)
    return digest.hexdigest()


def _forget(_chunk: bytes) -> None: ...


def _chunks(stream: BinaryIO, name: str, size: int, shown_as: str) -> Iterator[bytes]:
    left = size
    while left:
        chunk = stream.read(min(CHUNK, left))
        if not chunk:
            raise BackupDamaged(shown_as, name, "is cut short")
        left -= len(chunk)
        yield chunk
    if stream.read(padding_of(size)) != bytes(padding_of(size)):
        raise BackupDamaged(shown_as, name, "is followed by bytes that were not written there")


def _compared(found: list[ArchivedFile], kept: dict[str, bytes], shown_as: str) -> Manifest:
    if set(kept) != {names.MANIFEST, names.SEAL}:
        raise BackupDamaged(shown_as, names.MANIFEST, "is missing")
    if kept[names.SEAL] != seal_of(kept[names.MANIFEST]):
        raise BackupDamaged(shown_as, names.MANIFEST, "is not as it was written")
    manifest = parse_manifest(kept[names.MANIFEST], file=shown_as)
    for listed, file in zip(manifest.files, found, strict=False):
        if listed != file:
            damaged = file if listed.name == file.name else listed
            raise BackupDamaged(shown_as, damaged.name, "is not as it was written")
    if len(manifest.files) != len(found):
        raise BackupDamaged(shown_as, names.MANIFEST, f"lists {len(manifest.files)} files of {len(found)}")
    if not found or found[0].name != names.DATABASE:
        raise BackupDamaged(shown_as, names.DATABASE, "is missing")
    return manifest
