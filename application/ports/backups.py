"""Backups of the whole installation: making, checking and restoring archives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from application.ports.persistence import UnitOfWork
from domain.account import Account
from domain.backup import BackupPart, Manifest, StoredBackup
from domain.second_factor import SecondFactor


class BackupDraft(Protocol):
    """An archive in the making. It already holds a snapshot of the database."""

    def snapshot(self) -> AbstractContextManager[UnitOfWork]:
        """The database as it was when the backup began, for reading."""

    def add(self, parts: Sequence[BackupPart]) -> Sequence[BackupPart]:
        """Copy the files of these parts, in this order. Returns the parts that have none.

        Raises BackupRefused, before anything is copied, when the disk has no room for them.
        """

    def finish(self, *, missing: Sequence[BackupPart], deleted: Sequence[BackupPart]) -> StoredBackup:
        """Write the manifest, verify the whole archive by reading it again, and give it its name.

        Raises Conflict when a file of this name has appeared meanwhile, BackupDamaged when what was read differs.
        """


@dataclass(frozen=True, slots=True)
class PresentAccount:
    """An account as it is before a restore, with its second factor and the hashes of its unused recovery codes."""

    account: Account
    second_factor: SecondFactor | None = None
    recovery_codes: tuple[str, ...] = ()


class StagedRestore(Protocol):
    """A verified archive, unpacked next to the installation that it is to replace. Its database is at our schema."""

    @property
    def manifest(self) -> Manifest: ...

    def new_uow(self) -> UnitOfWork:
        """The restored database, for writing."""

    def present_accounts(self) -> Sequence[PresentAccount] | None:
        """Accounts of the same installation as it is now. None when there is none, or its database can't be read."""

    def has(self, part: BackupPart) -> bool:
        """Whether the archive holds files of this part."""

    def discard(self, part: BackupPart) -> None:
        """Leave the files of this part out of what is restored."""

    def swap(self) -> Path | None:
        """Put the restored state in place of the present one. Where the present one was moved to; None if none was.

        After a crash in the middle, the next start or restore completes it.
        """


class Backups(Protocol):
    """Archives of this installation."""

    def draft(
        self, file: Path, *, at: datetime, with_key: bool, beat: Callable[[], None]
    ) -> AbstractContextManager[BackupDraft]:
        """Begin an archive. `beat` is called often while it is written. What is not finished leaves no file.

        Raises Conflict when there is a file of this name, BackupRefused without a database or without room.
        """

    def check(self, file: Path) -> Manifest:
        """Read every byte. Raises BackupDamaged, or BackupRefused for another kind of file or a newer version."""

    def stage(self, file: Path) -> AbstractContextManager[StagedRestore]:
        """`check`, then unpack and bring the database to our schema. Leaving without `swap` changes nothing."""


class BackupFolder(Protocol):
    """Where nightly backups are kept, one file per time at which one was begun."""

    def file_of(self, at: datetime) -> Path:
        """The file of a backup begun at this time. Makes the folder; raises BackupRefused when that fails."""

    def made_at(self) -> Sequence[datetime]:
        """Times of all finished backups, oldest first, in whole seconds."""

    def remove(self, at: datetime) -> None: ...
    def remove_unfinished(self) -> int:
        """Delete what interrupted backups left behind; how many files."""
