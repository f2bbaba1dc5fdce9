"""Reads a whole archive and compares every file with the manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from adapters.backup import manifest_text, names
from adapters.backup.manifest_text import parse_manifest, seal_of
from adapters.backup.tar_blocks import BLOCK, BlockDamaged, padding_of, read_header
from adapters.formatting.figures import number
from domain.backup import MAX_MEMBERS, ArchivedFile, Manifest
from domain.errors import BackupDamaged, BackupRefused

CHUNK = 1024**2
MAX_SEAL = 4096
NO_ARCHIVE = "{file} is not a backup of this product, or its beginning is damaged. Nothing was changed."


def is_archive(file: Path) -> bool:
    """Whether the file begins like a backup archive, even a damaged one."""
    with file.open("rb") as stream:
        block = stream.read(BLOCK)
    return block[257:262] == b"ustar" or block.startswith(names.DATABASE.encode() + b"\0")


def read_manifest(file: Path, *, shown_as: str = "") -> Manifest:
    """Read every byte. Raises BackupDamaged naming the first damaged member, or BackupRefused."""
    with file.open("rb") as stream:
        return verify(stream, shown_as or file.name)


def verify(stream: BinaryIO, shown_as: str) -> Manifest:
    """See `read_manifest`. Writes nothing. Memory use depends only on the number of files."""
    files: list[ArchivedFile] = []
    trailer: dict[str, bytes] = {}
    for name, size in _members(stream, shown_as):
        sink = bytearray() if name in (names.MANIFEST, names.SEAL) else None
        _check_member(name, size, trailer, shown_as)
        digest = _read_content(stream, name, size, shown_as, sink.extend if sink is not None else _discard_chunk)
        if sink is None:
            files.append(ArchivedFile(name, size, digest))
        else:
            trailer[name] = bytes(sink)
        if len(files) > MAX_MEMBERS:
            raise BackupRefused(f"{shown_as} has more than {number(MAX_MEMBERS)} files. Nothing was changed.")
    return _compare_with_manifest(files, trailer, shown_as)


def contents(stream: BinaryIO, shown_as: str) -> Iterator[tuple[str, int, Iterator[bytes]]]:
    """Name, size and chunks of each file of a verified archive. Read all chunks of a file before the next file."""
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


def _check_member(name: str, size: int, trailer: dict[str, bytes], shown_as: str) -> None:
    """Accept only names that a backup can have. The manifest and its hash come last, in this order, and are small.

    Raises BackupRefused.
    """
    if name in (names.MANIFEST, names.SEAL):
        limit = MAX_SEAL if name == names.SEAL else manifest_text.MAX_BYTES
        in_order = list(trailer) == ([] if name == names.MANIFEST else [names.MANIFEST])
        if in_order and size <= limit:
            return
    elif names.is_safe(name) and not trailer:
        return
    raise BackupRefused(f"{shown_as} has a file that no backup has: {name[:80]!r}. Nothing was changed.")


def _read_content(stream: BinaryIO, name: str, size: int, shown_as: str, sink: Callable[[bytes], None]) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(stream, name, size, shown_as):
        digest.update(chunk)
        sink(chunk)
    return digest.hexdigest()


def _discard_chunk(_chunk: bytes) -> None: ...


def _chunks(stream: BinaryIO, name: str, size: int, shown_as: str) -> Iterator[bytes]:
    left = size
    while left:
        chunk = stream.read(min(CHUNK, left))
        if not chunk:
            raise BackupDamaged(shown_as, name, "is cut short")
        left -= len(chunk)
        yield chunk
    if stream.read(padding_of(size)) != bytes(padding_of(size)):
        raise BackupDamaged(shown_as, name, "is followed by unexpected bytes")


def _compare_with_manifest(files: list[ArchivedFile], trailer: dict[str, bytes], shown_as: str) -> Manifest:
    if set(trailer) != {names.MANIFEST, names.SEAL}:
        raise BackupDamaged(shown_as, names.MANIFEST, "is missing")
    if trailer[names.SEAL] != seal_of(trailer[names.MANIFEST]):
        raise BackupDamaged(shown_as, names.MANIFEST, "differs from what was written")
    manifest = parse_manifest(trailer[names.MANIFEST], file=shown_as)
    for listed, file in zip(manifest.files, files, strict=False):
        if listed != file:
            damaged = file if listed.name == file.name else listed
            raise BackupDamaged(shown_as, damaged.name, "differs from what was written")
    if len(manifest.files) != len(files):
        raise BackupDamaged(
            shown_as, names.MANIFEST, f"lists {number(len(manifest.files))} files of {number(len(files))}"
        )
    if not files or files[0].name != names.DATABASE:
        raise BackupDamaged(shown_as, names.DATABASE, "is missing")
    return manifest
