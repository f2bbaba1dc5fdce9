"""Records of backups in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.backup import BackupRecord, BackupState
from domain.errors import Conflict, NotFound
from tests.fakes.kept.everything import Kept, isolated


@dataclass(frozen=True, slots=True)
class FakeBackupLog:
    kept: Kept

    def add(self, record: BackupRecord) -> None:
        if record.id in self.kept.backups or (record.night and self.of_night(record.night)):
            raise Conflict("This backup already has a record.")
        self.kept.backups[record.id] = isolated(record)

    def save(self, record: BackupRecord) -> None:
        if record.id not in self.kept.backups:
            raise NotFound("There is no record of this backup.")
        self.kept.backups[record.id] = isolated(record)

    def of_night(self, night: str) -> BackupRecord | None:
        return next((isolated(own) for own in self.kept.backups.values() if own.night == night), None)

    def latest(self, state: BackupState | None = None) -> BackupRecord | None:
        fitting = [own for own in self.kept.backups.values() if state in (None, own.state)]
        return isolated(max(fitting, key=lambda own: (own.started_at, own.id), default=None))

    def remove_before(self, at: datetime) -> int:
        return self._remove([own.id for own in self.kept.backups.values() if own.started_at < at])

    def remove_running(self) -> int:
        return self._remove([own.id for own in self.kept.backups.values() if own.state is BackupState.RUNNING])

    def _remove(self, ids: list[str]) -> int:
        for record_id in ids:
            del self.kept.backups[record_id]
        return len(ids)
