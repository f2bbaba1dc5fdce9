"""Campaigns with their members, totals and events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, and_, delete, func, or_, select, update

from adapters.persistence import campaign_totals as totals_of_members
from adapters.persistence.campaign_pages import count_of, numbers_of, page_of, values_of
from adapters.persistence.campaign_queries import contacted, neighbour
from adapters.persistence.campaign_rows import campaign_row, event_row, member_row, to_campaign, to_event, to_member
from adapters.persistence.campaign_totals import to_total
from adapters.persistence.json_documents import to_json
from adapters.persistence.statements import add_many, add_rows, change_row, select_for_update
from adapters.persistence.tables.campaign_tables import campaign_events, campaign_members, campaign_totals, campaigns
from application.ports.campaign_records import Assignment, MemberKey, MemberPage, MemberQuery
from domain import redaction
from domain.campaign import MISSING, OVERTAKEN, Campaign, CampaignId, CampaignState
from domain.campaign_effect import Members
from domain.campaign_members import (
    ERASED,
    Arm,
    CampaignEvent,
    Member,
    Outcome,
    Side,
    Status,
    Total,
    Totals,
    spent,
)
from domain.campaign_work import OPEN
from domain.errors import Conflict, NotFound

AT_ONCE = 2_000
"""Rows that are written or read together."""
IN_A_LIST = 500
"""Numbers in one condition: SQLite limits the parameters of a statement."""
NO_MEMBER = "There is no such member on this campaign's list."
HELD_ELSEWHERE = "A customer became a member of another campaign in the meantime. Plan this one again."
MEMBER_OVERTAKEN = "Someone else changed this customer's entry in the meantime. Look at it again, then decide."
_M = campaign_members.c
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class SqlCampaigns:
    """Campaigns in the tables `campaigns`, `campaign_members`, `campaign_totals` and `campaign_events`."""

    connection: Connection

    def add(self, campaign: Campaign) -> None:
        add_rows(self.connection, campaigns, [campaign_row(campaign)], clash="There is already such a campaign.")

    def get(self, campaign_id: CampaignId) -> Campaign:
        chosen = select(campaigns).where(campaigns.c.id == campaign_id)
        row = self.connection.execute(select_for_update(self.connection, chosen)).first()
        if row is None:
            raise NotFound(MISSING)
        return to_campaign(row)

    def save(self, campaign: Campaign) -> None:
        mine = campaigns.c.id == campaign.id
        if not change_row(self.connection, campaigns, campaign_row(campaign), mine, _follows(campaigns, campaign)):
            self.get(campaign.id)
            raise Conflict(OVERTAKEN)

    def remove(self, campaign_id: CampaignId) -> None:
        self.remove_members(campaign_id)
        self.connection.execute(delete(campaign_events).where(campaign_events.c.campaign_id == campaign_id))
        if not self.connection.execute(delete(campaigns).where(campaigns.c.id == campaign_id)).rowcount:
            raise NotFound(MISSING)

    def all(self) -> Sequence[Campaign]:
        newest = select(campaigns).order_by(campaigns.c.created_at.desc(), campaigns.c.id.desc())
        return [to_campaign(row) for row in self.connection.execute(newest)]

    def add_members(self, campaign_id: CampaignId, members: Iterable[Member]) -> int:
        added = 0
        for part in _parts(members, AT_ONCE):
            rows = [_for_the_driver(member_row(member)) | {"campaign_id": campaign_id} for member in part]
            add_many(self.connection, campaign_members, rows, clash="This campaign has such a member already.")
            totals_of_members.add(self.connection, campaign_id, rows)
            added += len(rows)
        return added

    def remove_members(self, campaign_id: CampaignId) -> None:
        totals_of_members.forget(self.connection, campaign_id)
        self.connection.execute(delete(campaign_members).where(_M.campaign_id == campaign_id))

    def hold(self, campaign_id: CampaignId, *, held: bool) -> None:
        named = and_(_M.campaign_id == campaign_id, _M.customer_id != ERASED)
        change_row(self.connection, campaign_members, {"active": held}, named, clash=HELD_ELSEWHERE)

    def member(self, campaign_id: CampaignId, number: int) -> Member:
        row = self._row(campaign_id, number)
        if row is None or row.side != Side.CONTACT.value:
            raise NotFound(NO_MEMBER)
        return to_member(row)

    def _row(self, campaign_id: CampaignId, number: int) -> Any:
        chosen = select(campaign_members).where(_M.campaign_id == campaign_id, _M.number == number)
        return self.connection.execute(select_for_update(self.connection, chosen)).first()

    def save_member(self, campaign_id: CampaignId, member: Member) -> None:
        stored = self._row(campaign_id, member.number)
        if stored is None:
            raise NotFound(NO_MEMBER)
        row = member_row(member)
        mine = and_(_M.campaign_id == campaign_id, _M.number == member.number)
        # Only what differs, so that no index is written whose columns stay.
        changes = {name: value for name, value in row.items() if value != stored._mapping[name]}
        if not change_row(self.connection, campaign_members, changes, mine, _follows(campaign_members, member)):
            raise Conflict(MEMBER_OVERTAKEN)
        totals_of_members.move(self.connection, campaign_id, stored._mapping, row)

    def page(self, campaign_id: CampaignId, query: MemberQuery) -> MemberPage:
        numbers, total = page_of(self.connection, campaign_id, query)
        rows: dict[int, Any] = {}
        for part in _parts(numbers, IN_A_LIST):
            found = select(campaign_members).where(_M.campaign_id == campaign_id, _M.number.in_(part))
            rows.update((row.number, row) for row in self.connection.execute(found))
        return MemberPage(tuple(to_member(rows[number]) for number in numbers), total)

    def count(self, campaign_id: CampaignId, query: MemberQuery) -> int:
        return count_of(self.connection, campaign_id, query)

    def values(self, campaign_id: CampaignId, query: MemberQuery, fields: Sequence[str]) -> Iterator[Sequence[Any]]:
        yield from values_of(self.connection, campaign_id, query, fields)

    def neighbours(self, campaign_id: CampaignId, number: int, query: MemberQuery) -> tuple[int | None, int | None]:
        row = self._row(campaign_id, number)
        if row is None or row.side != Side.CONTACT.value:
            return None, None
        before = neighbour(self.connection, campaign_id, row, query, backwards=True)
        return before, neighbour(self.connection, campaign_id, row, query, backwards=False)

    def numbers(self, campaign_id: CampaignId, query: MemberQuery) -> Sequence[int]:
        return self.connection.scalars(numbers_of(campaign_id, query)).all()

    def totals(self, campaign_id: CampaignId) -> Totals:
        summed = totals_of_members.summed(campaign_totals.c.campaign_id == campaign_id)
        return Totals(tuple(map(to_total, self.connection.execute(summed))))

    def all_totals(self) -> Mapping[CampaignId, Totals]:
        parts: dict[CampaignId, list[Total]] = {}
        for row in self.connection.execute(totals_of_members.summed(by_campaign=True)):
            parts.setdefault(CampaignId(row.campaign_id), []).append(to_total(row))
        return {campaign_id: Totals(tuple(own)) for campaign_id, own in parts.items()}

    def statuses_of_list(self, campaign_id: CampaignId, account_id: str) -> Mapping[Status, int]:
        mine = and_(contacted(campaign_id), _M.assigned_to == account_id)
        counted = select(_M.status, func.count().label("members")).where(mine).group_by(_M.status)
        return {Status(row.status): row.members for row in self.connection.execute(counted)}

    def assign(self, campaign_id: CampaignId, numbers: Sequence[int], account_id: str | None) -> Sequence[int]:
        return self._set(campaign_id, numbers, _M.assigned_to, account_id)

    def set_due(self, campaign_id: CampaignId, numbers: Sequence[int], day: date | None) -> Sequence[int]:
        return self._set(campaign_id, numbers, _M.due, day)

    def _set(self, campaign_id: CampaignId, numbers: Sequence[int], column: Column[Any], value: Any) -> list[int]:
        changed: list[int] = []
        for part in _parts(numbers, IN_A_LIST):
            differs = and_(contacted(campaign_id), _M.number.in_(part), column.is_distinct_from(value))
            others = set(self.connection.scalars(select(_M.number).where(differs)))
            if others:
                values = {column: value, _M.version: _M.version + 1}
                self.connection.execute(update(campaign_members).where(differs).values(values))
            changed += [number for number in part if number in others]
        return changed

    def is_assigned(self, campaign_id: CampaignId, account_id: str) -> bool:
        chosen = select(_M.status).where(contacted(campaign_id), _M.assigned_to == account_id).limit(1)
        return self.connection.scalar(chosen) is not None

    def lists_of(self, account_id: str, *, due_until: date | None = None) -> Mapping[CampaignId, int]:
        open_statuses = [status.value for status in OPEN]
        due = [] if due_until is None else [_M.due <= due_until]
        counted = (
            select(_M.campaign_id, func.count().label("members"))
            .join_from(campaign_members, campaigns)
            .where(
                _M.assigned_to == account_id,
                _M.side == Side.CONTACT.value,
                _M.status.in_(open_statuses),
                campaigns.c.state == CampaignState.RUNNING.value,
                *due,
            )
            .group_by(_M.campaign_id)
        )
        return {CampaignId(row.campaign_id): row.members for row in self.connection.execute(counted)}

    def leave_alone(self, campaign_id: CampaignId, *, action_id: str | None, fifth: int | None) -> int:
        where = [_M.campaign_id == campaign_id, _M.side == Side.CONTACT.value, _M.status == Status.TO_CONTACT.value]
        if action_id is not None:
            where.append(_M.action_id == action_id)
        if fifth is not None:
            where.append(_M.fifth == fifth)
        taken = update(campaign_members).where(*where)
        changed = self.connection.execute(taken.values(status=Status.LEFT_ALONE.value, version=_M.version + 1)).rowcount
        totals_of_members.recount(self.connection, campaign_id)
        return changed

    def keys(self, campaign_id: CampaignId) -> Iterator[MemberKey]:
        chosen = select(_M.number, _M.customer_id, _M.side, _M.outcome, _M.outcome_on).where(
            _M.campaign_id == campaign_id, _M.customer_id != ERASED
        )
        for row in self.connection.execute(chosen.order_by(_M.number)):
            yield MemberKey(row.number, row.customer_id, Side(row.side), Outcome(row.outcome), row.outcome_on)

    def assignments(self, campaign_id: CampaignId) -> Iterator[Assignment]:
        chosen = select(*_MEASURED).where(_M.campaign_id == campaign_id).order_by(_M.number)
        for row in self.connection.execute(chosen):
            yield _assignment(row)

    def counted(self, campaign_id: CampaignId) -> Members:
        return totals_of_members.counted_by_fifth(self.connection, campaign_id)

    def set_outcomes(self, campaign_id: CampaignId, outcomes: Mapping[int, tuple[Outcome, date | None]]) -> int:
        changed = 0
        for part in _parts(sorted(outcomes), IN_A_LIST):
            for outcome, day in sorted({outcomes[number] for number in part}, key=str):
                numbers = [number for number in part if outcomes[number] == (outcome, day)]
                differs = or_(_M.outcome != outcome.value, _M.outcome_on.is_distinct_from(day))
                chosen = and_(_M.campaign_id == campaign_id, _M.number.in_(numbers), differs)
                values = {"outcome": outcome.value, "outcome_on": day, "version": _M.version + 1}
                changed += self.connection.execute(update(campaign_members).where(chosen).values(values)).rowcount
        totals_of_members.recount(self.connection, campaign_id)
        return changed

    def held_customers(self) -> Iterator[str]:
        yield from self.connection.execute(select(_M.customer_id).where(_M.active)).scalars()

    def held_among(self, customer_ids: Collection[str]) -> frozenset[str]:
        among = select(_M.customer_id).where(_M.active, _M.customer_id.in_(list(customer_ids)))
        return frozenset(self.connection.execute(among).scalars())

    def paused_customers(self, today: date) -> Iterator[str]:
        paused = select(_M.customer_id).where(_M.paused_until >= today, _M.customer_id != ERASED).distinct()
        yield from self.connection.execute(paused).scalars()

    def of_customer(self, customer_id: str) -> Sequence[tuple[Campaign, Member]]:
        if customer_id == ERASED:
            return []
        chosen = select(campaign_members).where(_M.customer_id == customer_id)
        rows = self.connection.execute(chosen.order_by(_M.campaign_id)).all()
        found = [(self.get(CampaignId(row.campaign_id)), to_member(row)) for row in rows]
        return sorted(found, key=lambda pair: (pair[0].created_at, pair[0].id))

    def erase_customer(self, customer_id: str) -> int:
        found = self.of_customer(customer_id)
        for campaign, member in found:
            row = member_row(member.erased()) | {"active": False}
            mine = and_(_M.campaign_id == campaign.id, _M.number == member.number)
            change_row(self.connection, campaign_members, row, mine)
            events = campaign_events.c
            theirs = and_(events.campaign_id == campaign.id, events.number == member.number)
            self.connection.execute(delete(campaign_events).where(theirs))
        if redaction.is_distinctive(customer_id):
            self._erase_mentions(customer_id)
        return len(found)

    def _erase_mentions(self, customer_id: str) -> None:
        """Redact the id in what is kept of other members, and delete events that name it: events never change."""
        texts = (_M.note, _M.message, _M.reasons)
        escaped_id = to_json(customer_id)[1:-1]  # as it stands in the stored JSON of reasons
        mentioned = or_(*(text.contains(own, autoescape=True) for text in texts for own in {customer_id, escaped_id}))
        for row in self.connection.execute(select(campaign_members).where(mentioned)).all():
            cleaned = member_row(to_member(row).without(customer_id))
            mine = and_(_M.campaign_id == row.campaign_id, _M.number == row.number)
            change_row(self.connection, campaign_members, cleaned, mine)
        events = campaign_events.c
        named = or_(*(text.contains(customer_id, autoescape=True) for text in (events.before, events.after)))
        for row in self.connection.execute(select(events.id, events.before, events.after).where(named)).all():
            if any(redaction.names(text, customer_id) for text in (row.before, row.after)):
                self.connection.execute(delete(campaign_events).where(events.id == row.id))

    def record(self, campaign_id: CampaignId, events: Iterable[CampaignEvent]) -> None:
        rows = [event_row(campaign_id, event) for event in events]
        add_rows(self.connection, campaign_events, rows, clash=MISSING)

    def events(
        self, campaign_id: CampaignId, number: int | None = None, *, limit: int = 100
    ) -> Sequence[CampaignEvent]:
        columns = campaign_events.c
        chosen = select(campaign_events).where(
            columns.campaign_id == campaign_id, columns.number.is_not_distinct_from(number)
        )
        return [to_event(row) for row in self.connection.execute(chosen.order_by(columns.id.desc()).limit(limit))]


def _follows(table: Any, record: Campaign | Member) -> ColumnElement[bool]:
    """The condition that the stored version is the one from which the record was changed."""
    condition: ColumnElement[bool] = table.c.version == record.version - 1
    return condition


def _for_the_driver(row: dict[str, Any]) -> dict[str, Any]:
    """The row of a new member with values that the driver takes: members begin without dates and times."""
    if any(row[name] is not None for name in ("outcome_on", "due", "contacted_at", "paused_until")):
        raise ValueError("a new member has no dates yet")
    return row | {"active": False}


def _parts(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    """The items in lists of at most this size."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


_MEASURED = (
    _M.side,
    _M.outcome,
    _M.probability,
    _M.stratum,
    _M.fifth,
    _M.action_id,
    _M.arm,
    _M.value,
    _M.status,
    _M.contact_cost,
    _M.offer_cost,
    _M.outcome_on,
)


def _assignment(row: Any) -> Assignment:
    return Assignment(
        side=Side(row.side),
        outcome=Outcome(row.outcome),
        probability=row.probability,
        stratum=row.stratum,
        fifth=row.fifth,
        action_id=row.action_id,
        arm=Arm(row.arm),
        value=row.value,
        spent=spent(Status(row.status), row.contact_cost, row.offer_cost),
        outcome_on=row.outcome_on,
    )
