"""Password hashing with bcrypt."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import bcrypt

_HASH = re.compile(r"\$2[aby]\$(\d\d)\$")
COST = 12
"""The number of rounds is two to this power. It is the minimum, however slow the machine is."""
MAX_CALIBRATED_COST = 16
MAX_SECONDS = 0.5
"""Seconds of one core per hash. Acceptable for a log-in, expensive for an attacker who tries millions."""


def calibrated_cost(seconds_of: Callable[[int], float] | None = None) -> int:
    """The highest cost, at least 12, at which one hash takes this machine at most `MAX_SECONDS`.

    `seconds_of` measures one hash of a given cost. Each increment of the cost doubles the time.
    """
    seconds, cost = (seconds_of or _seconds_of)(COST), COST
    while cost < MAX_CALIBRATED_COST and seconds * 2 <= MAX_SECONDS:
        seconds, cost = seconds * 2, cost + 1
    return cost


def _seconds_of(cost: int) -> float:
    """Processor time of one hash. Wall-clock time would be wrong on a busy machine."""
    salt, durations = bcrypt.gensalt(cost), []
    for _ in range(2):
        before = time.process_time()
        bcrypt.hashpw(b"calibration", salt)
        durations.append(time.process_time() - before)
    return min(durations)


@dataclass(frozen=True)
class BcryptPasswords:
    """bcrypt over the password's SHA-256, so that all characters of a long password count and NUL is safe.

    bcrypt alone reads 72 bytes and stops at a NUL. `cost` below 12 is for tests.
    """

    cost: int = COST

    def hash(self, password: str) -> str:
        return bcrypt.hashpw(_prehash(password), bcrypt.gensalt(self.cost)).decode("ascii")

    def verify(self, password: str, hashed: str | None) -> bool:
        """Whether the password matches. For None or a damaged hash, returns False after the same amount of work."""
        try:
            right = bcrypt.checkpw(_prehash(password), (hashed or self._nobodys).encode())
        except ValueError:
            bcrypt.checkpw(_prehash(password), self._nobodys.encode())
            return False
        return right and bool(hashed)

    def is_outdated(self, hashed: str) -> bool:
        match = _HASH.match(hashed)
        return match is not None and int(match[1]) < self.cost

    @cached_property
    def _nobodys(self) -> str:
        """A dummy hash for accounts without one. Not computed, because that would double the first call's work."""
        salt = bcrypt.gensalt(self.cost).decode("ascii")
        return salt + "." * 31


def _prehash(password: str) -> bytes:
    # surrogatepass: a password may contain any characters that a browser sends, even malformed text
    return base64.b64encode(hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest())
