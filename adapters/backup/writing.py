"""Writes an archive: first a snapshot of the database, then the files that it refers to, then the manifest."""

from __future__ import annotations

import errno
import glob
import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

from sqlalchemy import Engine

from adapters.backup import names
from adapters.backup.checking import read_manifest
from adapters.backup.manifest_text import manifest_bytes, seal_of
from adapters.backup.parts import open_part, size_of
from adapters.backup.tar_blocks import END, header_of, padding_of
from adapters.durable import publish, sync
from adapters.intake.limits import in_words
from adapters.persistence.backup import backup as copy_database
from adapters.persistence.backup import leave_wal_mode, revision_in
from adapters.persistence.engine import Access, make_engine
from adapters.persistence.unit_of_work import SqlUnitOfWork
from adapters.service_lock import is_locked, try_lock
from application.ports.backups import BackupDraft
from application.ports.unit_of_work import UnitOfWork
from domain.backup import FORMAT, PRODUCT, ArchivedFile, BackupPart, Manifest, StoredBackup
from domain.errors import BackupRefused, Conflict

CHUNK = 1024**2
PARTIAL, SNAPSHOT = ".partial", ".snapshot"
MIN_ABANDONED_AGE = 60.0
"""Seconds since the last write after which an unlocked archive counts as abandoned."""
_DRAFT = re.compile(rf"(\..+\.[0-9]+-[0-9a-f]{{8}})({re.escape(PARTIAL)}$|{re.escape(SNAPSHOT)})", re.ASCII)
MIN_RESERVE = 16 * 1024**2
"""Bytes left free on the disk that the archive is written to."""


class ArchiveWriter:
    """Appends members to an open file. Hashes each member and the whole archive in constant memory."""

    def __init__(self, file: BinaryIO, *, mtime: int, heartbeat: Callable[[], None]) -> None:
        self.files: list[ArchivedFile] = []
        self.size = 0
        self._file, self._mtime, self._heartbeat = file, mtime, heartbeat
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """SHA-256 of everything written so far."""
        return self._digest.hexdigest()

    def add(self, name: str, source: BinaryIO, size: int) -> None:
        """Copy exactly `size` bytes of the source. Raises BackupRefused if it has fewer."""
        digest, left = hashlib.sha256(), size
        self._write(header_of(name, size, self._mtime))
        while left:
            chunk = source.read(min(CHUNK, left))
            if not chunk:
                raise BackupRefused(f"{name} became shorter while it was copied. Nothing was kept; try again.")
            digest.update(chunk)
            self._write(chunk)
            left -= len(chunk)
            self._heartbeat()
        self._write(bytes(padding_of(size)))
        self.files.append(ArchivedFile(name, size, digest.hexdigest()))

    def close(self, manifest: Manifest) -> None:
        """Write the manifest, its hash, and the end of the archive."""
        text = manifest_bytes(manifest)
        for name, content in ((names.MANIFEST, text), (names.SEAL, seal_of(text))):
            self.add(name, BytesIO(content), len(content))
        self._write(END)

    def _write(self, content: bytes) -> None:
        self._file.write(content)
        self._digest.update(content)
        self.size += len(content)


@dataclass
class ArchiveDraft:
    """Implements BackupDraft over the data directory `folder`."""

    folder: Path
    target: Path
    partial: Path
    snapshot_file: Path
    version: str
    at: datetime
    with_key: bool
    writer: ArchiveWriter
    stream: BinaryIO

    @contextmanager
    def snapshot(self) -> Iterator[UnitOfWork]:
        engine = make_engine(f"sqlite:///{self.snapshot_file}")
        try:
            with SqlUnitOfWork(engine, access=Access.READING) as uow:
                yield cast(UnitOfWork, uow)
        finally:
            engine.dispose()
            leave_wal_mode(self.snapshot_file)

    def add(self, parts: Sequence[BackupPart]) -> Sequence[BackupPart]:
        needed = self.snapshot_file.stat().st_size + sum(size_of(self.folder, part) for part in parts)
        must_fit(self.target.parent, needed + MIN_RESERVE)
        self._add_single_files()
        return [part for part in parts if not self._add_part(part)]

    def finish(self, *, missing: Sequence[BackupPart], deleted: Sequence[BackupPart]) -> StoredBackup:
        manifest = self._manifest(missing, deleted)
        self.writer.close(manifest)
        sync(self.stream)
        read_manifest(self.partial, shown_as=self.target.name)
        publish_archive(self.partial, self.target)
        return StoredBackup(self.target.name, self.writer.size, self.writer.sha256, manifest)

    def _add_single_files(self) -> None:
        with self.snapshot_file.open("rb") as database:
            self.writer.add(names.DATABASE, database, self.snapshot_file.stat().st_size)
        for name in (names.INSTALLATION, *([names.KEY] if self.with_key else [])):
            with suppress(FileNotFoundError), (self.folder / name).open("rb") as file:
                self.writer.add(name, file, os.fstat(file.fileno()).st_size)

    def _add_part(self, part: BackupPart) -> bool:
        """Add the part's files; whether it had any. Opens all of them before copying, so that they are consistent."""
        with ExitStack() as opened:
            files = open_part(self.folder, part, opened)
            for name, file in files:
                self.writer.add(name, file, os.fstat(file.fileno()).st_size)
        return bool(files)

    def _manifest(self, missing: Sequence[BackupPart], deleted: Sequence[BackupPart]) -> Manifest:
        return Manifest(
            format=FORMAT,
            product=PRODUCT,
            version=self.version,
            schema=revision_in(self.snapshot_file),
            installation=names.installation_of(self.folder),
            created_at=self.at,
            with_key=any(file.name == names.KEY for file in self.writer.files),
            files=tuple(self.writer.files),
            missing=tuple(missing),
            deleted=tuple(deleted),
        )


