"""When a nightly backup is due, which ones are kept, and what counts as a newer version."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.backup import (
    ArchivedFile,
    BackupPlan,
    BackupRecord,
    BackupState,
    expired_backups,
    is_newer,
    last_night,
)

HARARE, BERLIN = ZoneInfo("Africa/Harare"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "zone", "night"),
    [
        ("2026-11-29T00:29:59+00:00", HARARE, "2026-11-28"),
        ("2026-11-29T00:30:00+00:00", HARARE, "2026-11-29"),
        ("2026-11-29T22:30:00+00:00", HARARE, "2026-11-29"),
        ("2026-03-29T00:59:59+00:00", BERLIN, "2026-03-28"),  # the night in which 02:30 does not exist
        ("2026-03-29T01:30:00+00:00", BERLIN, "2026-03-29"),
        ("2026-10-25T00:30:00+00:00", BERLIN, "2026-10-25"),  # the night in which 02:30 comes twice
        ("2026-10-25T01:30:00+00:00", BERLIN, "2026-10-25"),
    ],
)
def test_a_night_begins_at_the_set_time_of_day_in_the_installations_zone(now: str, zone: ZoneInfo, night: str) -> None:
    assert last_night(datetime.fromisoformat(now), at=time(2, 30), zone=zone) == night


def nights(*days_ago: float, now: datetime) -> list[datetime]:
    return [now - timedelta(days=days) for days in days_ago]


def test_recent_backups_and_one_of_each_week_are_kept() -> None:
    now = datetime(2026, 11, 29, 12, tzinfo=UTC)  # a Sunday
    made = nights(*range(40), now=now)
    expired = expired_backups(made, now=now, plan=BackupPlan(at=time(2), days=7, weeks=4))
    kept = sorted((now - at).days for at in set(made) - set(expired))
    assert kept == [0, 1, 2, 3, 4, 5, 6, 7, 14, 21]


def test_the_newest_backup_is_never_removed_however_old_it_is() -> None:
    now = datetime(2026, 11, 29, tzinfo=UTC)
    made = nights(400, 401, now=now)
    assert expired_backups(made, now=now, plan=BackupPlan(at=time(2), days=1, weeks=0)) == (made[1],)
    assert expired_backups([], now=now, plan=BackupPlan(at=time(2), days=1, weeks=0)) == ()


def test_a_plan_keeps_backups_for_a_day_at_least() -> None:
    for days, weeks in ((0, 4), (1, -1)):
        with pytest.raises(ValueError, match="kept"):
            BackupPlan(at=time(2), days=days, weeks=weeks)


@pytest.mark.parametrize(
    ("version", "than", "newer"),
    [
        ("0.1.0", "0.1.0", False),
        ("0.1.1", "0.1.0", True),
        ("0.10.0", "0.9.0", True),
        ("0.9", "0.10", False),
        ("later", "0.1", True),
    ],
)
def test_versions_are_compared_as_numbers_and_unreadable_ones_count_as_newer(
    version: str, than: str, newer: bool
) -> None:
    assert is_newer(version, than) is newer


STARTED = datetime(2026, 11, 29, 2, 30, tzinfo=UTC)


def a_record(state: BackupState, *, finished_at: datetime | None = None) -> BackupRecord:
    return BackupRecord(id="b1", started_at=STARTED, seen_at=STARTED, state=state, finished_at=finished_at)


@pytest.mark.parametrize(
    ("state", "seconds", "again"),
    [
        (BackupState.RUNNING, 599, False),
        (BackupState.RUNNING, 600, True),
        (BackupState.RUNNING, -1, True),
        (BackupState.FAILED, 3599, False),
        (BackupState.FAILED, 3600, True),
        (BackupState.FAILED, -1, True),
        (BackupState.DONE, 1_000_000, False),
    ],
)
def test_a_backup_that_failed_or_lost_its_process_is_tried_again(state: BackupState, seconds: int, again: bool) -> None:
    ended = None if state is BackupState.RUNNING else STARTED
    assert a_record(state, finished_at=ended).may_be_tried_again(STARTED + timedelta(seconds=seconds)) is again


@pytest.mark.parametrize(("size", "sha256"), [(-1, "0" * 64), (1, "0" * 63), (1, "g" * 64), (1, "A" * 64)])
def test_a_listed_file_has_a_size_and_a_hash(size: int, sha256: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        ArchivedFile("netone.db", size, sha256)
