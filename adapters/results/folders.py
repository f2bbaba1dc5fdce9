"""Where the files of each run lie, and how they come and go as a whole."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from adapters.durable import exchange, flush, remove_tree
from adapters.storage.trash import trashed_copies
from domain.errors import InvalidInput, ResultMissing

CUSTOMERS, NOTES, SPILL = "customers.parquet", "notes.json", ".spill"
REPLACED = ".replaced"
"""The ending of a result that is being replaced, where a system cannot exchange two folders in one step."""
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ResultFolders:
    """One folder per run under `root`; unfinished ones have a name that begins with a dot."""

    root: Path

    def of(self, run_id: str) -> Path:
        """Raises ResultMissing where the run's customers are not, or the id is none of ours."""
        folder = self.root / run_id if _ID.fullmatch(run_id) else None
        if folder is None or not (folder / CUSTOMERS).is_file() or not (folder / NOTES).is_file():
            raise ResultMissing(run_id)
        return folder

    def begin(self, run_id: str) -> Path:
        """A new folder to write into, of this writer alone. Raises InvalidInput for a strange id."""
        if not _ID.fullmatch(run_id):
            raise InvalidInput("There is no such prediction.")
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = self.root / f".{run_id}.{secrets.token_hex(4)}"
        folder.mkdir(mode=0o700)
        return folder

    def flush(self, folder: Path) -> None:
        """Write a finished folder to disk, so that publishing it is safe against a power cut."""
        for file in folder.iterdir():
            flush(file)
        flush(folder)

    def publish(self, folder: Path, run_id: str) -> None:
        """Give a flushed folder its run's name, in place of an earlier result. Unfinished ones of the run go."""
        target = self.root / run_id
        if not (target.exists() and exchange(folder, target)):
            if target.exists():  # a kill between these two renames is healed by `heal`
                target.rename(self.root / f".{run_id}{REPLACED}")
            folder.rename(target)
        flush(self.root)
        for leftover in self.root.glob(f".{run_id}.*"):
            shutil.rmtree(leftover, ignore_errors=True)

    def discard(self, run_id: str) -> None:
        """Copies in the trash go too. Raises OSError where something stays, because it is being written to or may not
        be deleted."""
        if _ID.fullmatch(run_id) and self.root.is_dir():
            own = (self.root / run_id, *self.root.glob(f".{run_id}.*"), *trashed_copies(self.root, run_id))
            for folder in own:
                remove_tree(folder)

    def size(self, run_id: str) -> int:
        if not _ID.fullmatch(run_id) or not (self.root / run_id).is_dir():
            return 0
        return sum(file.stat().st_size for file in (self.root / run_id).iterdir() if file.is_file())

    def heal(self) -> None:
        """Give a result its name back where a kill came between the two renames that should have replaced it."""
        for replaced in self.root.glob(f".*{REPLACED}"):
            target = self.root / replaced.name[1:].removesuffix(REPLACED)
            if not target.exists():
                replaced.rename(target)

    def sweep_unfinished(self, writing: Collection[str], *, before: float | None = None) -> int:
        """Remove half-written folders of runs that are not among `writing`; how many.

        With `before` (seconds since the epoch), only those that were not changed since.
        """
        self.heal()
        removed = 0
        for folder in sorted(self.root.glob(".*")):
            run_id = folder.name[1:].rsplit(".", 1)[0]
            if folder.name == SPILL or run_id in writing:
                continue
            if before is None or folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
        return removed

    def forget_unfinished(self) -> None:
        """Everything that has no run's name: what a crash left of results, and of queries that went to disk."""
        self.heal()
        for folder in self.root.glob(".*"):
            if folder.name != SPILL:
                shutil.rmtree(folder, ignore_errors=True)
        for file in (self.root / SPILL).glob("*"):  # the folder itself stays: whoever queries has it open
            file.unlink(missing_ok=True)
