"""The do-not-contact list in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.do_not_contact import Entry
from tests.fakes.kept.everything import Kept


@dataclass(frozen=True, slots=True)
class FakeDoNotContact:
    kept: Kept

    def add_many(self, entries: Iterable[Entry]) -> int:
        before = self.count()
        for entry in entries:
            self.kept.do_not_contact.setdefault(entry.customer_id, entry)
        return self.count() - before

    def remove(self, customer_id: str) -> bool:
        return self.kept.do_not_contact.pop(customer_id, None) is not None

    def get(self, customer_id: str) -> Entry | None:
        return self.kept.do_not_contact.get(customer_id)

    def contains(self, customer_id: str) -> bool:
        return customer_id in self.kept.do_not_contact

    def among(self, customer_ids: Iterable[str]) -> frozenset[str]:
        return frozenset(customer_ids) & self.kept.do_not_contact.keys()

    def count(self) -> int:
        return len(self.kept.do_not_contact)

    def latest(self) -> datetime | None:
        return max((entry.since for entry in self.entries()), default=None)

    def page(self, search: str, *, offset: int = 0, limit: int = 50) -> tuple[Sequence[Entry], int]:
        text = search.strip().casefold()
        matching = [entry for entry in self.entries() if text in entry.customer_id.casefold()]
        newest = sorted(matching, key=lambda entry: (entry.since, entry.customer_id), reverse=True)
        return newest[max(0, offset) :][: max(0, limit)], len(matching)

    def ids(self) -> Iterator[str]:
        yield from sorted(self.kept.do_not_contact)

    def entries(self) -> Iterator[Entry]:
        for customer_id in self.ids():
            yield self.kept.do_not_contact[customer_id]

    def erase_customer(self, customer_id: str) -> bool:
        listed = self.kept.do_not_contact
        for entry in list(self.entries()):
            own = entry.customer_id == customer_id
            listed[entry.customer_id] = entry.erased() if own else entry.without_mention_of(customer_id)
        return customer_id in listed
