"""The system's clock."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """What the machine says, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)
