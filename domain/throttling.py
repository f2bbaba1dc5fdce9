"""Log-in throttling: the number of attempts without delay, and the delay of later attempts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.liveness import MAX_CLOCK_AHEAD

FREE_OF_ACCOUNT = 5
"""Attempts at one account without delay."""
FREE_OF_ADDRESS = 20
"""Attempts from one address without delay. A whole office may share one address."""
FREE_OF_USUAL_ADDRESS = 60
"""Failures without delay of all people together at an address from which they usually log in."""
WINDOW = timedelta(minutes=30)
MAX_WAIT = 300
"""Seconds. A person who knows the password is delayed, but never locked out."""


def wait_after(failures: Sequence[datetime], now: datetime, *, free: int = FREE_OF_ACCOUNT) -> int:
    """Seconds still to wait: none for the first failures, then 2, 4, 8 … after the latest one.

    Failures from the future are ignored: they were recorded while the clock was ahead, and would lock a person out.
    """
    failures = [failure for failure in failures if failure <= now + MAX_CLOCK_AHEAD]
    beyond = len(failures) - free
    if beyond < 0:
        return 0
    pause = min(MAX_WAIT, 2 ** min(beyond + 1, 16))
    left = (max(failures) + timedelta(seconds=pause) - now).total_seconds()
    return max(0, int(left + 0.999))
