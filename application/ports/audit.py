"""The audit log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, when, and from which IP address. Never holds a customer's id."""

    at: datetime
    actor: str
    action: str
    subject: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class AuditQuery:
    search: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None
    offset: int = 0
    limit: int = 50


class AuditLog(Protocol):
    """The append-only audit log."""

    def record(self, entry: AuditEntry) -> None: ...
    def find(self, query: AuditQuery) -> tuple[Sequence[AuditEntry], int]:
        """A page of entries, newest first, and the number of all matching entries."""

    def actions(self) -> Sequence[str]:
        """The distinct actions in the log, in alphabetical order."""