@contextmanager
def draft(
    engine: Engine,
    folder: Path,
    target: Path,
    *,
    version: str,
    at: datetime,
    with_key: bool,
    heartbeat: Callable[[], None],
) -> Iterator[BackupDraft]:
    """See the port Backups. The archive is written under a temporary name next to its target."""
    _check_target(target)
    remove_abandoned(target.parent)
    # The name is random, so concurrent backups never write to the same file.
    draft_name = f".{target.name}.{os.getpid()}-{os.urandom(4).hex()}"
    partial, snapshot = (target.with_name(draft_name + ending) for ending in (PARTIAL, SNAPSHOT))
    try:
        must_fit(target.parent, _database_size(engine) + MIN_RESERVE)
        descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            try_lock(descriptor)  # held until the stream is closed or the process is killed
            copy_database(engine, snapshot)
            writer = ArchiveWriter(stream, mtime=int(at.timestamp()), heartbeat=heartbeat)
            yield ArchiveDraft(folder, target, partial, snapshot, version, at, with_key, writer, stream)
    except OSError as error:
        raise _write_failure(error, target) from error
    finally:
        for leftover in (partial, *snapshot.parent.glob(f"{snapshot.name}*")):
            leftover.unlink(missing_ok=True)


def remove_abandoned(folder: Path) -> int:
    """Delete unfinished archives of killed processes in this folder, which hold customers' data. Returns how many.

    A running process holds a lock on its archive.
    """
    old, removed = time.time() - MIN_ABANDONED_AGE, 0
    for name in _draft_names(folder):
        partial = folder / f"{name}{PARTIAL}"
        parts = [partial, *folder.glob(f"{glob.escape(name)}{SNAPSHOT}*")]
        with suppress(OSError):  # another user's file, or already deleted
            last_write = max((part.stat().st_mtime for part in parts if part.exists()), default=old)
            if last_write < old and not (partial.exists() and is_locked(partial)):
                for part in parts:
                    part.unlink(missing_ok=True)
                removed += 1
    return removed


def _draft_names(folder: Path) -> set[str]:
    """Names of drafts without their endings. A process killed after publishing leaves only a snapshot."""
    matches = (_DRAFT.match(path.name) for path in folder.glob(".*")) if folder.is_dir() else ()
    return {match[1] for match in matches if match}


def publish_archive(partial: Path, target: Path) -> None:
    """Rename a finished archive to `target`. Raises Conflict if `target` exists."""
    try:
        publish(partial, target, replace=False)
    except FileExistsError as error:
        raise _name_conflict(target) from error


def must_fit(folder: Path, needed: int) -> None:
    """Raises BackupRefused if the disk has fewer than `needed` free bytes."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupRefused(
            f"There is not enough space in {folder}: {in_words(needed)} are needed and {in_words(free)} are free. "
            "Nothing was written. Free some space, or choose another disk."
        )


def _check_target(target: Path) -> None:
    if os.path.lexists(target):
        raise _name_conflict(target)
    if not target.parent.is_dir():
        raise BackupRefused(f"There is no folder {target.parent} to write the backup to.")


def _name_conflict(target: Path) -> Conflict:
    return Conflict(f"There is already a file called {target.name}. It was not changed. Choose another name.")


def _write_failure(error: OSError, target: Path) -> BackupRefused:
    reason = "The disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else (error.strerror or str(error))
    return BackupRefused(f"The backup could not be written to {target.parent}: {reason}. No backup was kept.")


def _database_size(engine: Engine) -> int:
    file = Path(engine.url.database or "")
    return sum(part.stat().st_size for part in (file, Path(f"{file}-wal")) if part.is_file())
