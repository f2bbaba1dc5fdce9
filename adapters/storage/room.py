"""Free disk space: bulk writers stop before the disk is full, and a reserve file is released for small transactions."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from adapters.durable import publish
from adapters.storage.problems import storage_problems
from domain.errors import StorageFull

RESERVE_FILE = "reserve"
SHARE_OF_RESERVE = 4
"""The reserve file is a quarter of the reserve, enough for the database's journal during a large deletion."""
LOW_SHARE = 32
"""Before a transaction, the reserve file is released if less than 1/32 of the reserve is free."""


@dataclass(frozen=True, slots=True)
class DiskRoom:
    """The disk of `folder`. Uploads, results, models and exports must leave `reserve` bytes free."""

    folder: Path
    reserve: int

    def check(self, more: int = 0) -> None:
        """Raises StorageFull if writing `more` bytes would leave less than the reserve."""
        if self._free() - more < self.reserve:
            raise StorageFull("The disk of this installation is almost full; the rest is reserved for deletions.")

    def release_when_low(self) -> None:
        """Delete the reserve file if the disk is almost full, so that a small transaction can be written."""
        if self._free() < self.reserve // LOW_SHARE:
            with suppress(OSError):
                self._file.unlink(missing_ok=True)

    def refill(self) -> None:
        """Write the reserve file if it is missing and there is space for it in addition to the reserve."""
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
            publish(draft, self._file)

    def _free(self) -> int:
        try:
            return shutil.disk_usage(self.folder).free
        except OSError:  # the next write reports the disk's error
            return self.reserve * 2

    @property
    def _file(self) -> Path:
        return self.folder / RESERVE_FILE


def _fill(descriptor: int, size: int) -> None:
    """Allocate `size` bytes on the disk. A sparse file would reserve nothing."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    for _ in range(0, size, 1024**2):
        os.write(descriptor, b"\0" * 1024**2)


UNLIMITED = DiskRoom(Path("/"), 0)
"""For tests and tools without a reserve."""
