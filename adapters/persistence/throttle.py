"""Failed log-in attempts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from adapters.persistence.tables.account_tables import attempts
from application.ports.accounts import ATTEMPTS_KEPT


@dataclass(frozen=True, slots=True)
class SqlThrottle:
    """Attempts in the table `attempts`."""

    connection: Connection

    def failures(self, key: str, *, since: datetime) -> Sequence[datetime]:
        """Times of failures from `since` on, oldest first."""
        return self.connection.scalars(
            select(attempts.c.at)
            .where(attempts.c.key == key, attempts.c.at >= since)
            .order_by(attempts.c.at, attempts.c.id)
        ).all()

    def record(self, key: str, *, at: datetime) -> None:
        self.forget_before(at - ATTEMPTS_KEPT)
        self.connection.execute(insert(attempts).values(key=key, at=at))

    def clear(self, key: str) -> None:
        self.connection.execute(delete(attempts).where(attempts.c.key == key))

    def forget(self, key: str, *, at: datetime) -> None:
        one = select(attempts.c.id).where(attempts.c.key == key, attempts.c.at == at).limit(1).scalar_subquery()
        self.connection.execute(delete(attempts).where(attempts.c.id == one))

    def forget_before(self, at: datetime) -> None:
        self.connection.execute(delete(attempts).where(attempts.c.at < at))
