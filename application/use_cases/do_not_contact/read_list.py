"""Reading the do-not-contact list: one page, one customer, or all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from application.ports.system import Clock
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Account, Permission
from domain.actor import Actor
from domain.customer import checked_id
from domain.do_not_contact import Entry

PART = 1_000
"""Entries of an export that are read at once."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of matching entries, their number, the number of all entries, and when the newest was added."""

    entries: tuple[Entry, ...]
    matching: int
    listed: int
    latest: datetime | None


@dataclass(frozen=True, slots=True)
class ReadDoNotContact:
    """Raises NotAllowed."""

    new_uow: NewUnitOfWork

    def __call__(self, search: str = "", *, offset: int = 0, limit: int = 50, by: Account) -> ListPage:
        by.must_be_able_to(Permission.EDIT_DO_NOT_CONTACT)
        with self.new_uow() as uow:
            entries, matching = uow.do_not_contact.page(search, offset=offset, limit=limit)
            return ListPage(tuple(entries), matching, uow.do_not_contact.count(), uow.do_not_contact.latest())


@dataclass(frozen=True, slots=True)
class LookUpCustomer:
    """The entry of one customer; None if they may be contacted. Raises NotAllowed, and InvalidInput for no id."""

    new_uow: NewUnitOfWork

    def __call__(self, customer_id: str, *, by: Account) -> Entry | None:
        by.must_be_able_to(Permission.PREDICT)
        own = checked_id(customer_id)
        with self.new_uow() as uow:
            return uow.do_not_contact.get(own)


@dataclass(frozen=True, slots=True)
class ExportDoNotContact:
    """All entries by ascending id, in parts. The export itself is recorded. Raises NotAllowed."""

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    clock: Clock

    def __call__(self, *, by: Actor) -> Iterator[Sequence[Entry]]:
        by.account.must_be_able_to(Permission.EDIT_DO_NOT_CONTACT)
        with self.new_uow() as uow:
            note(uow, self.clock, by, "exported the do-not-contact list")
            uow.commit()
        return self._parts()

    def _parts(self) -> Iterator[Sequence[Entry]]:
        with self.new_reading() as uow:
            entries = uow.do_not_contact.entries()
            while part := list(islice(entries, PART)):
                yield part
