"""How many requests a token may make: fixed windows of a minute, in memory, for each process of the web server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from cachetools import LRUCache

WINDOW = 60
"""Seconds of one window."""
MAX_TOKENS = 10_000
"""Tokens in memory. Beyond this number, the least recently used one begins again."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a token's requests in this minute, and the seconds until the next."""

    limit: int
    left: int
    resets_in: int
    allowed: bool

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.resets_in),
        }


class Budgets:
    """Counts requests by token. Thread-safe."""

    def __init__(self, per_minute: int, seconds: Callable[[], float] = time.time) -> None:
        self._limit, self._seconds = per_minute, seconds
        self._lock = threading.Lock()
        self._used: LRUCache[str, tuple[int, int]] = LRUCache(MAX_TOKENS)

    def spend(self, token_id: str) -> Allowance:
        """Count one request. A request over the limit is refused and not counted."""
        window, into = divmod(int(self._seconds()), WINDOW)
        with self._lock:
            last, used = self._used.get(token_id, (window, 0))
            used = used if last == window else 0
            allowed = used < self._limit
            used += int(allowed)
            self._used[token_id] = (window, used)
        return Allowance(self._limit, self._limit - used, WINDOW - into, allowed)
