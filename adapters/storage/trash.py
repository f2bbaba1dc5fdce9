"""The trash folder of a data directory, and the copies of a stored item in it."""

from __future__ import annotations

from pathlib import Path

TRASH = "trash"


def trashed_copies(folder: Path, name: str) -> list[Path]:
    """What is called `name` in a folder of the data directory, such as `results`, and lies in the trash.

    `name` holds no pattern: ids are checked before they become names.
    """
    return sorted((folder.parent / TRASH).glob(f"*/{folder.name}/{name}"))
