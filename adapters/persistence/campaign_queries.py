"""Which members a query selects, in what order. No query can select a control."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select

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


def conditions(campaign_id: CampaignId, query: MemberQuery) -> list[ColumnElement[bool]]:
    where = [contacted(campaign_id)]
    if query.search:
        where.append(_M.customer_id == query.search.strip())
    if query.statuses:
        where.append(_M.status.in_([status.value for status in query.statuses]))
    if query.outcomes:
        where.append(_M.outcome.in_([outcome.value for outcome in query.outcomes]))
    if query.action_id is not None:
        where.append(_M.action_id == query.action_id)
    if query.channel is not None:
        where.append(_M.channel == query.channel)
    if query.assigned_to is not None:
        where.append(_M.assigned_to.is_(None) if query.assigned_to == NOBODY else _M.assigned_to == query.assigned_to)
    if query.due_until is not None:
        where.append(_M.due <= query.due_until)
    if query.reachable:
        named = select(do_not_contact.c.customer_id).where(do_not_contact.c.customer_id == _M.customer_id)
        where += [_M.customer_id != ERASED, ~named.exists()]
    return where


def counted_by_totals(query: MemberQuery) -> bool:
    """Whether the campaign's totals tell how many members the query selects."""
    others = (query.search, query.channel, query.assigned_to, query.due_until, query.reachable)
    return others == ("", None, None, None, False)


def numbers_of(campaign_id: CampaignId, query: MemberQuery) -> Select[Any]:
    """The numbers of all members of the query, in its order.

    Only columns of one index are read, so that no row is fetched that is not shown. A search finds one customer, and
    an order would make SQLite look through the whole list for it.
    """
    chosen = select(_M.number).where(*conditions(campaign_id, query))
    return chosen if query.search else ordered(chosen, query)


def ordered(statement: Select[Any], query: MemberQuery, *, backwards: bool = False) -> Select[Any]:
    """Ties, and members without a due date, in the order of their numbers; those without a date come last."""
    column = _SORTED_BY[query.sort]
    keys = [column.desc() if query.descending != backwards else column.asc()]
    if column is not _M.number:
        keys.append(_M.number.desc() if backwards else _M.number.asc())
    if column is _M.due:
        keys.insert(0, column.is_(None).desc() if backwards else column.is_(None).asc())
    return statement.order_by(*keys)


def neighbour(campaign_id: CampaignId, row: Any, query: MemberQuery, *, backwards: bool) -> Select[Any]:
    """The number of the query's first member after the place of this row; `backwards`: before it."""
    where = [*conditions(campaign_id, query), _beyond(row, query, backwards=backwards)]
    return ordered(select(_M.number).where(*where), query, backwards=backwards).limit(1)


def _beyond(row: Any, query: MemberQuery, *, backwards: bool) -> ColumnElement[bool]:
    column, number = _SORTED_BY[query.sort], row.number
    earlier: ColumnElement[bool] = _M.number < number
    later: ColumnElement[bool] = _M.number > number
    later_tie = earlier if backwards else later
    if column is _M.number:
        return earlier if backwards != query.descending else later
    value = row._mapping[column.name]
    dateless: ColumnElement[bool] = column.is_(None) if column.nullable else false()
    if value is None:
        return or_(column.is_not(None), and_(dateless, later_tie)) if backwards else and_(dateless, later_tie)
    further = column < value if backwards != query.descending else column > value
    tie = and_(column == value, later_tie)
    return or_(further, tie) if backwards else or_(further, tie, dateless)
