"""Replacing the state of a data directory by another one, so that a crash leaves the old state or the new one.

The new state lies in `.restore/new` of the same directory. Writing the journal is the decision: without it the old
state is valid and `.restore` is a leftover; with it, whoever next opens the directory completes the moves. Each move
is a rename, and a repeated move does nothing.
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
from adapters.durable import flush
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
"""Belongs to the old state: journals of the old database, the old queue, which is filled again from the new database,
the mark of how far the old database had come, and its id unless the archive has one. Without a successor too."""


def staging_of(folder: Path) -> Path:
    """Where the new state is prepared, empty. Leftovers of an earlier attempt are deleted."""
    staging = folder / STAGING
    shutil.rmtree(staging, ignore_errors=True)
    (staging / NEW).mkdir(parents=True, mode=0o700)
    return staging / NEW


def discard_staging(folder: Path) -> None:
    """Delete what was prepared and is not decided."""
    shutil.rmtree(folder / STAGING, ignore_errors=True)


def must_be_movable(folder: Path) -> None:
    """Raises BackupRefused when something to be replaced is a mount point or a link, which renaming would break."""
    for name in REPLACED:
        if (folder / name).is_symlink() or os.path.ismount(folder / name):
            raise BackupRefused(
                f"{folder / name} is a link or a mount point of its own and cannot be replaced as a whole. "
                "Nothing was changed. Restore into another directory with --data-dir, then copy its files here."
            )


def swap(folder: Path, *, at: datetime) -> Path | None:
    """Decide for the new state and move it into place. Where the old one was moved to; None if there was none."""
    aside = Path(TRASH) / f"{at.astimezone(UTC):{STAMP}}-before-restore-{secrets.token_hex(4)}"
    replaced = sorted(place.name for place in (folder / STAGING / NEW).iterdir())
    removed = [name for name in REMOVED if name not in replaced]
    had_something = any((folder / name).exists() for name in (*replaced, *removed))
    journal = {"aside": aside.as_posix(), "removed": removed, "replaced": replaced}
    draft = folder / STAGING / f"{JOURNAL}.part"
    draft.write_text(json.dumps(journal), encoding="utf-8")
    flush(draft)
    draft.rename(folder / STAGING / JOURNAL)
    flush(folder / STAGING)
    complete(folder)
    return folder / aside if had_something else None


def has_installation(folder: Path) -> bool:
    """Whether a restore would replace anything but empty folders."""
    names_here = (folder / name for name in (*REPLACED, names.INSTALLATION))
    return any(place.is_file() or (place.is_dir() and any(place.iterdir())) for place in names_here)


def has_leftovers(folder: Path) -> bool:
    """Whether a restore was interrupted at any point."""
    return (folder / STAGING).exists()


def is_interrupted(folder: Path) -> bool:
    """Whether a restore was interrupted after its decision."""
    return (folder / STAGING / JOURNAL).is_file()


def complete(folder: Path) -> bool:
    """Finish the moves of a restore, or delete what one left that had not come so far. Whether there were moves."""
    staging = folder / STAGING
    decided = is_interrupted(folder)
    if decided:
        journal = json.loads((staging / JOURNAL).read_text("utf-8"))
        aside = folder / journal["aside"]
        aside.parent.mkdir(exist_ok=True, mode=0o700)
        aside.mkdir(exist_ok=True, mode=0o700)
        _move_all(folder, aside, journal["removed"], journal["replaced"])
        (staging / JOURNAL).unlink()
        flush(staging)
    shutil.rmtree(staging, ignore_errors=True)
    return decided


def _move_all(folder: Path, aside: Path, removed: Sequence[str], replaced: Sequence[str]) -> None:
    new = folder / STAGING / NEW
    for name in removed:
        _move(folder / name, aside / name)
    for name in replaced:
        if (new / name).exists():
            _move(folder / name, aside / name)
            _move(new / name, folder / name)
    for changed in (aside, new, folder):
        flush(changed)
    with suppress(OSError):  # only where they are empty
        aside.rmdir()
        aside.parent.rmdir()


def _move(source: Path, target: Path) -> None:
    """Unless it was moved before."""
    if source.exists() and not target.exists():
        source.rename(target)
