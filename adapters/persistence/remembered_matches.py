"""Matches of columns that people confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from adapters.persistence.statements import add_rows
from adapters.persistence.tables.recognition_tables import remembered_matches as table
from domain.errors import NotFound
from domain.remembered_matches import MatchId, RememberedMatch

MISSING = "This match is not remembered any more."


@dataclass(frozen=True, slots=True)
class SqlRememberedMatches:
    """The table `remembered_matches`."""

    connection: Connection

    def add(self, match: RememberedMatch) -> None:
        row = {
            "id": match.id,
            "header": match.header,
            "attribute": match.attribute,
            "confirmed_by": match.by,
            "at": match.at,
            "file_name": match.file_name,
            "used": match.used,
            "used_at": match.used_at,
            "unit": match.unit,
        }
        add_rows(self.connection, table, [row], clash="This match is remembered already.")

    def get(self, match_id: MatchId) -> RememberedMatch:
        row = self.connection.execute(select(table).where(table.c.id == match_id)).first()
        if row is None:
            raise NotFound(MISSING)
        return _to_match(row)

    def all(self) -> Sequence[RememberedMatch]:
        newest = select(table).order_by(table.c.at.desc(), table.c.id.desc())
        return [_to_match(row) for row in self.connection.execute(newest)]

    def count_use(self, match_ids: Iterable[MatchId], *, at: datetime) -> None:
        for match_id in match_ids:
            own = update(table).where(table.c.id == match_id)
            self.connection.execute(own.values(used=table.c.used + 1, used_at=at))

    def remove(self, match_id: MatchId) -> None:
        if not self.connection.execute(delete(table).where(table.c.id == match_id)).rowcount:
            raise NotFound(MISSING)


def _to_match(row: Any) -> RememberedMatch:
    return RememberedMatch(
        MatchId(row.id),
        row.header,
        row.attribute,
        row.confirmed_by,
        row.at,
        row.file_name,
        row.used,
        row.used_at,
        row.unit,
    )
