"""The folder of nightly backups. Lists and deletes only files that are named like nightly backups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from adapters.backup.writing import PARTIAL, SNAPSHOT
from domain.errors import BackupRefused

_NAME = "netone-backup-%Y%m%dT%H%M%SZ.tar"
_PATTERN = "netone-backup-*.tar"


@dataclass(frozen=True, slots=True)
class LocalBackupFolder:
    """Implements BackupFolder."""

    folder: Path

    def file_of(self, at: datetime) -> Path:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            reason = error.strerror or str(error)
            raise BackupRefused(f"The folder for backups, {self.folder}, cannot be created: {reason}.") from error
        return self.folder / at.astimezone(UTC).strftime(_NAME)

    def made_at(self) -> Sequence[datetime]:
        times = (_time_of(path) for path in self.folder.glob(_PATTERN) if path.is_file())
        return sorted(at for at in times if at is not None)

    def remove(self, at: datetime) -> None:
        self.file_of(at).unlink(missing_ok=True)

    def remove_unfinished(self) -> int:
        unfinished = [path for ending in (PARTIAL, SNAPSHOT) for path in self.folder.glob(f".{_PATTERN}.*{ending}*")]
        for path in unfinished:
            path.unlink(missing_ok=True)
        return len(unfinished)


def _time_of(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.name, _NAME).replace(tzinfo=UTC)
    except ValueError:
        return None
