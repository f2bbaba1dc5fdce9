"""The totals of a campaign's members, kept equal to the members in every transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, insert, select, update

from adapters.persistence.statements import Row
from adapters.persistence.tables.campaign_tables import campaign_members, campaign_totals
from domain.campaign_effect import Counted, Members
from domain.campaign_members import Arm, Outcome, Side, Status, Totals, spent

KEYS = ("side", "arm", "action_id", "status", "outcome")
SUMS = ("contact_cost", "offer_cost", "expected_gain", "value")


def counted(*where: Any) -> Select[Any]:
    """Totals of the members that fulfil the conditions, counted."""
    columns = campaign_members.c
    keys = [columns[key] for key in KEYS]
    sums = [func.sum(columns[name]).label(name) for name in SUMS]
    return select(*keys, func.count().label("members"), *sums).where(*where).group_by(*keys).order_by(*keys)


def counted_by_fifth(connection: Connection, campaign_id: str) -> Members:
    """All members, as counts of those who are alike for the campaign's effect."""
    columns = campaign_members.c
    keys = [columns[key] for key in (*KEYS, "fifth")]
    sums = [func.sum(columns[name]).label(name) for name in ("contact_cost", "offer_cost", "value")]
    chosen = select(*keys, func.count().label("members"), *sums).where(columns.campaign_id == campaign_id)
    return Members(tuple(map(_counted, connection.execute(chosen.group_by(*keys).order_by(*keys)))))


def _counted(row: Any) -> Counted:
    return Counted(
        side=Side(row.side),
        second=row.arm == Arm.SECOND,
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
    rows = connection.execute(counted(campaign_members.c.campaign_id == campaign_id)).mappings().all()
    if rows:
        connection.execute(insert(campaign_totals), [{"campaign_id": campaign_id, **row} for row in rows])


def forget(connection: Connection, campaign_id: str) -> None:
    connection.execute(delete(campaign_totals).where(campaign_totals.c.campaign_id == campaign_id))


def move(connection: Connection, campaign_id: str, before: Row, after: Row) -> None:
    """Move one member from one total to another, where it changed one of the keys."""
    if all(before[key] == after[key] for key in KEYS):
        return
    _change(connection, campaign_id, before, -1, {name: -before[name] for name in SUMS})
    _change(connection, campaign_id, after, 1, {name: after[name] for name in SUMS})


def add(connection: Connection, campaign_id: str, totals: Totals) -> None:
    """Add the totals of new members."""
    for part in totals.parts:
        row = {key: getattr(part, key) for key in KEYS}
        _change(connection, campaign_id, row, part.members, {name: getattr(part, name) for name in SUMS})


def _change(connection: Connection, campaign_id: str, row: Row, members: int, sums: Mapping[str, float]) -> None:
    columns = campaign_totals.c
    mine = and_(columns.campaign_id == campaign_id, *(columns[key] == str(row[key]) for key in KEYS))
    more: dict[str, Any] = {name: columns[name] + sums[name] for name in SUMS}
    changed = connection.execute(
        update(campaign_totals).where(mine).values(members=columns.members + members, **more)
    ).rowcount
    if not changed:
        values = {key: str(row[key]) for key in KEYS} | dict(sums)
        connection.execute(insert(campaign_totals).values(campaign_id=campaign_id, members=members, **values))
    elif members < 0:
        connection.execute(delete(campaign_totals).where(mine, columns.members == 0))
