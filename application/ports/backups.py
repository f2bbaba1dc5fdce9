"""Backups of the whole installation: making, checking and restoring archives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from application.ports.unit_of_work import UnitOfWork
from domain.account import Account
from domain.backup import BackupPart, Manifest, StoredBackup
from domain.second_factor import SecondFactor


class BackupDraft(Protocol):
    """An unfinished archive. It already holds a snapshot of the database."""

    def snapshot(self) -> AbstractContextManager[UnitOfWork]:
        """A read-only unit of work on the database as it was when the backup began."""

    def add(self, parts: Sequence[BackupPart]) -> Sequence[BackupPart]:
        """Copy the files of these parts, in this order. Returns the parts that have no files.

        Raises BackupRefused, before anything is copied, if the disk has too little free space.
        """

    def finish(self, *, missing: Sequence[BackupPart], deleted: Sequence[BackupPart]) -> StoredBackup:
        """Write the manifest, verify the whole archive by reading it again, and rename it to its final name.

        Raises Conflict if a file with this name has been created meanwhile, BackupDamaged if the verification fails.
        """


@dataclass(frozen=True, slots=True)
class PresentAccount:
    """An account as it is before a restore, with its second factor and the hashes of its unused recovery codes."""

    account: Account
    second_factor: SecondFactor | None = None
    recovery_codes: tuple[str, ...] = ()


class StagedRestore(Protocol):
    """A verified archive, unpacked next to the installation that it will replace. Its database schema is current."""

    @property
    def manifest(self) -> Manifest: ...

    def new_uow(self) -> UnitOfWork:
        """A writable unit of work on the restored database."""

    def present_accounts(self) -> Sequence[PresentAccount] | None:
        """The accounts in the current database of the same installation. None if there is none or it can't be read."""

    def has(self, part: BackupPart) -> bool:
        """Whether the archive holds files of this part."""

    def discard(self, part: BackupPart) -> None:
        """Exclude the files of this part from the restore."""

    def swap(self) -> Path | None:
        """Replace the present state by the restored one.

        Returns the folder to which the present state was moved; None if there was none. If the process crashes during
        the swap, the next start or restore completes it.
        """


class Backups(Protocol):
    """Creates, checks and unpacks archives of this installation."""

    def draft(
        self, file: Path, *, at: datetime, with_key: bool, heartbeat: Callable[[], None]
    ) -> AbstractContextManager[BackupDraft]:
        """Begin an archive. `heartbeat` is called often while it is written. An unfinished archive is deleted.

        Raises Conflict if a file with this name exists, BackupRefused if there is no database or too little space.
        """

    def check(self, file: Path) -> Manifest:
        """Verify every byte. Raises BackupDamaged, or BackupRefused for another kind of file or a newer version."""

    def stage(self, file: Path) -> AbstractContextManager[StagedRestore]:
        """`check` the archive, unpack it and upgrade its database. Without `swap`, nothing is changed."""


class BackupFolder(Protocol):
    """The folder of nightly backups, one file per start time."""

    def file_of(self, at: datetime) -> Path:
        """The file of a backup begun at this time. Creates the folder; raises BackupRefused if that fails."""

    def made_at(self) -> Sequence[datetime]:
        """Start times of all finished backups, oldest first, in whole seconds."""

    def remove(self, at: datetime) -> None: ...
    def remove_unfinished(self) -> int:
        """Delete the files of interrupted backups. Returns how many."""
