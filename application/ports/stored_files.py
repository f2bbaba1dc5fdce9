"""Records of uploads, of file hashes and of files that are to be deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.run import Job


@dataclass(frozen=True, slots=True)
class UploadRecord:
    """An uploaded file. It has the id of its run or training."""

    id: str
    owner: str
    file_name: str
    sha256: str
    size: int
    at: datetime

    @classmethod
    def of(cls, work: Job) -> UploadRecord:
        return cls(work.id, work.owner, work.file_name, work.file_sha256, work.file_bytes, work.created_at)


class UploadLog(Protocol):
    """Records of the uploads that are still stored."""

    def add(self, record: UploadRecord) -> None: ...
    def get(self, upload_id: str) -> UploadRecord | None: ...
    def remove(self, upload_id: str) -> None: ...
    def all(self) -> Sequence[UploadRecord]:
        """Newest first."""


class FilePart(StrEnum):
    """Kinds of files stored under the id of a run or a training."""

    RESULTS = "results"
    UPLOAD = "upload"
    REJECTED = "rejected"


EVERY_PART = frozenset(FilePart)


@dataclass(frozen=True, slots=True)
class PendingDeletion:
    """Files to delete from `due` on, and again until `until` if a job could still write them.

    With `unless_listed`, they are kept if the upload has a record by then.
    """

    subject: str
    parts: frozenset[FilePart]
    due: datetime
    until: datetime | None = None
    unless_listed: bool = False
    id: int = 0
    """Assigned by `add`."""


class PendingDeletions(Protocol):
    """Pending deletions. Recorded in the transaction that decides them, removed once the files are deleted."""

    def add(self, deletion: PendingDeletion) -> PendingDeletion:
        """Store a deletion. Returns it with its id."""

    def remove(self, deletion_id: int) -> None: ...
    def remove_of(self, subject: str) -> None: ...
    def all(self) -> Sequence[PendingDeletion]:
        """All pending deletions, in the order in which they were added."""


class FileKind(StrEnum):
    """Kinds of files whose SHA-256 is stored in the table of file hashes."""

    RESULTS = "results"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class FileHash:
    """A valid SHA-256 (hex) of a file. For a run's results it is the hash of the folder's manifest."""

    kind: FileKind
    subject: str
    sha256: str
    size: int = 0


class FileHashes(Protocol):
    """The valid hashes of each file: one, or two while a file is being rewritten."""

    def accept(self, accepted: FileHash) -> None:
        """Add a valid hash and keep the existing ones."""

    def settle(self, only: FileHash) -> None:
        """Replace all existing hashes of the file by this one."""

    def remove(self, kind: FileKind, subject: str) -> None: ...
    def all(self, kind: FileKind) -> Sequence[FileHash]: ...
    def of(self, kind: FileKind, subject: str) -> frozenset[str]: ...
