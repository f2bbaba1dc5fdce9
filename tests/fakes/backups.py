"""Archives in memory."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from application.ports.backups import BackupDraft, BackupFolder, Backups, PresentAccount, StagedRestore
from application.ports.unit_of_work import UnitOfWork
from domain.backup import FORMAT, PRODUCT, ArchivedFile, BackupPart, Manifest, StoredBackup
from domain.errors import BackupRefused, Conflict, DomainError
from tests.fakes.kept.everything import Kept
from tests.fakes.persistence import FakeDatabase, FakeUnitOfWork

SHA256 = "0" * 64


@dataclass(frozen=True)
class FakeArchive:
    manifest: Manifest
    kept: Kept
    parts: frozenset[BackupPart]


@dataclass
class FakeBackups:
    """Implements Backups over a database in memory; `parts` are those that have files."""

    database: FakeDatabase
    parts: set[BackupPart] = field(default_factory=set)
    archives: dict[Path, FakeArchive] = field(default_factory=dict)
    refuse: DomainError | None = None
    """Raised instead of making an archive."""
    meanwhile: Callable[[], object] = lambda: None
    """What others do between the snapshot and the copying of files."""
    heartbeat: Callable[[], None] = lambda: None
    """The heartbeat of the archive that is being made."""

    @contextmanager
    def _draft(self, file: Path, at: datetime, heartbeat: Callable[[], None]) -> Iterator[BackupDraft]:
        if file in self.archives:
            raise Conflict(f"There is already a file called {file.name}.")
        yield _FakeDraft(self, file, at, copy.deepcopy(self.database.kept), heartbeat)

    def draft(
        self, file: Path, *, at: datetime, with_key: bool, heartbeat: Callable[[], None]
    ) -> AbstractContextManager[BackupDraft]:
        return self._draft(file, at, heartbeat)

    def check(self, file: Path) -> Manifest:
        if file not in self.archives:
            raise BackupRefused(f"{file.name} is not a backup of this product.")
        return self.archives[file].manifest

    @contextmanager
    def _stage(self, file: Path) -> Iterator[StagedRestore]:
        self.check(file)
        archive = self.archives[file]
        yield _FakeStage(self, archive.manifest, FakeDatabase.of(copy.deepcopy(archive.kept)), set(archive.parts))

    def stage(self, file: Path) -> AbstractContextManager[StagedRestore]:
        return self._stage(file)


@dataclass
class _FakeDraft:
    backups: FakeBackups
    file: Path
    at: datetime
    kept: Kept
    heartbeat: Callable[[], None]
    copied: set[BackupPart] = field(default_factory=set)

    def snapshot(self) -> AbstractContextManager[UnitOfWork]:
        return FakeUnitOfWork(FakeDatabase.of(copy.deepcopy(self.kept)), reading=True)

    def add(self, parts: Sequence[BackupPart]) -> Sequence[BackupPart]:
        self.backups.heartbeat = self.heartbeat
        self.backups.meanwhile()
        self.heartbeat()
        if self.backups.refuse is not None:
            raise self.backups.refuse
        self.copied = set(parts) & self.backups.parts
        return [part for part in parts if part not in self.copied]

    def finish(self, *, missing: Sequence[BackupPart], deleted: Sequence[BackupPart]) -> StoredBackup:
        files = tuple(ArchivedFile(f"{part.kind.value}/{part.id}", 1, SHA256) for part in sorted(self.copied))
        manifest = Manifest(
            format=FORMAT,
            product=PRODUCT,
            version="0.1.0",
            schema="0001",
            installation=self.kept.installation,
            created_at=self.at,
            with_key=False,
            files=files,
            missing=tuple(missing),
            deleted=tuple(deleted),
        )
        self.backups.archives[self.file] = FakeArchive(manifest, self.kept, frozenset(self.copied))
        return StoredBackup(self.file.name, len(files), SHA256, manifest)


@dataclass
class _FakeStage:
    backups: FakeBackups
    manifest: Manifest
    staged: FakeDatabase
    parts: set[BackupPart]

    def new_uow(self) -> UnitOfWork:
        return FakeUnitOfWork(self.staged)

    def present_accounts(self) -> Sequence[PresentAccount] | None:
        if self.backups.database.kept.installation != self.manifest.installation:
            return None
        with FakeUnitOfWork(self.backups.database, reading=True) as uow:
            factors = uow.second_factors
            return [
                PresentAccount(own, factors.get(own.id), tuple(factors.unused_codes(own.id)))
                for own in uow.accounts.all()
            ]

    def has(self, part: BackupPart) -> bool:
        return part in self.parts

    def discard(self, part: BackupPart) -> None:
        self.parts.discard(part)

    def swap(self) -> Path | None:
        self.backups.database.kept, self.backups.parts = self.staged.kept, self.parts
        return Path("before")


@dataclass
class FakeBackupFolder:
    """Implements BackupFolder; its files are the archives of `backups` under names of nightly backups."""

    backups: FakeBackups
    tidied: int = 0

    def file_of(self, at: datetime) -> Path:
        return Path("nightly") / f"{at:%Y%m%dT%H%M%S%z}.tar"

    def made_at(self) -> Sequence[datetime]:
        nightly = [file for file in self.backups.archives if file.parent.name == "nightly"]
        return sorted(datetime.strptime(file.stem, "%Y%m%dT%H%M%S%z") for file in nightly)

    def remove(self, at: datetime) -> None:
        self.backups.archives.pop(self.file_of(at), None)

    def remove_unfinished(self) -> int:
        self.tidied += 1
        return 0


if TYPE_CHECKING:

    def _fulfils(
        backups: FakeBackups, draft: _FakeDraft, stage: _FakeStage, folder: FakeBackupFolder
    ) -> tuple[Backups, BackupDraft, StagedRestore, BackupFolder]:
        return backups, draft, stage, folder
