"""Opens the files of each part of an installation in one consistent version."""

from __future__ import annotations

import os
import stat
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from adapters.backup import names
from domain.backup import BackupPart, PartKind

MAX_ATTEMPTS = 5
"""Attempts to open a folder that another process replaces at the same time."""


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
    """Approximate bytes of a part's files. They can change until they are copied."""
    with ExitStack() as opened:
        return sum(os.fstat(file.fileno()).st_size + 2 * 512 for _, file in open_part(folder, part, opened))


def open_part(folder: Path, part: BackupPart, opened: ExitStack) -> list[tuple[str, BinaryIO]]:
    """The part's open files with their names in the archive, in order. Empty if the part has no files."""
    place = place_of(folder, part)
    prefix = place.relative_to(folder).as_posix()
    if part.kind in (PartKind.UPLOAD, PartKind.REJECTED):
        try:
            return [(prefix, opened.enter_context(_open_regular(place)))] if names.is_safe(prefix) else []
        except FileNotFoundError:
            return []
    for _ in range(MAX_ATTEMPTS):
        attempt = opened.enter_context(ExitStack())
        try:
            return _open_folder(place, prefix, attempt)
        except FileNotFoundError:  # the folder was deleted or replaced while its files were opened
            attempt.close()
    return []


def _open_folder(place: Path, prefix: str, opened: ExitStack) -> list[tuple[str, BinaryIO]]:
    try:
        descriptor = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError):
        return []
    opened.callback(os.close, descriptor)
    entries = [name for name in sorted(os.listdir(descriptor)) if names.is_safe(f"{prefix}/{name}")]
    regular = [name for name in entries if _is_regular(name, descriptor)]
    return [(f"{prefix}/{name}", opened.enter_context(_open_regular(name, folder=descriptor))) for name in regular]


def _is_regular(name: str, folder: int) -> bool:
    return stat.S_ISREG(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)


def _open_regular(path: Path | str, *, folder: int | None = None) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder), "rb")
