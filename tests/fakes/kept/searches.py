"""Customer searches in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from application.ports.runs import CustomerSearch
from domain.account import AccountId
from domain.errors import Conflict
from tests.fakes.kept.everything import Kept


@dataclass
class FakeSearches:
    kept: Kept

    def save(self, search: CustomerSearch, *, keep: int) -> None:
        if search.account_id not in self.kept.accounts:
            raise Conflict("The account was deleted.")
        self.kept.searches[search.key] = search
        own = [one for one in self.kept.searches.values() if one.account_id == search.account_id]
        for old in sorted(own, key=lambda one: (-one.at.timestamp(), one.key))[keep:]:
            del self.kept.searches[old.key]

    def get(self, key: str) -> CustomerSearch | None:
        return self.kept.searches.get(key)

    def find(self, account_id: AccountId, text: str) -> CustomerSearch | None:
        own = [one for one in self.kept.searches.values() if one.account_id == account_id and one.text == text]
        return max(own, key=lambda one: one.at, default=None)

    def forget_before(self, at: datetime) -> None:
        for key in [key for key, one in self.kept.searches.items() if one.at < at]:
            del self.kept.searches[key]

    def forget_all(self) -> None:
        self.kept.searches.clear()
