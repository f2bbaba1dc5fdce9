"""Customer searches, stored on the server so that no customer's id appears in a URL."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.runs import SEARCHES_VALID, CustomerSearch
from application.ports.security import Secrets
from application.ports.system import Clock
from application.use_cases.permissions import NewUnitOfWork
from domain.account import Account

MAX_SEARCHES = 200
"""Maximum number of searches of one person. The oldest ones are deleted."""
MAX_SEARCH_LENGTH = 200


@dataclass(frozen=True, slots=True)
class RememberSearch:
    """Stores a search for a day. The same text has the same key."""

    new_uow: NewUnitOfWork
    secrets: Secrets
    clock: Clock

    def __call__(self, text: str, *, by: Account) -> str:
        """Returns the key that URLs hold instead of the text; "" for an empty text."""
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
    """Finds the text of a search; None if it is unknown, older than a day, or another person's."""

    new_reading: NewUnitOfWork
    clock: Clock

    def __call__(self, key: str, *, by: Account) -> str | None:
        with self.new_reading() as uow:
            search = uow.searches.get(key)
        if search is None or search.account_id != by.id or self.clock.now() - search.at > SEARCHES_VALID:
            return None
        return search.text
