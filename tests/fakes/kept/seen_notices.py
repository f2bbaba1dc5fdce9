"""Seen notices in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.account import AccountId
from domain.errors import Conflict
from tests.fakes.kept.everything import Kept


@dataclass
class FakeSeenNotices:
    kept: Kept

    def mark(self, account_id: AccountId, keys: Sequence[str], *, at: datetime) -> None:
        if keys and account_id not in self.kept.accounts:
            raise Conflict("The account was deleted.")
        own = self.kept.seen_notices.get(account_id, {})
        self.kept.seen_notices[account_id] = {**own, **dict.fromkeys(keys, at)}

    def of(self, account_id: AccountId) -> Mapping[str, datetime]:
        return dict(self.kept.seen_notices.get(account_id, {}))

    def forget_before(self, at: datetime) -> None:
        for account_id, own in self.kept.seen_notices.items():
            self.kept.seen_notices[account_id] = {key: seen for key, seen in own.items() if seen >= at}
