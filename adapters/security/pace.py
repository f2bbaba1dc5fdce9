"""Rate limit for expensive requests: one token bucket per IP address, in memory."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MAX_AT_ONCE = 60
"""Requests that an address can make at once."""
PER_SECOND = 1.0
"""Requests per second that an address can make continuously."""
MAX_ADDRESSES = 10_000
"""Addresses in memory. Beyond this number, the least recently seen address is dropped."""


class TokenBuckets:
    """Implements Pace for one process. Thread-safe."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Count one request and return 0 if it is allowed. Otherwise return the seconds to wait and count nothing."""
        now = self._seconds()
        with self._lock:
            tokens, seen = self._buckets.pop(address, (float(MAX_AT_ONCE), now))
            tokens = min(float(MAX_AT_ONCE), tokens + (now - seen) * PER_SECOND)
            allowed = tokens >= 1.0
            self._buckets[address] = (tokens - 1.0 if allowed else tokens, now)
            if len(self._buckets) > MAX_ADDRESSES:
                self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1.0 - tokens) / PER_SECOND))
