"""What is written survives a power cut, and what is deleted is gone."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from pathlib import Path

MAX_ATTEMPTS = 3
"""A folder that somebody writes to while it is deleted is seldom empty at the first attempt."""


AT_FDCWD, RENAME_EXCHANGE = -100, 2
"""From linux/fcntl.h and linux/fs.h."""


def flush(path: Path) -> None:
    """A file's content, or the names in a folder. Not every system lets a folder be opened for it."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        if path.is_dir():
            return
        raise
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_tree(folder: Path) -> None:
    """Delete a folder if it is there. Raises OSError where something of it stays."""
    for _ in range(MAX_ATTEMPTS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
    raise OSError(errno.ENOTEMPTY, "not everything could be deleted", folder.name)


def exchange(first: Path, second: Path) -> bool:
    """Give two paths each other's content in one step; False where the system cannot, and nothing was changed."""
    if not sys.platform.startswith("linux"):
        return False
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    return bool(renameat2(AT_FDCWD, os.fsencode(first), AT_FDCWD, os.fsencode(second), RENAME_EXCHANGE) == 0)
