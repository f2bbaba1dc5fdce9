"""The clock and new ids."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """UTC, with its zone."""


class Ids(Protocol):
    def new(self) -> str:
        """A UUIDv7: unique, rising with time."""
