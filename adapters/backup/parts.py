"""The files of each part of an installation, opened so that they belong together."""

from __future__ import annotations

import os
import stat
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from adapters.backup import names
from domain.backup import BackupPart, PartKind

MAX_ATTEMPTS = 5
"""Times that a folder is opened again when it was replaced at that moment."""


def place_of(folder: Path, part: BackupPart) -> Path:
    match part.kind:
        case PartKind.MODEL:
            return folder / names.MODELS / part.id
        case PartKind.RESULTS:
            return folder / names.RESULTS / part.id
        case PartKind.UPLOAD:
            return folder / names.UPLOADS / f"{part.id}.upload"
        case PartKind.REJECTED:
            return folder / names.UPLOADS / f"{part.id}.rejected.csv"


def size_of(folder: Path, part: BackupPart) -> int:
    """Bytes of a part's files, roughly: they may change until they are copied."""
    with ExitStack() as opened:
        return sum(os.fstat(file.fileno()).st_size + 2 * 512 for _, file in open_part(folder, part, opened))


def open_part(folder: Path, part: BackupPart, opened: ExitStack) -> list[tuple[str, BinaryIO]]:
    """Its files, opened, by their names in the archive, in order. Empty when there are none."""
    place = place_of(folder, part)
    prefix = place.relative_to(folder).as_posix()
    if part.kind in (PartKind.UPLOAD, PartKind.REJECTED):
        try:
            return [(prefix, opened.enter_context(_regular(place)))] if names.is_safe(prefix) else []
        except FileNotFoundError:
            return []
    for _ in range(MAX_ATTEMPTS):
        attempt = opened.enter_context(ExitStack())
        try:
            return _open_folder(place, prefix, attempt)
        except FileNotFoundError:  # it was deleted, or replaced by a new version, between two of its files
            attempt.close()
    return []


def _open_folder(place: Path, prefix: str, opened: ExitStack) -> list[tuple[str, BinaryIO]]:
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError):
        return []
    opened.callback(os.close, descriptor)
    found = [name for name in sorted(os.listdir(descriptor)) if names.is_safe(f"{prefix}/{name}")]
    regular = [name for name in found if _is_regular(name, descriptor)]
    return [(f"{prefix}/{name}", opened.enter_context(_regular(name, folder=descriptor))) for name in regular]


def _is_regular(name: str, folder: int) -> bool:
    return stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def _regular(path: Path | str, *, folder: int | None = None) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder), "rb")
