"""Watched folders of this machine, or of shares that are mounted on it."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from adapters.folders.opening import in_words, is_being_written, make_folder, open_file, opened, opened_place
from domain.errors import FileGone, NameTaken
from domain.folders.files import FolderFile
from domain.folders.growth import FileMark, FoundFile
from domain.folders.names import Place, is_ignored, shown_name

DRAFT = ".netone-"
"""Prefix of the names of unfinished files, which nobody looks at."""
MAX_DRAFT_AGE = 3600.0
"""Seconds after which a draft counts as one that a killed process left."""
MAX_CHOICES = 200
MAX_DEPTH = 3
CHUNK = 1024**2
NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EACCES})
"""How file systems without hard links answer."""


@dataclass(frozen=True, slots=True)
class LocalFolders:
    """Implements WatchedFolders. `top` is the folder below which people on the web choose."""

    top: Path

    def root(self) -> str:
        return str(self.top)

    def choices(self) -> Sequence[str]:
        with in_words(str(self.top)):
            return sorted(_folders_below(self.top, ""))[:MAX_CHOICES] if self.top.is_dir() else []

    def prepare(self, folder: str) -> None:
        with in_words(self._where(folder)):
            if not Path(folder).is_absolute():
                self.top.mkdir(parents=True, exist_ok=True)
                _make_below(self.top, folder)
            with opened(self.top, folder) as descriptor:
                os.listdir(descriptor)
                for place in Place:
                    with opened_place(descriptor, place.value) as target:
                        _write(target, f"{DRAFT}check", ())
                        os.unlink(f"{DRAFT}check", dir_fd=target)

    def files(self, folder: str) -> Sequence[FoundFile]:
        with in_words(self._where(folder)), opened(self.top, folder) as descriptor:
            found = [_found(descriptor, name) for name in os.listdir(descriptor) if not is_ignored(name)]
        return sorted((own for own in found if own is not None), key=lambda own: (own.mark.written_ns, own.name))

    def sha256(self, folder: str, file: FoundFile) -> str | None:
        with self._opened(folder) as descriptor, in_words(f"{self._where(folder)}/{shown_name(file.name)}"):
            return _hash_of(descriptor, file.name, file.mark, writers=True)

    @contextmanager
    def open(self, folder: str, name: str) -> Iterator[IO[bytes]]:
        with self._opened(folder) as descriptor, in_words(f"{self._where(folder)}/{shown_name(name)}"):
            file = open_file(descriptor, name)
        if file is None:
            raise FileGone(f"{shown_name(name)} is no longer there.")
        with os.fdopen(file, "rb") as stream:
            yield stream

    def names(self, folder: str, place: Place) -> frozenset[str]:
        with self._place(folder, place) as (_, target):
            return frozenset(os.listdir(target))

    def move(self, folder: str, file: FolderFile, place: Place, name: str) -> bool:
        with self._place(folder, place) as (source, target):
            if _hash_of(source, file.name, file.mark) != file.sha256:
                return False
            if not _moved(source, file.name, target, name):
                return True
            if _mark_of(target, name) != file.mark:  # it was replaced in this moment: the new file goes back
                with suppress(FileExistsError):
                    _rename(target, name, source, file.name)
                    return False
            _flush(target, source)
            return True

    def write(self, folder: str, place: Place, name: str, pieces: Iterable[bytes]) -> None:
        with self._place(folder, place) as (_, target):
            _remove_old_drafts(target)
            _write(target, name, pieces)

    @contextmanager
    def _place(self, folder: str, place: Place) -> Iterator[tuple[int, int]]:
        """The descriptors of the folder and of a place in it."""
        with (
            self._opened(folder) as descriptor,
            in_words(f"{self._where(folder)}/{place}"),
            opened_place(descriptor, place.value) as inner,
        ):
            yield descriptor, inner

    @contextmanager
    def _opened(self, folder: str) -> Iterator[int]:
        with in_words(self._where(folder)), opened(self.top, folder) as descriptor:
            yield descriptor

    def _where(self, folder: str) -> str:
        return shown_name(folder if Path(folder).is_absolute() else str(self.top / folder))


def _folders_below(folder: Path, inner: str, depth: int = 1) -> Iterator[str]:
    for entry in os.scandir(folder):
        if not entry.is_dir(follow_symlinks=False) or is_ignored(entry.name) or entry.name in set(Place):
            continue
        if entry.name.isprintable():
            name = f"{inner}{entry.name}"
            yield name
            if depth < MAX_DEPTH:
                with suppress(OSError):
                    yield from _folders_below(folder / entry.name, f"{name}/", depth + 1)


def _make_below(top: Path, folder: str) -> None:
    """Make each part of the path that is missing, without following a link."""
    made = ""
    for part in Path(folder).parts:
        with opened(top, made) as descriptor:
            make_folder(descriptor, part)
        made = os.path.join(made, part)


def _found(folder: int, name: str) -> FoundFile | None:
    try:
        own = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(own.st_mode):
        return None
    return FoundFile(name, FileMark(own.st_size, own.st_mtime_ns), datetime.fromtimestamp(own.st_ctime, UTC))


def _mark_of(folder: int, name: str) -> FileMark | None:
    found = _found(folder, name)
    return found.mark if found else None


def _hash_of(folder: int, name: str, mark: FileMark, *, writers: bool = False) -> str | None:
    """The hash of a file with this mark; None if it has another one, before or after it is read."""
    descriptor = open_file(folder, name)
    if descriptor is None:
        return None
    with os.fdopen(descriptor, "rb") as file:
        if _mark(file) != mark or (writers and is_being_written(file.fileno())):
            return None
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return sha256 if _mark(file) == mark and _mark_of(folder, name) == mark else None


def _mark(file: IO[bytes]) -> FileMark:
    own = os.fstat(file.fileno())
    return FileMark(own.st_size, own.st_mtime_ns)


def _moved(source: int, name: str, target: int, new: str) -> bool:
    """Move a file. Returns whether it was renamed, and is not a copy. Raises NameTaken."""
    try:
        _rename(source, name, target, new)
    except FileExistsError as error:
        raise NameTaken(f"There is a file {shown_name(new)} already.") from error
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(source, name, target, new)
        return False
    return True


def _rename(source: int, name: str, target: int, new: str) -> None:
    """Rename without overwriting. Raises FileExistsError."""
    try:
        os.link(name, new, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if _exists(target, new):
            raise FileExistsError(errno.EEXIST, "the name is taken", new) from error
        os.rename(name, new, src_dir_fd=source, dst_dir_fd=target)
    else:
        os.unlink(name, dir_fd=source)


def _copy(source: int, name: str, target: int, new: str) -> None:
    """Move to another file system: copied under a hidden name, flushed, renamed, and only then deleted here."""
    if _exists(target, new):
        raise NameTaken(f"There is a file {shown_name(new)} already.")
    descriptor = open_file(source, name)
    if descriptor is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
    with os.fdopen(descriptor, "rb") as file:
        own = os.fstat(file.fileno())
        _write(target, new, iter(lambda: file.read(CHUNK), b""), times=(own.st_atime_ns, own.st_mtime_ns))
    os.unlink(name, dir_fd=source)


def _write(folder: int, name: str, pieces: Iterable[bytes], *, times: tuple[int, int] | None = None) -> None:
    draft = f"{DRAFT}{secrets.token_hex(4)}.part"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666, dir_fd=folder)
    try:
        with suppress(OSError):  # the file gets the rights of the folder; some shares have no such rights
            os.fchmod(descriptor, os.fstat(folder).st_mode & 0o666)
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
            if times is not None:
                os.utime(file.fileno(), ns=times)
        os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft, dir_fd=folder)
        raise
    _flush(folder)


def _exists(folder: int, name: str) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _flush(*folders: int) -> None:
    for folder in folders:
        with suppress(OSError):  # some shares cannot flush a folder
            os.fsync(folder)


def _remove_old_drafts(folder: int) -> None:
    old = time.time() - MAX_DRAFT_AGE
    for name in os.listdir(folder):
        if name.startswith(DRAFT):
            with suppress(OSError):
                if os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime < old:
                    os.unlink(name, dir_fd=folder)
