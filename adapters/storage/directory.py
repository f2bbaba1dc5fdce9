"""The data directory: its installation id, its contents, and the newest database sequence recorded in it."""

from __future__ import annotations

import json
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from adapters.durable import atomic_write
from domain.errors import InstallationMismatch
from domain.installation import Contents, InstallationId

IDENTITY, MARK = "installation.json", "installation.mark"
MAX_ID_LENGTH = 64
MAX_DRAFT_AGE = 3600.0
"""Seconds after which a draft counts as abandoned. Drafts have only a few bytes."""
_DRAFT = re.compile(r"\.[a-z][a-z.-]*\.[0-9a-f]{8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class LocalDirectory:
    """Implements DataDirectory in `folder`. The id and the sequence mark are in separate files.

    The file with the id is never rewritten.
    """

    folder: Path

    def installation(self) -> InstallationId | None:
        """Raises InstallationMismatch if the file is damaged, because a wrong id could mix up two installations."""
        try:
            identifier = json.loads((self.folder / IDENTITY).read_text("utf-8"))["id"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InstallationMismatch(self._unreadable()) from error
        if not isinstance(identifier, str) or not 0 < len(identifier) <= MAX_ID_LENGTH:
            raise InstallationMismatch(self._unreadable())
        return InstallationId(identifier)

    def contents(self) -> Contents:
        names = [path.name for path in _entries(self.folder / "results") if path.is_dir()]
        names += [path.name.partition(".")[0] for path in _entries(self.folder / "uploads") if path.suffix != ".part"]
        models = frozenset(path.name for path in _entries(self.folder / "models") if path.is_dir())
        return Contents(self.installation(), frozenset(names), models)

    def give(self, installation: InstallationId, *, replace: bool = False) -> InstallationId:
        with suppress(FileExistsError), atomic_write(self.folder / IDENTITY, replace=replace) as file:
            file.write(f"{json.dumps({'id': installation})}\n".encode())
        return self.installation() or installation

    def mark(self) -> int:
        """The recorded sequence; 0 if the file is missing or damaged. With 0, an older database is not detected."""
        try:
            return int((self.folder / MARK).read_text("ascii"))
        except (OSError, ValueError):
            return 0

    def raise_mark(self, sequence: int) -> None:
        if sequence <= self.mark():
            return
        with atomic_write(self.folder / MARK) as file:
            file.write(str(sequence).encode("ascii"))

    def _unreadable(self) -> str:
        return (
            f"{IDENTITY} in the data directory cannot be read. Nothing was changed. Restore the file from a backup, or "
            "delete it and run: netone db adopt"
        )


def remove_old_drafts(folder: Path) -> int:
    """Delete drafts that killed processes left directly in a folder. Returns how many."""
    old, removed = time.time() - MAX_DRAFT_AGE, 0
    for path in folder.glob(".*"):
        with suppress(OSError):  # another process may delete them at the same time
            if _DRAFT.fullmatch(path.name) and path.is_file() and path.stat().st_mtime < old:
                path.unlink()
                removed += 1
    return removed


def _entries(folder: Path) -> list[Path]:
    """Finished files and folders. Names of unfinished ones begin with a dot."""
    return [path for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []
