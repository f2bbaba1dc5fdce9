"""Backups: the manifest of an archive, which backups to keep, and when the nightly one is due."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

FORMAT = 1
"""Version of the archive's layout. A reader refuses higher ones."""
PRODUCT = "netone-churn"
MAX_MEMBERS = 2_000_000
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class PartKind(StrEnum):
    """What a row of the database can refer to in the data directory."""

    MODEL = "model"
    RESULTS = "results"
    UPLOAD = "upload"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, order=True)
class BackupPart:
    """The files of one model version, of one run's results, of one upload, or one list of rejected rows."""

    kind: PartKind
    id: str


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """One file of an archive: its name in the data directory, its size in bytes, its SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str

    def __post_init__(self) -> None:
        if self.size < 0 or not _SHA256.fullmatch(self.sha256):
            raise ValueError(f"{self.name!r} has no valid size or SHA-256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The table of contents of an archive.

    `missing` are parts that the database refers to and that had no files when the backup was made (for instance
    results past the retention period). `deleted` are parts that somebody deleted while the backup was being made:
    their rows are in the archive's database, and a restore removes them.
    """

    format: int
    product: str
    version: str
    schema: str
    installation: str | None
    created_at: datetime
    with_key: bool
    files: tuple[ArchivedFile, ...]
    missing: tuple[BackupPart, ...] = ()
    deleted: tuple[BackupPart, ...] = ()

    def __post_init__(self) -> None:
        if self.created_at.tzinfo is None:
            raise ValueError("the time of a backup has a time zone")
        if len({file.name for file in self.files}) != len(self.files):
            raise ValueError("a file is listed twice")

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class StoredBackup:
    """A finished archive: its size in bytes, the SHA-256 of the whole file, and its manifest."""

    name: str
    size: int
    sha256: str
    manifest: Manifest


def is_newer(version: str, than: str) -> bool:
    """Whether a product version such as "0.2.0" is later than another. One that cannot be read counts as newer."""
    try:
        return _numbers(version) > _numbers(than)
    except ValueError:
        return True


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


class BackupState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


SILENT_AFTER = timedelta(minutes=10)
"""A backup without a heartbeat for this long counts as interrupted."""
RETRY_AFTER = timedelta(hours=1)
"""A nightly backup that failed is tried again after this time."""
OVERDUE_AFTER = timedelta(hours=36)
"""Where nightly backups are set up, administrators are warned if the last complete one is older than this."""
RECORDS_KEPT = timedelta(days=400)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRecord:
    """One backup that was begun. `night` is the local date of a nightly one; None for one made on request."""

    id: str
    started_at: datetime
    seen_at: datetime
    state: BackupState
    night: str | None = None
    worker: str = ""
    finished_at: datetime | None = None
    file: str = ""
    size: int = 0
    sha256: str = ""
    error: str | None = None

    def may_be_tried_again(self, now: datetime) -> bool:
        """Whether this night's backup failed a while ago or lost its process. A time in the future counts as lost."""
        if self.state is BackupState.DONE:
            return False
        if self.state is BackupState.FAILED:
            return not timedelta(0) <= now - (self.finished_at or self.started_at) < RETRY_AFTER
        return not timedelta(0) <= now - self.seen_at < SILENT_AFTER


@dataclass(frozen=True, slots=True)
class BackupPlan:
    """When nightly backups are made, and how long they are kept. `weeks` keeps one backup of each of the last weeks."""

    at: time
    days: int
    weeks: int

    def __post_init__(self) -> None:
        if self.days < 1 or self.weeks < 0:
            raise ValueError("nightly backups are kept for at least one day and no negative number of weeks")


def last_night(now: datetime, *, at: time, zone: ZoneInfo) -> str:
    """The local date of the latest scheduled backup that is not in the future, as "2026-11-29"."""
    local = now.astimezone(zone)
    today = datetime.combine(local.date(), at, tzinfo=zone)
    return (local.date() if today <= now else local.date() - timedelta(days=1)).isoformat()


def expired_backups(made_at: Iterable[datetime], *, now: datetime, plan: BackupPlan) -> tuple[datetime, ...]:
    """Which backups are past their time, oldest first. The newest one never is.

    Kept are all of the last `plan.days` days, and of each of the last `plan.weeks` ISO weeks (UTC) the newest one.
    """
    newest_first = sorted(made_at, reverse=True)
    kept, weeks = set(newest_first[:1]), set[tuple[int, int]]()
    for at in newest_first:
        week = at.isocalendar()[:2]
        if week not in weeks and now - at < timedelta(weeks=plan.weeks):
            kept.add(at)
        weeks.add(week)
        if now - at < timedelta(days=plan.days):
            kept.add(at)
    return tuple(sorted(set(newest_first) - kept))
