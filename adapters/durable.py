"""Atomic and durable file operations: written files survive a power failure, deleted folders are removed completely."""

from __future__ import annotations

import ctypes
import errno
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

MAX_ATTEMPTS = 3
"""Attempts to delete a folder. The first one can fail while another process still writes to the folder."""


AT_FDCWD, RENAME_EXCHANGE = -100, 2
"""From linux/fcntl.h and linux/fs.h."""


def flush(path: Path) -> None:
    """Write a file's content, or a folder's entries, to disk. Skips a folder that the system cannot open."""
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


def flush_tree(folder: Path) -> None:
    """Write a folder and everything in it to disk, deepest entries first."""
    for path in sorted(folder.rglob("*"), reverse=True):
        flush(path)
    flush(folder)


def sync(file: BinaryIO) -> None:
    """Write the buffered content of an open file to disk."""
    file.flush()
    os.fsync(file.fileno())


def draft_of(path: Path) -> Path:
    """A hidden, random path in the same folder, for writing a file before it is renamed to `path`."""
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}")


@contextmanager
def atomic_write(path: Path, *, draft: Path | None = None, replace: bool = True) -> Iterator[BinaryIO]:
    """Write a file completely or not at all, readable by its owner only (mode 0600).

    The content goes to `draft`, in the same folder (`draft_of` by default), and is published at the end of the block.
    If the block raises, the draft is removed and `path` is unchanged. Check the free disk space inside the block.
    Raises FileExistsError if `path` exists and `replace` is false: of several concurrent writers, the first one wins.
    """
    draft = draft or draft_of(path)
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
        publish(draft, path, replace=replace)
    finally:
        draft.unlink(missing_ok=True)


def publish(draft: Path, target: Path, *, replace: bool = True) -> None:
    """Rename a finished file or folder to its target: flush it, rename it, flush its parent folder.

    Flush the files inside a folder before this call. Raises FileNotFoundError if there is no draft. Raises
    FileExistsError if `target` exists and `replace` is false; the draft then remains.
    """
    flush(draft)
    if replace:
        draft.replace(target)
    else:
        _take_free_name(draft, target)
    flush(target.parent)


def _take_free_name(draft: Path, target: Path) -> None:
    try:
        os.link(draft, target)
    except FileExistsError:
        raise
    except OSError as error:  # a file system without hard links
        if target.exists():
            raise FileExistsError(errno.EEXIST, "the name is taken", target.name) from error
        draft.rename(target)
    else:
        draft.unlink()


def remove_tree(folder: Path) -> None:
    """Delete a folder if it exists. Raises OSError if part of it could not be deleted."""
    for _ in range(MAX_ATTEMPTS):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
    raise OSError(errno.ENOTEMPTY, "not everything could be deleted", folder.name)


def exchange(first: Path, second: Path) -> bool:
    """Swap two paths in one atomic step. Returns False, with nothing changed, if the system does not support it."""
    if not sys.platform.startswith("linux"):
        return False
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    return bool(renameat2(AT_FDCWD, os.fsencode(first), AT_FDCWD, os.fsencode(second), RENAME_EXCHANGE) == 0)
