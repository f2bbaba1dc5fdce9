"""Campaigns with their members and events, and tasks, in memory."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from application.ports.campaign_records import Assignment, Campaigns, MemberKey, MemberPage, MemberQuery, Tasks
from application.use_cases.campaigns.measuring import counted
from domain import redaction
from domain.campaign import OVERTAKEN, Campaign, CampaignId, CampaignState
from domain.campaign_effect import Members
from domain.campaign_members import CampaignEvent, Member, Outcome, Side, Status, Totals, total_of
from domain.errors import Conflict, NotFound
from domain.progress import Progress
from domain.task import Task, TaskId
from tests.fakes.kept.everything import Kept
from tests.fakes.kept.runs import beating, claimed


@dataclass(frozen=True, slots=True)
class FakeCampaigns:
    kept: Kept

    def add(self, campaign: Campaign) -> None:
        if campaign.id in self.kept.campaigns:
            raise Conflict("There is already such a campaign.")
        self.kept.campaigns[campaign.id] = campaign

    def get(self, campaign_id: CampaignId) -> Campaign:
        if campaign_id not in self.kept.campaigns:
            raise NotFound("There is no such campaign.")
        return self.kept.campaigns[campaign_id]

    def save(self, campaign: Campaign) -> None:
        if self.get(campaign.id).version != campaign.version - 1:
            raise Conflict(OVERTAKEN)
        self.kept.campaigns[campaign.id] = campaign

    def remove(self, campaign_id: CampaignId) -> None:
        self.get(campaign_id)
        del self.kept.campaigns[campaign_id]
        self.remove_members(campaign_id)
        self.kept.campaign_events[:] = [pair for pair in self.kept.campaign_events if pair[0] != campaign_id]

    def all(self) -> Sequence[Campaign]:
        return sorted(self.kept.campaigns.values(), key=lambda one: (one.created_at, one.id), reverse=True)

    def add_members(self, campaign_id: CampaignId, members: Iterable[Member]) -> int:
        added = 0
        for member in members:
            if (campaign_id, member.number) in self.kept.campaign_members:
                raise Conflict("This campaign has such a member already.")
            self.kept.campaign_members[campaign_id, member.number] = copy.deepcopy(member)
            added += 1
        return added

    def remove_members(self, campaign_id: CampaignId) -> None:
        for key in [key for key in self.kept.campaign_members if key[0] == campaign_id]:
            del self.kept.campaign_members[key]
        self.kept.held.discard(campaign_id)

    def hold(self, campaign_id: CampaignId, *, held: bool) -> None:
        mine = {member.customer_id for member in self._members(campaign_id) if member.customer_id}
        others = self.kept.held - {campaign_id}
        if held and any(one.customer_id in mine for other in others for one in self._members(CampaignId(other))):
            raise Conflict("A customer became a member of another campaign.")
        (self.kept.held.add if held else self.kept.held.discard)(campaign_id)

    def _members(self, campaign_id: CampaignId) -> list[Member]:
        keys = sorted(key for key in self.kept.campaign_members if key[0] == campaign_id)
        return [self.kept.campaign_members[key] for key in keys]

    def _contacted(self, campaign_id: CampaignId, query: MemberQuery) -> list[Member]:
        contacted = (one for one in self._members(campaign_id) if one.side is Side.CONTACT)
        found = [one for one in contacted if _matches(one, query) and self._may_be_reached(one, query)]
        keys: dict[str, Any] = {
            "number": lambda one: one.number,
            "risk": lambda one: one.probability,
            "due": lambda one: one.due or date.min,
            "status": lambda one: one.status.value,
        }
        found.sort(key=keys[query.sort], reverse=query.descending)
        if query.descending:  # ties in the order of numbers
            found.sort(key=lambda one: one.number)
            found.sort(key=keys[query.sort], reverse=True)
        return sorted(found, key=lambda one: query.sort == "due" and one.due is None)

    def _may_be_reached(self, member: Member, query: MemberQuery) -> bool:
        known = member.customer_id != "" and member.customer_id not in self.kept.do_not_contact
        return known or not query.reachable

    def member(self, campaign_id: CampaignId, number: int) -> Member:
        member = self.kept.campaign_members.get((campaign_id, number))
        if member is None or member.side is not Side.CONTACT:
            raise NotFound("There is no such member.")
        return copy.deepcopy(member)

    def save_member(self, campaign_id: CampaignId, member: Member) -> None:
        stored = self.kept.campaign_members.get((campaign_id, member.number))
        if stored is None:
            raise NotFound("There is no such member.")
        if stored.version != member.version - 1:
            raise Conflict("Someone else changed this entry.")
        self.kept.campaign_members[campaign_id, member.number] = copy.deepcopy(member)

    def page(self, campaign_id: CampaignId, query: MemberQuery) -> MemberPage:
        found = self._contacted(campaign_id, query)
        page = found[query.offset :]
        return MemberPage(tuple(copy.deepcopy(page[: query.limit] if query.limit else page)), len(found))

    def values(self, campaign_id: CampaignId, query: MemberQuery, fields: Sequence[str]) -> Iterator[Sequence[Any]]:
        for member in self._contacted(campaign_id, query):
            yield [getattr(member, name) for name in fields]

    def neighbours(self, campaign_id: CampaignId, number: int, query: MemberQuery) -> tuple[int | None, int | None]:
        member = self.kept.campaign_members.get((campaign_id, number))
        if member is None or member.side is not Side.CONTACT:
            return None, None
        chosen = {one.number for one in self._contacted(campaign_id, query)}
        every = [
            one.number
            for one in self._contacted(campaign_id, MemberQuery(sort=query.sort, descending=query.descending))
        ]
        place = every.index(number)
        before = [one for one in every[:place] if one in chosen]
        after = [one for one in every[place + 1 :] if one in chosen]
        return (before[-1] if before else None), (after[0] if after else None)

    def count(self, campaign_id: CampaignId, query: MemberQuery) -> int:
        return len(self._contacted(campaign_id, query))

    def numbers(self, campaign_id: CampaignId, query: MemberQuery) -> Sequence[int]:
        return [one.number for one in self._contacted(campaign_id, query)]

    def totals(self, campaign_id: CampaignId) -> Totals:
        return total_of(self._members(campaign_id))

    def all_totals(self) -> Mapping[CampaignId, Totals]:
        found = {campaign.id: self.totals(campaign.id) for campaign in self.all()}
        return {campaign_id: totals for campaign_id, totals in found.items() if totals.parts}

    def assign(self, campaign_id: CampaignId, numbers: Sequence[int], account_id: str | None) -> Sequence[int]:
        return self._change(campaign_id, numbers, lambda one: one.given_to(account_id))

    def set_due(self, campaign_id: CampaignId, numbers: Sequence[int], day: date | None) -> Sequence[int]:
        return self._change(campaign_id, numbers, lambda one: one.due_on(day))

    def _change(
        self, campaign_id: CampaignId, numbers: Sequence[int], change: Callable[[Member], Member]
    ) -> Sequence[int]:
        contacted = {one.number: one for one in self._contacted(campaign_id, MemberQuery())}
        changed = []
        for number in numbers:
            old = contacted.get(number)
            new = change(old) if old is not None else None
            if old is not None and new is not None and replace(new, version=old.version) != old:
                self.kept.campaign_members[campaign_id, number] = new
                changed.append(number)
        return changed

    def is_assigned(self, campaign_id: CampaignId, account_id: str) -> bool:
        return bool(self._contacted(campaign_id, MemberQuery(assigned_to=account_id)))

    def statuses_of_list(self, campaign_id: CampaignId, account_id: str) -> Mapping[Status, int]:
        return Counter(one.status for one in self._contacted(campaign_id, MemberQuery(assigned_to=account_id)))

    def lists_of(self, account_id: str, *, due_until: date | None = None) -> Mapping[CampaignId, int]:
        statuses = (Status.TO_CONTACT, Status.NO_ANSWER)
        query = MemberQuery(assigned_to=account_id, statuses=statuses, due_until=due_until)
        running = [one.id for one in self.kept.campaigns.values() if one.state is CampaignState.RUNNING]
        counts = {one: len(self._contacted(one, query)) for one in running}
        return {one: count for one, count in counts.items() if count}

    def leave_alone(self, campaign_id: CampaignId, *, action_id: str | None, fifth: int | None) -> int:
        chosen = [
            one
            for one in self._contacted(campaign_id, MemberQuery(statuses=(Status.TO_CONTACT,), action_id=action_id))
            if fifth is None or one.fifth == fifth
        ]
        for member in chosen:
            self.kept.campaign_members[campaign_id, member.number] = member.taken_off()
        return len(chosen)

    def keys(self, campaign_id: CampaignId) -> Iterator[MemberKey]:
        for one in self._members(campaign_id):
            if one.customer_id:
                yield MemberKey(one.number, one.customer_id, one.side, one.outcome, one.outcome_on)

    def counted(self, campaign_id: CampaignId) -> Members:
        return counted(self.assignments(campaign_id))

    def assignments(self, campaign_id: CampaignId) -> Iterator[Assignment]:
        for one in self._members(campaign_id):
            yield Assignment(
                side=one.side,
                outcome=one.outcome,
                probability=one.probability,
                stratum=one.stratum,
                fifth=one.fifth,
                action_id=one.action_id,
                arm=one.arm,
                value=one.value,
                spent=one.spent,
                outcome_on=one.outcome_on,
            )

    def set_outcomes(self, campaign_id: CampaignId, outcomes: Mapping[int, tuple[Outcome, date | None]]) -> int:
        changed = 0
        for number, (outcome, day) in outcomes.items():
            stored = self.kept.campaign_members.get((campaign_id, number))
            if stored is not None and (stored.outcome, stored.outcome_on) != (outcome, day):
                new = replace(stored, outcome=outcome, outcome_on=day, version=stored.version + 1)
                self.kept.campaign_members[campaign_id, number] = new
                changed += 1
        return changed

    def held_customers(self) -> Iterator[str]:
        for campaign_id in self.kept.held:
            yield from (one.customer_id for one in self._members(CampaignId(campaign_id)) if one.customer_id)

    def held_among(self, customer_ids: Collection[str]) -> frozenset[str]:
        return frozenset(self.held_customers()) & frozenset(customer_ids)

    def paused_customers(self, today: date) -> Iterator[str]:
        members = self.kept.campaign_members.values()
        found = (one for one in members if one.paused_until is not None and one.paused_until >= today)
        yield from {one.customer_id for one in found if one.customer_id}

    def of_customer(self, customer_id: str) -> Sequence[tuple[Campaign, Member]]:
        found = [
            (self.get(CampaignId(campaign_id)), copy.deepcopy(member))
            for (campaign_id, _), member in self.kept.campaign_members.items()
            if customer_id and member.customer_id == customer_id
        ]
        return sorted(found, key=lambda pair: (pair[0].created_at, pair[0].id))

    def erase_customer(self, customer_id: str) -> int:
        found = self.of_customer(customer_id)
        for campaign, member in found:
            self.kept.campaign_members[campaign.id, member.number] = member.erased()
            theirs = (campaign.id, member.number)
            events = self.kept.campaign_events
            events[:] = [pair for pair in events if (pair[0], pair[1].number) != theirs]
        self.kept.campaign_members.update(
            {key: member.without(customer_id) for key, member in self.kept.campaign_members.items()}
        )
        self.kept.campaign_events[:] = [
            pair
            for pair in self.kept.campaign_events
            if not any(redaction.names(text, customer_id) for text in (pair[1].before, pair[1].after))
        ]
        return len(found)

    def record(self, campaign_id: CampaignId, events: Iterable[CampaignEvent]) -> None:
        self.kept.campaign_events.extend((campaign_id, event) for event in events)

    def events(
        self, campaign_id: CampaignId, number: int | None = None, *, limit: int = 100
    ) -> Sequence[CampaignEvent]:
        found = [event for own, event in self.kept.campaign_events if own == campaign_id and event.number == number]
        return found[::-1][:limit]


def _matches(member: Member, query: MemberQuery) -> bool:
    return (
        (not query.search or member.customer_id == query.search.strip())
        and (not query.statuses or member.status in query.statuses)
        and (not query.outcomes or member.outcome in query.outcomes)
        and query.action_id in (None, member.action_id)
        and query.channel in (None, member.channel)
        and (query.assigned_to is None or (member.assigned_to or "") == query.assigned_to)
        and (query.due_until is None or (member.due is not None and member.due <= query.due_until))
    )


@dataclass(frozen=True, slots=True)
class FakeTasks:
    kept: Kept

    def add(self, task: Task) -> None:
        if task.id in self.kept.tasks:
            raise Conflict("There is already a task with this id.")
        self.kept.tasks[task.id] = task

    def get(self, task_id: TaskId) -> Task:
        if task_id not in self.kept.tasks:
            raise NotFound("There is no such task.")
        return self.kept.tasks[task_id]

    def save(self, task: Task) -> None:
        asked = self.get(task.id).cancel_requested or task.cancel_requested
        self.kept.tasks[task.id] = replace(task, cancel_requested=asked)

    def claim(self, task_id: TaskId, *, worker: str, now: datetime, stale_before: datetime) -> Task | None:
        task = self.kept.tasks.get(task_id)
        taken = claimed(task, worker=worker, now=now, stale_before=stale_before) if task else None
        if taken is not None:
            self.kept.tasks[task_id] = taken
        return taken

    def heartbeat(self, task_id: TaskId, *, worker: str, at: datetime, progress: Progress) -> bool:
        task = self.kept.tasks.get(task_id)
        alive = beating(task, worker=worker, at=at, progress=progress) if task else None
        if alive is not None:
            self.kept.tasks[task_id] = alive
        return alive is not None

    def unfinished(self) -> Sequence[Task]:
        return sorted(
            (one for one in self.kept.tasks.values() if not one.state.ended), key=lambda one: (one.created_at, one.id)
        )

    def latest_of(self, subject: str) -> Task | None:
        own = [one for one in self.kept.tasks.values() if one.subject == subject]
        return max(own, key=lambda one: (one.created_at, one.id), default=None)

    def remove_of(self, subject: str) -> None:
        for key in [key for key, one in self.kept.tasks.items() if one.subject == subject]:
            del self.kept.tasks[key]

    def remove_ended(self, before: datetime) -> int:
        ended = [key for key, one in self.kept.tasks.items() if one.finished_at and one.finished_at < before]
        for key in ended:
            del self.kept.tasks[key]
        return len(ended)


_campaigns: type[Campaigns] = FakeCampaigns
_tasks: type[Tasks] = FakeTasks
