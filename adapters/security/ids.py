"""Ids that rise with time (UUID version 7, RFC 9562)."""

from __future__ import annotations

import secrets
import threading
import time
import uuid

_COUNTER_BITS = 42
"""Of the 74 random bits, those that count up within a millisecond (RFC 9562, 6.2, method 2)."""


class TimeOrderedIds:
    """UUIDv7, each greater than the last one given in this process, whatever the clock does. Safe among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._millisecond = 0
        self._counter = 0

    def new(self) -> str:
        millisecond, counter = self._next()
        low = secrets.randbits(32)
        return str(_packed(millisecond, (counter << 32) | low))

    def _next(self) -> tuple[int, int]:
        with self._lock:
            now = time.time_ns() // 1_000_000
            if now > self._millisecond:
                # half of the range stays free to count up in
                self._millisecond, self._counter = now, secrets.randbits(_COUNTER_BITS - 1)
            else:
                self._counter += 1
            return self._millisecond, self._counter


def _packed(millisecond: int, tail: int) -> uuid.UUID:
    """48 bits of time, version 7, 12 bits, variant, 62 bits."""
    high, low = tail >> 62, tail & ((1 << 62) - 1)
    return uuid.UUID(int=(millisecond << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low)
