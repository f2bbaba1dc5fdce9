"""Room on the disk: bulk writers stop before it is full, and a reserve file is released for what must still work."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from adapters.storage.problems import storage_problems
from domain.errors import StorageFull

RESERVE_FILE = "reserve"
SHARE_OF_RESERVE = 4
"""The reserve file is a quarter of the reserve: enough for the database's journal of a large deletion."""
LOW_SHARE = 32
"""A transaction begins with at least a 32nd of the reserve free, from the reserve file where there is no other."""


@dataclass(frozen=True, slots=True)
class DiskRoom:
    """The disk under `folder`, of which `reserve` bytes are kept free of uploads, results, models and exports."""

    folder: Path
    reserve: int

    def check(self, more: int = 0) -> None:
        """Raises StorageFull where writing `more` bytes would leave less than the reserve."""
        if self._free() - more < self.reserve:
            raise StorageFull("The disk of this installation is almost full; the rest is reserved for deletions.")

    def release_when_low(self) -> None:
        """Free the reserve file's blocks where little else is left, so that a small transaction can be written."""
        if self._free() < self.reserve // LOW_SHARE:
            with suppress(OSError):
                self._file.unlink(missing_ok=True)

    def refill(self) -> None:
        """Write the reserve file where it is missing and there is room for it besides the reserve."""
        size = self.reserve // SHARE_OF_RESERVE
        if not size or self._file.exists() or self._free() < self.reserve + size:
            return
        draft = self._file.with_suffix(".part")
        with storage_problems():
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                _fill(descriptor, size)
            finally:
                os.close(descriptor)
            draft.replace(self._file)

    def _free(self) -> int:
        try:
            return shutil.disk_usage(self.folder).free
        except OSError:  # whoever writes will see what is wrong with the disk
            return self.reserve * 2

    @property
    def _file(self) -> Path:
        return self.folder / RESERVE_FILE


def _fill(descriptor: int, size: int) -> None:
    """Take `size` bytes of the disk for good: a sparse file would reserve nothing."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    for _ in range(0, size, 1024**2):
        os.write(descriptor, b"\0" * 1024**2)


UNLIMITED = DiskRoom(Path("/"), 0)
"""For tests and tools that keep no reserve."""
