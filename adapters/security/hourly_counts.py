"""Counts per hour, in memory."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

MAX_KEYS = 500
"""Different keys counted within an hour. Keys that begin with "(" are not limited: they count the remaining keys."""
HOUR = timedelta(hours=1)


class HourlyCounts:
    """Implements HourlyCounter for one process. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, int] = {}
        self._since: datetime | None = None

    def count(self, key: str, *, at: datetime) -> int | None:
        """How often the key was counted in this hour, including this call; None for a new key beyond the limit."""
        with self._lock:
            if self._since is None or not self._since <= at < self._since + HOUR:
                self._counts, self._since = {}, at.replace(minute=0, second=0, microsecond=0)
            if key not in self._counts and len(self._counts) >= MAX_KEYS and not key.startswith("("):
                return None
            self._counts[key] = self._counts.get(key, 0) + 1
            return self._counts[key]
