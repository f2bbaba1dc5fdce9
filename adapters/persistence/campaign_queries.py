"""Which members a query selects, in what order. No query can select a control."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from adapters.persistence.tables.campaign_tables import campaign_members
from adapters.persistence.tables.customer_tables import do_not_contact
from application.ports.campaign_records import MemberQuery
from domain.campaign import CampaignId
from domain.campaign_members import ERASED, Side

NOBODY = ""
_M = campaign_members.c
_SORTED_BY = {"number": _M.number, "risk": _M.probability, "due": _M.due, "status": _M.status}


def contacted(campaign_id: CampaignId) -> ColumnElement[bool]:
    return and_(_M.campaign_id == campaign_id, _M.side == Side.CONTACT.value)


def conditions(campaign_id: CampaignId, query: MemberQuery, *, in_order: bool = False) -> list[ColumnElement[bool]]:
    """`in_order`: the members are read in the query's order. Then the database must not look for several statuses, a
    person or a due date first, because it would have to sort what it finds."""
    where = [contacted(campaign_id)]
    if query.search:
        where.append(_M.customer_id == query.search.strip())
    if query.statuses:
        several = in_order and len(query.statuses) > 1
        own_status = func.coalesce(_M.status, NOBODY) if several else _M.status
        where.append(own_status.in_([status.value for status in query.statuses]))
    if query.outcomes:
        where.append(_M.outcome.in_([outcome.value for outcome in query.outcomes]))
    if query.action_id is not None:
        where.append(_M.action_id == query.action_id)
    if query.channel is not None:
        where.append(_M.channel == query.channel)
    if query.assigned_to is not None:
        own = _M.assigned_to.is_(None) if query.assigned_to == NOBODY else _M.assigned_to == query.assigned_to
        where.append(func.coalesce(_M.assigned_to, NOBODY) == query.assigned_to if in_order else own)
    if query.due_until is not None:
        where.append((func.coalesce(_M.due, date.max) if in_order else _M.due) <= query.due_until)
    if query.reachable:
        named = select(do_not_contact.c.customer_id).where(do_not_contact.c.customer_id == _M.customer_id)
        where += [_M.customer_id != ERASED, ~named.exists()]
    return where


def ordered(statement: Select[Any], query: MemberQuery, *, backwards: bool = False) -> Select[Any]:
    """Ties, and members without a due date, in the order of their numbers; those without a date come last."""
    column = _SORTED_BY[query.sort]
    key = column.desc() if query.descending != backwards else column.asc()
    if column.nullable:
        key = key.nulls_first() if backwards else key.nulls_last()
    if column is _M.number:
        return statement.order_by(key)
    return statement.order_by(key, _M.number.desc() if backwards else _M.number.asc())


def neighbour(connection: Connection, campaign_id: CampaignId, row: Any, query: MemberQuery, *, backwards: bool) -> Any:
    """The number of the query's first member after the place of this row; `backwards`: before it. None at the end.

    Ties, members further on, and those without a date are looked for one after the other, each in an index.
    """
    for beyond in _beyond(row, query, backwards=backwards):
        where = [*conditions(campaign_id, query, in_order=True), *beyond]
        found = connection.scalar(ordered(select(_M.number).where(*where), query, backwards=backwards).limit(1))
        if found is not None:
            return found
    return None


def _beyond(row: Any, query: MemberQuery, *, backwards: bool) -> list[tuple[ColumnElement[bool], ...]]:
    column, number = _SORTED_BY[query.sort], row.number
    earlier: ColumnElement[bool] = _M.number < number
    later: ColumnElement[bool] = _M.number > number
    later_tie = earlier if backwards else later
    if column is _M.number:
        return [(earlier if backwards != query.descending else later,)]
    value = row._mapping[column.name]
    dateless: ColumnElement[bool] = column.is_(None)
    if value is None:
        return [(dateless, later_tie), (column.is_not(None),)] if backwards else [(dateless, later_tie)]
    further = column < value if backwards != query.descending else column > value
    tie = (column == value, later_tie)
    without = [(dateless,)] if column.nullable and not backwards else []
    return [tie, (further,), *without]
