"""One page of a campaign's list, at the same cost wherever it begins.

A page is looked for in the group of members that have its due date or status, from the nearer end of the group, and
only in columns of one index, so that no row is fetched that is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from adapters.persistence import campaign_totals as totals_of_members
from adapters.persistence.campaign_queries import conditions, ordered
from adapters.persistence.campaign_rows import Reasons
from adapters.persistence.json_documents import from_json
from adapters.persistence.tables.campaign_tables import campaign_members
from application.ports.campaign_records import MemberQuery
from domain.campaign import CampaignId
from domain.campaign_members import Arm, Outcome, Side, Status

_M = campaign_members.c
_GROUPED = ("due", "status")
_CONVERTED: dict[str, Callable[[str], Any]] = {
    "side": Side,
    "arm": Arm,
    "status": Status,
    "outcome": Outcome,
    "reasons": lambda text: from_json(Reasons, text),
}
"""Columns that hold another form of a member's field."""
AT_ONCE = 2_000
"""Rows that are read together."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Members whose place among the others is known. In it they are in the order of the query."""

    where: tuple[ColumnElement[bool], ...]
    members: int


def numbers_of(campaign_id: CampaignId, query: MemberQuery) -> Select[Any]:
    """The numbers of all members of the query, in its order.

    A search finds one customer, and an order would make SQLite look through the whole list for it.
    """
    chosen = select(_M.number).where(*conditions(campaign_id, query))
    return chosen if query.search else ordered(chosen, query)


def page_of(connection: Connection, campaign_id: CampaignId, query: MemberQuery) -> tuple[Sequence[int], int]:
    """The numbers of the page's members in its order, and how many members the query selects."""
    if query.search:
        numbers = connection.scalars(numbers_of(campaign_id, query)).all()
        return numbers[query.offset : query.offset + (query.limit or len(numbers))], len(numbers)
    groups = _groups(connection, campaign_id, query)
    total = sum(group.members for group in groups)
    found: list[int] = []
    offset, rest = query.offset, query.limit or total
    for group in groups:
        taken = max(0, min(rest, group.members - offset))
        if taken:
            found += _part(connection, campaign_id, query, group, offset, taken)
        offset, rest = max(0, offset - group.members), rest - taken
    return found, total


def count_of(connection: Connection, campaign_id: CampaignId, query: MemberQuery) -> int:
    if totals_of_members.knows(query):
        return sum(totals_of_members.statuses_of(connection, campaign_id, query).values())
    counted = select(func.count()).select_from(campaign_members).where(*conditions(campaign_id, query))
    return connection.execute(counted).scalar_one()


def _groups(connection: Connection, campaign_id: CampaignId, query: MemberQuery) -> list[_Group]:
    """The query's members in groups, in its order."""
    if query.sort == "due":
        return _by_due(connection, campaign_id, query)
    if query.sort == "status":
        return _by_status(connection, campaign_id, query)
    return [_Group((), count_of(connection, campaign_id, query))]


def _by_due(connection: Connection, campaign_id: CampaignId, query: MemberQuery) -> list[_Group]:
    """Only members with a date are counted one by one; the others are the rest."""
    where = [*conditions(campaign_id, query), _M.due.is_not(None)]
    counts = list(connection.execute(select(_M.due, func.count().label("members")).where(*where).group_by(_M.due)))
    groups = [_Group((_M.due == row.due,), row.members) for row in _in_order(counts, "due", query)]
    if query.due_until is not None:
        return groups
    dated = sum(group.members for group in groups)
    return [*groups, _Group((_M.due.is_(None),), count_of(connection, campaign_id, query) - dated)]


def _by_status(connection: Connection, campaign_id: CampaignId, query: MemberQuery) -> list[_Group]:
    if totals_of_members.knows(query):
        known = totals_of_members.statuses_of(connection, campaign_id, query).items()
        return [_Group((_M.status == status,), members) for status, members in sorted(known, reverse=query.descending)]
    chosen = select(_M.status, func.count().label("members")).where(*conditions(campaign_id, query))
    counts = list(connection.execute(chosen.group_by(_M.status)))
    return [_Group((_M.status == row.status,), row.members) for row in _in_order(counts, "status", query)]


def _in_order(counts: Sequence[Any], column: str, query: MemberQuery) -> list[Any]:
    return sorted(counts, key=lambda row: row._mapping[column], reverse=query.descending)


def _part(
    connection: Connection, campaign_id: CampaignId, query: MemberQuery, group: _Group, offset: int, limit: int
) -> list[int]:
    """Some of the group's numbers, counted from its nearer end."""
    behind = group.members - offset - limit
    backwards = behind < offset
    chosen = select(_M.number).where(*conditions(campaign_id, query, in_order=True), *group.where)
    if query.sort in _GROUPED:
        chosen = chosen.order_by(_M.number.desc() if backwards else _M.number)
    else:
        chosen = ordered(chosen, query, backwards=backwards)
    numbers = list(connection.scalars(chosen.offset(behind if backwards else offset).limit(limit)))
    return numbers[::-1] if backwards else numbers


def values_of(
    connection: Connection, campaign_id: CampaignId, query: MemberQuery, fields: Sequence[str]
) -> Iterator[Sequence[Any]]:
    """The values of these fields of `Member`, for all members of the query in its order."""
    columns = [_M[name] for name in fields]
    convert = [(place, _CONVERTED[name]) for place, name in enumerate(fields) if name in _CONVERTED]
    chosen = ordered(select(*columns).where(*conditions(campaign_id, query, in_order=True)), query)
    with connection.execution_options(yield_per=AT_ONCE).execute(chosen) as rows:
        for row in rows:
            values = list(row)
            for place, to_value in convert:
                values[place] = to_value(values[place])
            yield values
