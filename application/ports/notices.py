"""Which notices each person has seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.account import AccountId


class SeenNotices(Protocol):
    """Keys of notices by account. They are deleted with the account."""

    def mark(self, account_id: AccountId, keys: Sequence[str], *, at: datetime) -> None:
        """A key that was seen before gets the new time. Raises Conflict for an account that was deleted."""

    def of(self, account_id: AccountId) -> Mapping[str, datetime]: ...
    def forget_before(self, at: datetime) -> None: ...
