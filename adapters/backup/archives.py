"""Creates, checks and stages backup archives of one data directory."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from adapters.backup.checking import read_manifest
from adapters.backup.manifest_text import product_version
from adapters.backup.restoring import stage
from adapters.backup.writing import draft
from application.ports.backups import BackupDraft, StagedRestore
from application.ports.system import Clock
from domain.backup import Manifest
from domain.errors import BackupRefused

NOT_SQLITE = (
    "The database is not SQLite, and netone backup copies SQLite only. Use pg_dump for the database, and copy "
    "uploads/, results/ and models/ after it."
)
ELSEWHERE = (
    "The database is outside the data directory (NETONE_DATABASE_URL), where a restore cannot replace both together. "
    "Unset NETONE_DATABASE_URL for the restore."
)
NO_DATABASE = "There is no database in {folder} yet, so there is nothing to back up."


@dataclass(frozen=True, slots=True)
class LocalBackups:
    """Implements Backups for the data directory `folder`, whose SQLite database `engine` opens."""

    folder: Path
    engine: Engine
    clock: Clock

    def draft(
        self, file: Path, *, at: datetime, with_key: bool, heartbeat: Callable[[], None]
    ) -> AbstractContextManager[BackupDraft]:
        if self.engine.dialect.name != "sqlite":
            raise BackupRefused(NOT_SQLITE)
        if not Path(self.engine.url.database or "").is_file():
            raise BackupRefused(NO_DATABASE.format(folder=self.folder))
        return draft(
            self.engine, self.folder, file, version=product_version(), at=at, with_key=with_key, heartbeat=heartbeat
        )

    def check(self, file: Path) -> Manifest:
        return read_manifest(file)

    def stage(self, file: Path) -> AbstractContextManager[StagedRestore]:
        if self.engine.dialect.name != "sqlite":
            raise BackupRefused(NOT_SQLITE)
        if Path(self.engine.url.database or "").resolve() != self.folder / "netone.db":
            raise BackupRefused(ELSEWHERE)
        return stage(file, self.folder, at=self.clock.now())
