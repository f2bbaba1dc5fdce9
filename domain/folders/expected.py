"""The file that is expected every night: when it is due, and when it is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.errors import InvalidInput

EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
COUNTS_BEFORE = timedelta(hours=20)
"""A file counts for a day if it came at most this long before its hour. A file that came up to four hours late still
counts for the day before."""
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Expectation:
    """A file is expected by this local time on these days of the week; 0 is Monday."""

    by: time
    days: tuple[int, ...] = EVERY_DAY

    def __post_init__(self) -> None:
        if not self.days or not set(self.days) <= set(EVERY_DAY):
            raise InvalidInput("Choose at least one day on which the file is expected.", field="days")
        object.__setattr__(self, "days", tuple(sorted(set(self.days))))

    def due(self, day: date, zone: ZoneInfo) -> datetime:
        """The moment of that day in UTC. A time that the clock skips is as long after the last one before it."""
        return datetime.combine(day, self.by, tzinfo=zone).astimezone(UTC)

    def last_due(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The latest moment that is not in the future."""
        return self._due(now, zone, -1)

    def next_due(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The first moment after now."""
        return self._due(now, zone, 1)

    def _due(self, now: datetime, zone: ZoneInfo, step: int) -> datetime:
        today = now.astimezone(zone).date()
        for ahead in range(9):
            day = today + timedelta(days=step * ahead)
            due = self.due(day, zone)
            if day.weekday() in self.days and (due <= now if step < 0 else due > now):
                return due
        raise ValueError("a week has each of its days")


def missing_since(
    expected: Expectation, *, set_at: datetime, last_file_at: datetime | None, now: datetime, zone: ZoneInfo
) -> datetime | None:
    """The moment by which a file should have come that has not; None if nothing is missing.

    What was due before `set_at`, when the expectation was made or changed, is not missing.
    """
    due = expected.last_due(now, zone)
    if due <= set_at or (last_file_at is not None and last_file_at > due - COUNTS_BEFORE):
        return None
    return due
