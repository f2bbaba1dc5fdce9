"""Records of backups."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.backup import BackupRecord, BackupState


class BackupLog(Protocol):
    """Records of backups, nightly and manual. A night has at most one record."""

    def add(self, record: BackupRecord) -> None:
        """Raises Conflict if the id or the night has a record already."""

    def save(self, record: BackupRecord) -> None:
        """Raises NotFound."""

    def of_night(self, night: str) -> BackupRecord | None: ...
    def latest(self, state: BackupState | None = None) -> BackupRecord | None:
        """The most recently begun backup, of those in this state if one is given."""

    def remove_before(self, at: datetime) -> int:
        """Delete records of backups begun before this time. Returns how many."""

    def remove_running(self) -> int:
        """Delete records of backups that have not ended. Returns how many."""
