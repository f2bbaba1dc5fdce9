"""Stores uploaded files under the id of their run or training."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO

from adapters.durable import atomic_write, publish
from adapters.intake.limits import in_words
from adapters.storage.hashing import sha256_of
from adapters.storage.problems import storage_problems
from adapters.storage.room import UNLIMITED, DiskRoom
from adapters.storage.trash import trashed_copies
from application.ports.intake import StoredUpload
from domain.errors import FileRefused, InvalidInput

CHUNK = 1024**2
DRAFT = "check-"
"""Prefix of uploads that are only checked."""
CHECK_ROOM_EVERY = 16 * 1024**2
FILE, LIST = ".upload", ".rejected.csv"
"""Suffixes of an upload and of its list of rejected rows."""
LEFT_UNFINISHED = 60.0
"""Seconds since the last write after which an unfinished file counts as abandoned."""
LEFT_WHOLE = 3600.0
"""The same for complete drafts."""
LEFT_LIST = 24 * 3600.0
"""The same for unpublished lists of rejected rows. In a large file, hours can pass between two rejected rows."""
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class FileUploads:
    """Stores uploads in `folder`, readable only by this user. File names from people are never used as paths."""

    folder: Path
    room: DiskRoom = UNLIMITED

    @storage_problems()
    def receive(self, upload_id: str, stream: IO[bytes], *, limit: int) -> StoredUpload:
        """Write the stream to a temporary file, hash it, then rename the file.

        Raises FileRefused for an empty file or one above `limit`, StorageFull if only the reserve is left.
        """
        self.room.check()
        target = self.path(upload_id)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with atomic_write(target, draft=target.with_suffix(".part")) as file:
            return _copy(stream, file, limit, self.room)

    def path(self, upload_id: str) -> Path:
        """Raises InvalidInput if the id is not valid."""
        return self.folder / f"{_checked(upload_id)}{FILE}"

    def ids(self) -> list[str]:
        return sorted(
            {file.name.partition(".")[0] for kind in (FILE, LIST) for file in self.folder.glob(f"[!.]*{kind}")}
        )

    def rejected_path(self, upload_id: str) -> Path:
        return self.folder / f"{_checked(upload_id)}{LIST}"

    def rejected_draft(self, upload_id: str) -> Path:
        return self.folder / f".{_checked(upload_id)}.{secrets.token_hex(4)}{LIST}"

    def publish_rejected(self, upload_id: str, draft: Path) -> None:
        if draft.is_file():
            publish(draft, self.rejected_path(upload_id))
        self.forget_drafts(upload_id)

    def forget_drafts(self, upload_id: str | None = None) -> None:
        for draft in self.folder.glob(f".{'*' if upload_id is None else _checked(upload_id)}.*{LIST}"):
            with suppress(OSError):  # another process has the file open, and the system does not allow deleting it
                draft.unlink(missing_ok=True)

    def keep(self, upload_id: str) -> None:
        os.utime(self.path(upload_id))

    def discard(self, upload_id: str) -> None:
        rejected = self.rejected_path(upload_id)
        copies = trashed_copies(self.folder, rejected.name)
        for file in (rejected, rejected.with_name(f"{rejected.name}.part"), *copies):
            file.unlink(missing_ok=True)
        self.discard_file(upload_id)
        self.forget_drafts(upload_id)

    def discard_file(self, upload_id: str) -> None:
        whole = self.path(upload_id)
        copies = trashed_copies(self.folder, whole.name)
        for file in (whole.with_suffix(".part"), whole.with_name(f"{whole.name}.part"), *copies, whole):
            file.unlink(missing_ok=True)

    def sha256(self, upload_id: str) -> str:
        return sha256_of(self.path(upload_id))

    def written_since(self, upload_id: str, moment: datetime) -> bool:
        path = self.path(upload_id)
        return any(_written(file) > moment.timestamp() for file in (path, path.with_suffix(".part")))

    def sweep_unfinished(self) -> int:
        now, swept = time.time(), 0
        for file in self.folder.glob("*"):
            max_age = _max_age(file)
            if max_age is not None and _untouched_for(file, max_age, now):
                file.unlink(missing_ok=True)
                swept += 1
        return swept


def _max_age(file: Path) -> float | None:
    """Seconds since the last write after which an unfinished file counts as abandoned; None for finished files."""
    if file.suffix == ".part":
        return LEFT_UNFINISHED
    if file.name.startswith(DRAFT):
        return LEFT_WHOLE
    return LEFT_LIST if file.name.startswith(".") and file.name.endswith(LIST) else None


def _written(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _untouched_for(file: Path, seconds: float, now: float) -> bool:
    """Whether the file was not written for so many seconds. False if it was deleted in the meantime."""
    try:
        return file.is_file() and now - file.stat().st_mtime > seconds
    except OSError:
        return False


def _checked(upload_id: str) -> str:
    if not _ID.fullmatch(upload_id):
        raise InvalidInput("There is no such upload.")
    return upload_id


def _copy(stream: IO[bytes], file: BinaryIO, limit: int, room: DiskRoom) -> StoredUpload:
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise FileRefused(
                f"The file is larger than {in_words(limit)}.",
                advice="Split it, or ask an administrator to raise the limit.",
            )
        if size // CHECK_ROOM_EVERY > (size - len(chunk)) // CHECK_ROOM_EVERY:
            room.check()
        digest.update(chunk)
        file.write(chunk)
    if not size:
        raise FileRefused("The file is empty.", advice="Choose a CSV file with a header and one customer per line.")
    return StoredUpload(digest.hexdigest(), size)
