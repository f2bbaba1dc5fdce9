"""The totals of a campaign's members, kept equal to the members in every transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, delete, func, insert, select, text

from adapters.persistence.statements import Row
from adapters.persistence.tables.campaign_tables import campaign_members, campaign_totals
from application.ports.campaign_records import MemberQuery
from domain.campaign_effect import Counted, Members
from domain.campaign_members import Arm, Outcome, Side, Status, Total, spent

KEYS = ("side", "arm", "action_id", "channel", "fifth", "status", "outcome")
"""What the members of one stored total share."""
TOTAL_KEYS = ("side", "arm", "action_id", "status", "outcome")
"""What the members of one `Total` share."""
SUMS = ("contact_cost", "offer_cost", "expected_gain", "value")
_T = campaign_totals.c


def summed(*where: Any, by_campaign: bool = False) -> Select[Any]:
    """The stored totals that fulfil the conditions, in the parts of `Totals`."""
    keys = [_T.campaign_id] if by_campaign else []
    keys += [_T[key] for key in TOTAL_KEYS]
    sums = [func.sum(_T[name]).label(name) for name in ("members", *SUMS)]
    return select(*keys, *sums).where(*where).group_by(*keys).order_by(*keys)


def knows(query: MemberQuery) -> bool:
    """Whether the totals tell how many members the query selects."""
    others = (query.search, query.assigned_to, query.due_until, query.reachable)
    return others == ("", None, None, False)


def statuses_of(connection: Connection, campaign_id: str, query: MemberQuery) -> Mapping[str, int]:
    """How many members of each status a query selects that the totals know."""
    where = [_T.campaign_id == campaign_id, _T.side == Side.CONTACT.value]
    if query.statuses:
        where.append(_T.status.in_([status.value for status in query.statuses]))
    if query.outcomes:
        where.append(_T.outcome.in_([outcome.value for outcome in query.outcomes]))
    if query.action_id is not None:
        where.append(_T.action_id == query.action_id)
    if query.channel is not None:
        where.append(_T.channel == query.channel)
    chosen = select(_T.status, func.sum(_T.members).label("members")).where(*where).group_by(_T.status)
    return {row.status: row.members for row in connection.execute(chosen)}


def counted_by_fifth(connection: Connection, campaign_id: str) -> Members:
    """All members, as counts of those who are alike for the campaign's effect."""
    keys = [_T[key] for key in (*TOTAL_KEYS, "fifth")]
    sums = [func.sum(_T[name]).label(name) for name in ("members", "contact_cost", "offer_cost", "value")]
    chosen = select(*keys, *sums).where(_T.campaign_id == campaign_id).group_by(*keys).order_by(*keys)
    return Members(tuple(map(_counted, connection.execute(chosen))))


def _counted(row: Any) -> Counted:
    return Counted(
        side=Side(row.side),
        arm=Arm(row.arm),
        action_id=row.action_id,
        fifth=row.fifth,
        outcome=Outcome(row.outcome),
        members=row.members,
        value=row.value,
        spent=spent(Status(row.status), row.contact_cost, row.offer_cost),
    )


def recount(connection: Connection, campaign_id: str) -> None:
    """Count all members of the campaign again, after a change of many."""
    forget(connection, campaign_id)
    columns = campaign_members.c
    keys = [columns.campaign_id, *(columns[key] for key in KEYS)]
    sums = [func.sum(columns[name]) for name in SUMS]
    found = select(*keys, func.count(), *sums).where(columns.campaign_id == campaign_id).group_by(*keys)
    names = ["campaign_id", *KEYS, "members", *SUMS]
    connection.execute(insert(campaign_totals).from_select(names, found))


def forget(connection: Connection, campaign_id: str) -> None:
    connection.execute(delete(campaign_totals).where(_T.campaign_id == campaign_id))


def move(connection: Connection, campaign_id: str, before: Row, after: Row) -> None:
    """Move one member from one total to another, where it changed one of the keys."""
    if all(before[key] == after[key] for key in KEYS):
        return
    _change(
        connection,
        [
            _part(campaign_id, before, -1, {name: -before[name] for name in SUMS}),
            _part(campaign_id, after, 1, {name: after[name] for name in SUMS}),
        ],
    )
    mine = and_(_T.campaign_id == campaign_id, *(_T[key] == before[key] for key in KEYS))
    connection.execute(delete(campaign_totals).where(mine, _T.members == 0))


def add(connection: Connection, campaign_id: str, rows: Iterable[Row]) -> None:
    """Add new members."""
    parts: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        part = parts.setdefault(tuple(row[key] for key in KEYS), _part(campaign_id, row, 0, dict.fromkeys(SUMS, 0.0)))
        part["members"] += 1
        for name in SUMS:
            part[name] += row[name]
    _change(connection, list(parts.values()))


def _part(campaign_id: str, row: Row, members: int, sums: Mapping[str, float]) -> dict[str, Any]:
    return {"campaign_id": campaign_id, **{key: row[key] for key in KEYS}, "members": members, **sums}


_KEY = ", ".join(("campaign_id", *KEYS))
_ADDED = ", ".join(f"{name} = campaign_totals.{name} + excluded.{name}" for name in ("members", *SUMS))
_NAMES = ("campaign_id", *KEYS, "members", *SUMS)
_CHANGE = text(
    f"INSERT INTO campaign_totals ({', '.join(_NAMES)}) VALUES ({', '.join(f':{name}' for name in _NAMES)}) "  # noqa: S608 - names of columns
    f"ON CONFLICT ({_KEY}) DO UPDATE SET {_ADDED}"
).bindparams(*(bindparam(name) for name in _NAMES))


def _change(connection: Connection, parts: Sequence[Row]) -> None:
    """Add these numbers to the stored totals, which are made where there are none."""
    if parts:
        connection.execute(_CHANGE, list(parts))


def to_total(row: Any) -> Total:
    return Total(
        Side(row.side),
        Arm(row.arm),
        row.action_id,
        Status(row.status),
        Outcome(row.outcome),
        row.members,
        row.contact_cost,
        row.offer_cost,
        row.expected_gain,
        row.value,
    )
