"""Passwords, kept as bcrypt hashes."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import bcrypt

_MADE = re.compile(r"\$2[aby]\$(\d\d)\$")
COST = 12
"""Rounds are two to this power; never fewer than these, whatever a machine takes for them."""
HIGHEST_CALIBRATED = 16
SECONDS_AT_MOST = 0.5
"""Of one core, for one hash: a log-in is rare for a person and expensive for somebody who tries millions."""


def calibrated_cost(seconds_of: Callable[[int], float] | None = None) -> int:
    """The highest cost that takes this machine at most `SECONDS_AT_MOST`, from 12 on.

    `seconds_of` measures one hash of a cost; each step up doubles it.
    """
    taken, cost = (seconds_of or _seconds_of)(COST), COST
    while cost < HIGHEST_CALIBRATED and taken * 2 <= SECONDS_AT_MOST:
        taken, cost = taken * 2, cost + 1
    return cost


def _seconds_of(cost: int) -> float:
    """Processor time, so that a busy machine doesn't look slow."""
    salt, taken = bcrypt.gensalt(cost), []
    for _ in range(2):
        before = time.process_time()
        bcrypt.hashpw(b"calibration", salt)
        taken.append(time.process_time() - before)
    return min(taken)


@dataclass(frozen=True)
class BcryptPasswords:
    """bcrypt over the password's SHA-256, so that long passwords count to their last letter and NUL is safe.

    bcrypt alone reads 72 bytes and stops at a NUL. `cost` below 12 is for tests.
    """

    cost: int = COST

    def hash(self, password: str) -> str:
        return bcrypt.hashpw(_condensed(password), bcrypt.gensalt(self.cost)).decode("ascii")

    def verify(self, password: str, hashed: str | None) -> bool:
        """False for None and for a damaged hash too, after the same work."""
        try:
            right = bcrypt.checkpw(_condensed(password), (hashed or self._nobodys).encode())
        except ValueError:
            bcrypt.checkpw(_condensed(password), self._nobodys.encode())
            return False
        return right and bool(hashed)

    def is_outdated(self, hashed: str) -> bool:
        made = _MADE.match(hashed)
        return made is not None and int(made[1]) < self.cost

    @cached_property
    def _nobodys(self) -> str:
        """A hash to compare with where there is none. Made by hand: making a real one would double the first work."""
        salt = bcrypt.gensalt(self.cost).decode("ascii")
        return salt + "." * 31


def _condensed(password: str) -> bytes:
    # surrogatepass: whatever a browser sends is a password; it need not be well-formed text
    return base64.b64encode(hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest())
