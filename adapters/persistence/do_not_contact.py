"""The do-not-contact list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from adapters.persistence.statements import add_new, contains
from adapters.persistence.tables.customer_tables import do_not_contact as table
from domain import redaction
from domain.customer import CustomerId
from domain.do_not_contact import Entry, Source

PART = 10_000
"""Rows that are written or read at once, which bounds the memory."""
IN_A_LIST = 500
"""Ids in one condition: SQLite limits the parameters of a statement."""


@dataclass(frozen=True, slots=True)
class SqlDoNotContact:
    """The table `do_not_contact`."""

    connection: Connection

    def add_many(self, entries: Iterable[Entry]) -> int:
        rows = map(_to_row, entries)
        added = 0
        while part := list(islice(rows, PART)):
            added += add_new(self.connection, table, part)
        return added

    def remove(self, customer_id: str) -> bool:
        return self.connection.execute(delete(table).where(table.c.customer_id == customer_id)).rowcount > 0

    def get(self, customer_id: str) -> Entry | None:
        row = self.connection.execute(select(table).where(table.c.customer_id == customer_id)).first()
        return _to_entry(row) if row else None

    def contains(self, customer_id: str) -> bool:
        return self.get(customer_id) is not None

    def among(self, customer_ids: Iterable[str]) -> frozenset[str]:
        asked, listed = iter(customer_ids), set[str]()
        while part := list(islice(asked, IN_A_LIST)):
            found = select(table.c.customer_id).where(table.c.customer_id.in_(part))
            listed.update(self.connection.scalars(found))
        return frozenset(listed)

    def count(self) -> int:
        return self.connection.execute(select(func.count()).select_from(table)).scalar_one()

    def latest(self) -> datetime | None:
        return self.connection.scalar(select(table.c.since).order_by(table.c.since.desc()).limit(1))

    def page(self, search: str, *, offset: int = 0, limit: int = 50) -> tuple[Sequence[Entry], int]:
        text = search.strip()
        conditions = [contains(table.c.id_folded, text)] if text else []
        total = self.connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()
        newest = select(table).where(*conditions).order_by(table.c.since.desc(), table.c.customer_id.desc())
        rows = self.connection.execute(newest.offset(max(0, offset)).limit(max(0, limit)))
        return [_to_entry(row) for row in rows], total

    def ids(self) -> Iterator[str]:
        statement = select(table.c.customer_id).order_by(table.c.customer_id)
        yield from self.connection.execution_options(yield_per=PART).scalars(statement)

    def entries(self) -> Iterator[Entry]:
        statement = select(table).order_by(table.c.customer_id)
        yield from map(_to_entry, self.connection.execution_options(yield_per=PART).execute(statement))

    def erase_customer(self, customer_id: str) -> bool:
        if redaction.is_distinctive(customer_id):
            self._erase_mentions(customer_id)
        entry = self.get(customer_id)
        if entry is not None:
            self._change(entry.erased())
        return entry is not None

    def _erase_mentions(self, customer_id: str) -> None:
        mentions = select(table).where(table.c.note.contains(customer_id, autoescape=True))
        for row in self.connection.execute(mentions).all():
            self._change(_to_entry(row).without_mention_of(customer_id))

    def _change(self, entry: Entry) -> None:
        same = table.c.customer_id == entry.customer_id
        self.connection.execute(update(table).where(same).values(_to_row(entry)))


def _to_row(entry: Entry) -> dict[str, Any]:
    return {
        "customer_id": entry.customer_id,
        "id_folded": entry.customer_id.casefold(),
        "since": entry.since,
        "source": entry.source.value,
        "by": entry.by,
        "note": entry.note,
    }


def _to_entry(row: Any) -> Entry:
    return Entry(CustomerId(row.customer_id), row.since, Source(row.source), row.by, row.note)
