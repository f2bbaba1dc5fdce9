"""Replaces the state of a data directory. After a crash, the directory has either the old state or the new one.

The new state is prepared in `.restore/new` of the same directory. Writing the journal commits the swap. Without a
journal, the old state is valid and `.restore` is a leftover. With a journal, the next process that opens the directory
completes the moves. Each move is a rename, and repeating a move does nothing.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from adapters.backup import names
from adapters.durable import atomic_write, flush
from adapters.storage.leftovers import STAMP
from adapters.storage.trash import TRASH
from domain.errors import BackupRefused

STAGING, NEW, JOURNAL = ".restore", "new", "journal.json"
REPLACED = (names.DATABASE, *names.FOLDERS)
"""Every archive has these."""
REMOVED = (
    *(f"{database}{ending}" for database in (names.DATABASE, "queue.db") for ending in ("-wal", "-shm")),
    *("queue.db", names.MARK, names.INSTALLATION),
)
"""Files of the old state that are moved away even if the archive has no replacement: the old database's journals, the
old queue (it is refilled from the new database), the old database's sequence mark, and the old installation's id."""


def staging_of(folder: Path) -> Path:
    """Create the empty folder in which the new state is prepared. Deletes leftovers of an earlier attempt."""
    staging = folder / STAGING
    shutil.rmtree(staging, ignore_errors=True)
    (staging / NEW).mkdir(parents=True, mode=0o700)
    return staging / NEW


def discard_staging(folder: Path) -> None:
    """Delete a prepared state that was not committed."""
    shutil.rmtree(folder / STAGING, ignore_errors=True)


def must_be_movable(folder: Path) -> None:
    """Raises BackupRefused if a path to be replaced is a mount point or a link: renaming would break it."""
    for name in REPLACED:
        if (folder / name).is_symlink() or os.path.ismount(folder / name):
            raise BackupRefused(
                f"{folder / name} is a link or a mount point and cannot be replaced as a whole. "
                "Nothing was changed. Restore into another directory with --data-dir, then copy its files here."
            )


def swap(folder: Path, *, at: datetime) -> Path | None:
    """Commit the new state and move it into place. Returns where the old state was moved to; None if there was none."""
    trash_folder = Path(TRASH) / f"{at.astimezone(UTC):{STAMP}}-before-restore-{secrets.token_hex(4)}"
    replaced = sorted(place.name for place in (folder / STAGING / NEW).iterdir())
    removed = [name for name in REMOVED if name not in replaced]
    had_something = any((folder / name).exists() for name in (*replaced, *removed))
    journal = {"aside": trash_folder.as_posix(), "removed": removed, "replaced": replaced}
    with atomic_write(folder / STAGING / JOURNAL) as file:
        file.write(json.dumps(journal).encode())
    complete(folder)
    return folder / trash_folder if had_something else None


def has_installation(folder: Path) -> bool:
    """Whether a restore would replace anything other than empty folders."""
    names_here = (folder / name for name in (*REPLACED, names.INSTALLATION))
    return any(place.is_file() or (place.is_dir() and any(place.iterdir())) for place in names_here)


def has_leftovers(folder: Path) -> bool:
    """Whether a restore was interrupted at any point."""
    return (folder / STAGING).exists()


def is_interrupted(folder: Path) -> bool:
    """Whether a restore was interrupted after its journal was written."""
    return (folder / STAGING / JOURNAL).is_file()


def complete(folder: Path) -> bool:
    """Finish the moves of a committed restore, or delete the leftovers of an uncommitted one.

    Returns whether there were moves.
    """
    staging = folder / STAGING
    committed = is_interrupted(folder)
    if committed:
        journal = json.loads((staging / JOURNAL).read_text("utf-8"))
        trash_folder = folder / journal["aside"]
        trash_folder.parent.mkdir(exist_ok=True, mode=0o700)
        trash_folder.mkdir(exist_ok=True, mode=0o700)
        _move_all(folder, trash_folder, journal["removed"], journal["replaced"])
        (staging / JOURNAL).unlink()
        flush(staging)
    shutil.rmtree(staging, ignore_errors=True)
    return committed


def _move_all(folder: Path, trash_folder: Path, removed: Sequence[str], replaced: Sequence[str]) -> None:
    new = folder / STAGING / NEW
    for name in removed:
        _move(folder / name, trash_folder / name)
    for name in replaced:
        if (new / name).exists():
            _move(folder / name, trash_folder / name)
            _move(new / name, folder / name)
    for changed in (trash_folder, new, folder):
        flush(changed)
    with suppress(OSError):  # only where they are empty
        trash_folder.rmdir()
        trash_folder.parent.rmdir()


def _move(source: Path, target: Path) -> None:
    """Move `source` unless it was moved before."""
    if source.exists() and not target.exists():
        source.rename(target)
