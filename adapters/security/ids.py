"""Time-ordered ids (UUID version 7, RFC 9562)."""

from __future__ import annotations

import threading

from uuid6 import uuid7

_LOCK = threading.Lock()
"""uuid7 stores its last timestamp in a global variable, without a lock."""


class TimeOrderedIds:
    """UUIDv7, each greater than the previous one of this process, even if the clock is set back. Thread-safe.

    Each id's time is at least one millisecond after the previous id's, so a burst of ids can be ahead of the clock.
    """

    def new(self) -> str:
        with _LOCK:
            return str(uuid7())
