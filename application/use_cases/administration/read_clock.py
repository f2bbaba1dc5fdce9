"""The current time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from application.ports.system import Clock


@dataclass(frozen=True, slots=True)
class ReadClock:
    clock: Clock

    def __call__(self) -> datetime:
        """In UTC."""
        return self.clock.now()
