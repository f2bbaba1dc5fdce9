"""The moment at which tests take place, and the hash of a file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 2, 12, 0, 0, 123456, tzinfo=UTC)
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def at(*, minutes: float = 0.0) -> datetime:
    """So many minutes after noon of the day on which tests take place."""
    return NOON + timedelta(minutes=minutes)
