"""Customer searches: remembered on the server, so that no customer's id stands in an address."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.persistence import SEARCHES_VALID, CustomerSearch
from application.ports.security import Secrets
from application.ports.system import Clock
from application.use_cases.access import NewUnitOfWork
from domain.account import Account

MAX_SEARCHES = 200
"""Of one person; the oldest are forgotten beyond it."""
MAX_SEARCH_LENGTH = 200


@dataclass(frozen=True, slots=True)
class RememberSearch:
    """Keep what a person typed for a day; the same text has the same key."""

    new_uow: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, text: str, *, by: Account) -> str:
        """The key that addresses hold instead of the text; empty for an empty text."""
        text = text.strip()[:MAX_SEARCH_LENGTH]
        if not text:
            return ""
        with self.new_uow() as uow:
            known = uow.searches.find(by.id, text)
            key = known.key if known else self.secrets.new_token()[:24]
            uow.searches.save(CustomerSearch(key, by.id, text, self.clock.now()), keep=MAX_SEARCHES)
            uow.commit()
        return key


@dataclass(frozen=True, slots=True)
class RecallSearch:
    """The text of a search; None if it is somebody else's, unknown or older than a day."""

    new_reading: NewUnitOfWork
    clock: Clock

    def __call__(self, key: str, *, by: Account) -> str | None:
        with self.new_reading() as uow:
            found = uow.searches.get(key)
        if found is None or found.account_id != by.id or self.clock.now() - found.at > SEARCHES_VALID:
            return None
        return found.text
