"""How often one address may ask for expensive work: a token bucket per address, in memory."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MAX_AT_ONCE = 60
"""Requests that an address may make in a row."""
PER_SECOND = 1.0
"""Requests a second that an address may make for as long as it likes."""
MAX_ADDRESSES = 10_000
"""Addresses remembered. Beyond that the one that was seen least recently is forgotten."""


class TokenBuckets:
    """Implements Pace for one process. Safe among threads."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Counts one request. 0: go on. Otherwise the seconds to wait, and nothing is counted."""
        now = self._seconds()
        with self._lock:
            tokens, seen = self._buckets.pop(address, (float(MAX_AT_ONCE), now))
            tokens = min(float(MAX_AT_ONCE), tokens + (now - seen) * PER_SECOND)
            allowed = tokens >= 1.0
            self._buckets[address] = (tokens - 1.0 if allowed else tokens, now)
            if len(self._buckets) > MAX_ADDRESSES:
                self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1.0 - tokens) / PER_SECOND))
