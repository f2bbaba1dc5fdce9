"""Campaigns with their members and events, and tasks, as the database keeps them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from domain.campaign import Campaign, CampaignId
from domain.campaign_effect import Members as MemberCounts
from domain.campaign_members import Arm, CampaignEvent, Member, Outcome, Side, Status, Totals
from domain.progress import Progress
from domain.task import Task, TaskId


@dataclass(frozen=True, slots=True)
class MemberQuery:
    """Which contacted members, in what order. `search` is a customer's id; `assigned_to` "" means nobody.

    `reachable` leaves out erased customers and those on the do-not-contact list.
    `sort` is number, risk, due or status. `limit` 0 means all.
    """

    search: str = ""
    statuses: tuple[Status, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    action_id: str | None = None
    channel: str | None = None
    assigned_to: str | None = None
    due_until: date | None = None
    reachable: bool = False
    sort: str = "number"
    descending: bool = False
    offset: int = 0
    limit: int = 25


@dataclass(frozen=True, slots=True)
class MemberPage:
    members: tuple[Member, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """A member as the measurement sees it: nothing that tells who it is."""

    side: Side
    outcome: Outcome
    probability: float
    stratum: int
    fifth: int
    action_id: str
    arm: Arm
    value: float
    spent: float
    outcome_on: date | None = None


@dataclass(frozen=True, slots=True)
class MemberKey:
    """What outcomes are matched by."""

    number: int
    customer_id: str
    side: Side
    outcome: Outcome
    outcome_on: date | None = None


class Campaigns(Protocol):
    """Campaigns and their members. Only `keys`, `of_customer`, `assignments` and `counted` read controls; every
    other method that gives members gives the contacted alone."""

    def add(self, campaign: Campaign) -> None:
        """Raises Conflict if the id is taken."""

    def get(self, campaign_id: CampaignId) -> Campaign:
        """Raises NotFound."""

    def save(self, campaign: Campaign) -> None:
        """Store a changed campaign, whose version is one above the stored one; Conflict otherwise. Raises NotFound."""

    def remove(self, campaign_id: CampaignId) -> None:
        """Remove a campaign with its members and events. Raises NotFound."""

    def all(self) -> Sequence[Campaign]:
        """All campaigns, the newest first."""

    def add_members(self, campaign_id: CampaignId, members: Iterable[Member]) -> int:
        """Add members, who hold no customer before `hold`. Raises Conflict for a number or customer that is there."""

    def remove_members(self, campaign_id: CampaignId) -> None: ...
    def hold(self, campaign_id: CampaignId, *, held: bool) -> None:
        """Whether its members can be in no other campaign. Raises Conflict if one is held by another campaign."""

    def member(self, campaign_id: CampaignId, number: int) -> Member:
        """A contacted member. Raises NotFound, also for a control."""

    def save_member(self, campaign_id: CampaignId, member: Member) -> None:
        """Store a changed member, whose version is one above the stored one; Conflict otherwise. Raises NotFound."""

    def page(self, campaign_id: CampaignId, query: MemberQuery) -> MemberPage: ...
    def count(self, campaign_id: CampaignId, query: MemberQuery) -> int:
        """How many contacted members the query selects, ignoring offset and limit."""

    def values(self, campaign_id: CampaignId, query: MemberQuery, fields: Sequence[str]) -> Iterator[Sequence[Any]]:
        """The values of these fields of all contacted members of the query, ignoring offset and limit.

        Read in parts, without making members. Use it within the unit of work.
        """

    def neighbours(self, campaign_id: CampaignId, number: int, query: MemberQuery) -> tuple[int | None, int | None]:
        """The numbers of the query's members before and after this one's place in the query's order.

        The member itself need not match the query. (None, None) for a number that nobody contacted has.
        """

    def totals(self, campaign_id: CampaignId) -> Totals: ...
    def all_totals(self) -> Mapping[CampaignId, Totals]:
        """The totals of every campaign that has members."""

    def statuses_of_list(self, campaign_id: CampaignId, account_id: str) -> Mapping[Status, int]:
        """Contacted members whom this person has on the list, by status."""

    def assign(self, campaign_id: CampaignId, numbers: Sequence[int], account_id: str | None) -> Sequence[int]:
        """Give contacted members to a person. Returns the numbers of those who had another one, in the order given."""

    def set_due(self, campaign_id: CampaignId, numbers: Sequence[int], day: date | None) -> Sequence[int]:
        """Give contacted members a due date, or none. Returns the numbers of those who had another one."""

    def is_assigned(self, campaign_id: CampaignId, account_id: str) -> bool:
        """Whether this person has contacted members on the list, whatever their status."""

    def numbers(self, campaign_id: CampaignId, query: MemberQuery) -> Sequence[int]:
        """The numbers of all contacted members of the query in its order, ignoring offset and limit."""

    def lists_of(self, account_id: str, *, due_until: date | None = None) -> Mapping[CampaignId, int]:
        """Members on this person's list who are to be contacted or gave no answer, by running campaign.

        With `due_until` only those who are due by then.
        """

    def leave_alone(self, campaign_id: CampaignId, *, action_id: str | None, fifth: int | None) -> int:
        """Take contacted members who are still to be contacted off the list, by action or risk fifth.

        They keep their group. Returns how many.
        """

    def keys(self, campaign_id: CampaignId) -> Iterator[MemberKey]:
        """Every member of both groups, but the erased ones."""

    def assignments(self, campaign_id: CampaignId) -> Iterator[Assignment]:
        """Every member of both groups, in the order of their numbers."""

    def counted(self, campaign_id: CampaignId) -> MemberCounts:
        """The members of both groups, as counts of those who are alike: what the effect so far depends on."""

    def set_outcomes(self, campaign_id: CampaignId, outcomes: Mapping[int, tuple[Outcome, date | None]]) -> int:
        """Store outcomes by member number. Returns how many changed."""

    def held_customers(self) -> Iterator[str]:
        """Customers of all campaigns that hold their customers."""

    def held_among(self, customer_ids: Collection[str]) -> frozenset[str]:
        """Those of these customers, a few hundred at most, who are members of a campaign that holds its customers."""

    def paused_customers(self, today: date) -> Iterator[str]:
        """Customers whose pause after a contact lasts at least until this day."""

    def of_customer(self, customer_id: str) -> Sequence[tuple[Campaign, Member]]:
        """The customer's memberships, controls included, oldest first. For outcomes, erasure and access requests."""

    def erase_customer(self, customer_id: str) -> int:
        """Erase the customer from all campaigns: the figures stay, the events go. Returns how many memberships."""

    def record(self, campaign_id: CampaignId, events: Iterable[CampaignEvent]) -> None: ...
    def events(
        self, campaign_id: CampaignId, number: int | None = None, *, limit: int = 100
    ) -> Sequence[CampaignEvent]:
        """The latest events of a member, or (None) of the campaign itself, newest first."""


class Tasks(Protocol):
    """Tasks. Claims and heartbeats are as for runs and trainings."""

    def add(self, task: Task) -> None: ...
    def get(self, task_id: TaskId) -> Task:
        """Raises NotFound."""

    def save(self, task: Task) -> None:
        """Write the whole task; a cancellation request is never reset. Raises NotFound."""

    def claim(self, task_id: TaskId, *, worker: str, now: datetime, stale_before: datetime) -> Task | None: ...
    def heartbeat(self, task_id: TaskId, *, worker: str, at: datetime, progress: Progress) -> bool: ...
    def unfinished(self) -> Sequence[Task]: ...
    def latest_of(self, subject: str) -> Task | None:
        """The newest task of a campaign or run."""

    def remove_of(self, subject: str) -> None: ...
    def remove_ended(self, before: datetime) -> int:
        """Remove tasks that ended before this time. Returns how many."""
