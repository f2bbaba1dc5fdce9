"""The folder of each run's files, published and deleted as a whole."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from adapters.durable import exchange, flush, publish, remove_tree
from adapters.storage.trash import trashed_copies
from domain.errors import InvalidInput, ResultMissing

CUSTOMERS, NOTES, SPILL = "customers.parquet", "notes.json", ".spill"
REPLACED = ".replaced"
"""Suffix of a result that is being replaced, on systems that cannot swap two folders atomically."""
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ResultFolders:
    """One folder per run under `root`. Names of unfinished folders begin with a dot."""

    root: Path

    def of(self, run_id: str) -> Path:
        """Raises ResultMissing if the run has no stored customers or the id is not valid."""
        folder = self.root / run_id if _ID.fullmatch(run_id) else None
        if folder is None or not (folder / CUSTOMERS).is_file() or not (folder / NOTES).is_file():
            raise ResultMissing(run_id)
        return folder

    def begin(self, run_id: str) -> Path:
        """Create a new folder for this writer. Raises InvalidInput for an invalid id."""
        if not _ID.fullmatch(run_id):
            raise InvalidInput("There is no such prediction.")
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = self.root / f".{run_id}.{secrets.token_hex(4)}"
        folder.mkdir(mode=0o700)
        return folder

    def flush(self, folder: Path) -> None:
        """Write a finished folder to disk, so that publishing it survives a power failure."""
        for file in folder.iterdir():
            flush(file)
        flush(folder)

    def publish(self, folder: Path, run_id: str) -> None:
        """Rename a flushed folder to its run's id, replacing an earlier result.

        Deletes unfinished folders of the run.
        """
        target = self.root / run_id
        if target.exists() and exchange(folder, target):
            flush(self.root)
        else:
            if target.exists():  # `heal` repairs the state if the process is killed between these two renames
                target.rename(self.root / f".{run_id}{REPLACED}")
            publish(folder, target)
        for leftover in self.root.glob(f".{run_id}.*"):
            shutil.rmtree(leftover, ignore_errors=True)

    def discard(self, run_id: str) -> None:
        """Delete a run's folder and its copies in the trash. Raises OSError if something cannot be deleted."""
        if _ID.fullmatch(run_id) and self.root.is_dir():
            own = (self.root / run_id, *self.root.glob(f".{run_id}.*"), *trashed_copies(self.root, run_id))
            for folder in own:
                remove_tree(folder)

    def size(self, run_id: str) -> int:
        if not _ID.fullmatch(run_id) or not (self.root / run_id).is_dir():
            return 0
        return sum(file.stat().st_size for file in (self.root / run_id).iterdir() if file.is_file())

    def heal(self) -> None:
        """Restore the name of a result whose replacement was killed between the two renames."""
        for replaced in self.root.glob(f".*{REPLACED}"):
            target = self.root / replaced.name[1:].removesuffix(REPLACED)
            if not target.exists():
                replaced.rename(target)

    def sweep_unfinished(self, writing: Collection[str], *, before: float | None = None) -> int:
        """Delete unfinished folders of runs that are not in `writing`. Returns how many.

        With `before` (seconds since the epoch), only folders without later changes.
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
        """Delete all unfinished results and spilled query data that a crash left."""
        self.heal()
        for folder in self.root.glob(".*"):
            if folder.name != SPILL:
                shutil.rmtree(folder, ignore_errors=True)
        for file in (self.root / SPILL).glob("*"):  # keep the folder, because running queries use it
            file.unlink(missing_ok=True)
