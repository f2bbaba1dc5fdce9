"""The data directory as one thing: whose it is, what it holds, and which state of the database it has seen."""

from __future__ import annotations

import json
import os
import re
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from adapters.durable import flush
from domain.errors import InstallationMismatch
from domain.installation import Contents, InstallationId

IDENTITY, MARK = "installation.json", "installation.mark"
MAX_ID_LENGTH = 64
MAX_DRAFT_AGE = 3600.0
"""Seconds after which no process is still writing a draft of a few bytes."""
_DRAFT = re.compile(r"\.[a-z][a-z.-]*\.[0-9a-f]{8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class LocalDirectory:
    """Implements DataDirectory in `folder`. The id stands in a file that is never rewritten, the mark beside it."""

    folder: Path

    def installation(self) -> InstallationId | None:
        """Raises InstallationMismatch where the file is damaged: guessing could join strangers."""
        try:
            found = json.loads((self.folder / IDENTITY).read_text("utf-8"))["id"]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InstallationMismatch(self._unreadable()) from error
        if not isinstance(found, str) or not 0 < len(found) <= MAX_ID_LENGTH:
            raise InstallationMismatch(self._unreadable())
        return InstallationId(found)

    def contents(self) -> Contents:
        names = [path.name for path in _entries(self.folder / "results") if path.is_dir()]
        names += [path.name.partition(".")[0] for path in _entries(self.folder / "uploads") if path.suffix != ".part"]
        models = frozenset(path.name for path in _entries(self.folder / "models") if path.is_dir())
        return Contents(self.installation(), frozenset(names), models)

    def give(self, installation: InstallationId, *, replace: bool = False) -> InstallationId:
        draft = draft_of(self.folder / IDENTITY)
        _write(draft, json.dumps({"id": installation}) + "\n")
        try:
            if replace:
                draft.replace(self.folder / IDENTITY)
            else:
                with suppress(FileExistsError):  # of two processes at once, the first decides
                    os.link(draft, self.folder / IDENTITY)
        finally:
            draft.unlink(missing_ok=True)
        flush(self.folder)
        return self.installation() or installation

    def mark(self) -> int:
        """0 where the file is damaged, too: then an older database is not recognised as one, and no more than that."""
        try:
            return int((self.folder / MARK).read_text("ascii"))
        except (OSError, ValueError):
            return 0

    def raise_mark(self, sequence: int) -> None:
        if sequence <= self.mark():
            return
        draft = draft_of(self.folder / MARK)
        _write(draft, str(sequence))
        draft.replace(self.folder / MARK)

    def _unreadable(self) -> str:
        return (
            f"{IDENTITY} in the data directory cannot be read. Nothing was changed. Restore the file from a backup, or "
            "delete it and run: netone db adopt"
        )


def draft_of(path: Path) -> Path:
    """Where a small file is written before it gets its name."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}")


def remove_old_drafts(folder: Path) -> int:
    """Delete the drafts that killed processes left directly in a folder; how many."""
    old, removed = time.time() - MAX_DRAFT_AGE, 0
    for path in folder.glob(".*"):
        with suppress(OSError):  # another process may do the same
            if _DRAFT.fullmatch(path.name) and path.is_file() and path.stat().st_mtime < old:
                path.unlink()
                removed += 1
    return removed


def _entries(folder: Path) -> list[Path]:
    """What has a name of its own; names that begin with a dot are unfinished work."""
    return [path for path in folder.iterdir() if not path.name.startswith(".")] if folder.is_dir() else []


def _write(path: Path, content: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
