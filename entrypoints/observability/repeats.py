"""Throttles repeated log records: an error that recurs at every poll is logged once a minute, with a count."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

MIN_SECONDS_BETWEEN = 60.0
MAX_REMEMBERED = 500
"""Maximum number of code locations that are tracked."""


class LimitRepeats(logging.Filter):
    """Passes a library's warnings and errors from one code location at most once a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._lock = threading.Lock()
        self._last: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] in ("netone", "entrypoints", "adapters"):
            return True
        place, now = (record.pathname, record.lineno), self._clock()
        with self._lock:
            last, repeated = self._last.get(place, (-MIN_SECONDS_BETWEEN, 0))
            if now - last < MIN_SECONDS_BETWEEN:
                self._last[place] = (last, repeated + 1)
                return False
            if len(self._last) >= MAX_REMEMBERED:
                self._last.clear()
            self._last[place] = (now, 0)
        if repeated:
            record.repeated = repeated
        return True
