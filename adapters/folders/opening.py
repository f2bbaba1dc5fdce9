"""Opens folders and files without following links, and says in a sentence why the system refuses."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from domain.errors import FolderUnavailable

FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""O_NONBLOCK: opening a pipe would otherwise wait for a writer."""
AWAY = frozenset({errno.ESTALE, errno.EIO, errno.ETIMEDOUT, errno.ENOTCONN, errno.EHOSTDOWN, errno.EHOSTUNREACH})
REASONS = {
    errno.ENOENT: "{where} is not there. Make the folder, or mount the share that it is on.",
    errno.ENOTDIR: "{where} is not a folder, or a part of its path is a link, which is not followed.",
    errno.ELOOP: "{where} is a link, which is not followed. Use the folder itself.",
    errno.EACCES: "The service may not read and write {where}. Give its user the right to.",
    errno.EPERM: "The service may not read and write {where}. Give its user the right to.",
    errno.EROFS: "{where} is read-only. Make it writable; nothing was lost.",
    errno.ENOSPC: "The disk of {where} is full. Free space there; nothing was lost.",
    errno.EDQUOT: "The disk quota of {where} is used up. Free space there; nothing was lost.",
    errno.ENAMETOOLONG: "A name in {where} is too long for its file system. Shorten it.",
}


def unavailable(error: OSError, where: str) -> FolderUnavailable:
    if error.errno in AWAY:
        return FolderUnavailable(f"{where} does not answer. Check the share or the disk that it is on.")
    words = REASONS.get(error.errno or 0)
    if words is None:
        return FolderUnavailable(f"{where} cannot be used: {error.strerror or error}.")
    return FolderUnavailable(words.format(where=where))


@contextmanager
def in_words(where: str) -> Iterator[None]:
    """Raise errors of the system as FolderUnavailable."""
    try:
        yield
    except OSError as error:
        raise unavailable(error, where) from error


@contextmanager
def opened(root: Path, folder: str) -> Iterator[int]:
    """The descriptor of a folder. Below the root no part may be a link; an absolute path is opened as it is."""
    parts: tuple[str, ...] = ()
    start = Path(folder)
    if not start.is_absolute():
        start, parts = root, Path(folder).parts
    descriptor = os.open(start, FOLDER_FLAGS)
    try:
        for part in parts:
            if part == os.pardir:
                raise OSError(errno.EACCES, os.strerror(errno.EACCES), part)
            inner = os.open(part, FOLDER_FLAGS | os.O_NOFOLLOW, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def opened_place(folder: int, name: str, *, make: bool = True) -> Iterator[int]:
    """The descriptor of a folder within another one, made if it is missing."""
    if make:
        make_folder(folder, name)
    descriptor = os.open(name, FOLDER_FLAGS | os.O_NOFOLLOW, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def make_folder(folder: int, name: str) -> None:
    """Make a folder, if it is missing, for the same people as the one that it is in."""
    try:
        os.mkdir(name, dir_fd=folder)
    except FileExistsError:
        return
    with suppress(OSError):
        os.chmod(name, stat.S_IMODE(os.fstat(folder).st_mode), dir_fd=folder)


def open_file(folder: int, name: str) -> int | None:
    """The descriptor of a regular file; None if there is none of this name."""
    try:
        descriptor = os.open(name, FILE_FLAGS, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENXIO, errno.ENODEV):
            return None
        raise
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None


def is_being_written(descriptor: int) -> bool:
    """Whether a program has the file open to write, as far as the system says so: it does for one's own files."""
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    with suppress(OSError):
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False
