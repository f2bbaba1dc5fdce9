"""The trash folder of a data directory, and the copies of a stored item in it."""

from __future__ import annotations

from pathlib import Path

TRASH = "trash"


def trashed_copies(folder: Path, name: str) -> list[Path]:
    """Copies in the trash of the file or folder `name` from `folder`, a folder of the data directory such as `results`.

    `name` contains no glob pattern: ids are validated before they become names.
    """
    return sorted((folder.parent / TRASH).glob(f"*/{folder.name}/{name}"))
