"""The list of a campaign's contacted members, and a person's lists over all campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.campaign_records import MemberPage, MemberQuery
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.campaigns.membership import can_work, list_seen_by, schema_of, workers
from application.use_cases.permissions import NewUnitOfWork, OwnerNames, owner_names
from domain.account import Account
from domain.campaign import Campaign, CampaignId, may_direct
from domain.campaign_members import Member, Status
from domain.campaign_work import OPEN, ListProgress, progress_of, settable
from domain.policy import InstallationPolicy
from domain.schema import CustomerSchema


@dataclass(frozen=True, slots=True)
class ListContext:
    """What every page of a campaign's list knows. `may_work`: the account can change members now."""

    campaign: Campaign
    schema: CustomerSchema
    policy: InstallationPolicy
    names: OwnerNames
    """Names of the people in charge, by account."""
    may_work: bool
    may_direct: bool

    @property
    def may_assign(self) -> bool:
        return self.may_direct and self.campaign.is_worked


@dataclass(frozen=True, slots=True)
class ListedMember:
    """A member, the statuses that the account can set, and whether the customer must not be contacted."""

    member: Member
    choices: tuple[Status, ...]
    blocked: bool


@dataclass(frozen=True, slots=True)
class OwnList:
    """How far the account's own list is."""

    planned: int
    open: int
    due: int
    accepted: int


@dataclass(frozen=True, slots=True)
class ListHead:
    """How far the list is. `own` is None unless it was asked for and the account has somebody on its list."""

    context: ListContext
    progress: ListProgress
    own: OwnList | None


@dataclass(frozen=True, slots=True)
class WorkList:
    """One page of the list."""

    head: ListHead
    page: MemberPage
    rows: tuple[ListedMember, ...]
    workers: tuple[Account, ...]


@dataclass(frozen=True, slots=True)
class OpenList:
    """Opens a campaign's list at a query.

    Raises NotFound for a campaign that the account may not see, and NoListYet for a draft.
    """

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, campaign_id: CampaignId, query: MemberQuery, *, by: Account) -> WorkList:
        with self.new_uow() as uow:
            head = self._head(uow, campaign_id, by, own=query.assigned_to == by.id)
            page = uow.campaigns.page(campaign_id, query)
            return WorkList(head, page, listed(uow, head.context, page.members), workers(uow))

    def head(self, campaign_id: CampaignId, *, by: Account, own: bool = False) -> ListHead:
        """What changes above the list while it is worked. `own`: also how far the account's own list is."""
        with self.new_uow() as uow:
            return self._head(uow, campaign_id, by, own=own)

    def _head(self, uow: UnitOfWork, campaign_id: CampaignId, by: Account, *, own: bool) -> ListHead:
        context = list_context(uow, campaign_id, by)
        progress = progress_of(uow.campaigns.totals(campaign_id))
        return ListHead(context, progress, self._own(uow, context, by) if own else None)

    def _own(self, uow: UnitOfWork, context: ListContext, by: Account) -> OwnList | None:
        campaign_id = context.campaign.id
        counts = uow.campaigns.statuses_of_list(campaign_id, by.id)
        if not counts:
            return None
        today = context.policy.today(self.clock.now())
        return OwnList(
            planned=sum(counts.values()) - counts.get(Status.LEFT_ALONE, 0),
            open=sum(counts.get(status, 0) for status in OPEN),
            due=uow.campaigns.count(campaign_id, MemberQuery(assigned_to=by.id, statuses=OPEN, due_until=today)),
            accepted=counts.get(Status.ACCEPTED, 0),
        )


def list_context(uow: UnitOfWork, campaign_id: CampaignId, by: Account) -> ListContext:
    return context_of(uow, list_seen_by(uow, campaign_id, by), by)


def context_of(uow: UnitOfWork, campaign: Campaign, by: Account) -> ListContext:
    """The same for a campaign that the account is known to see."""
    return ListContext(
        campaign=campaign,
        schema=schema_of(uow, campaign),
        policy=uow.policies.get(),
        names=owner_names(uow),
        may_work=campaign.is_worked and can_work(campaign, by),
        may_direct=may_direct(by, campaign),
    )


def listed(uow: UnitOfWork, context: ListContext, members: tuple[Member, ...]) -> tuple[ListedMember, ...]:
    """The members with what the account can do with each."""
    blocked = uow.do_not_contact.among(one.customer_id for one in members)
    return tuple(_listed(one, context, blocked=one.customer_id in blocked) for one in members)


def _listed(member: Member, context: ListContext, *, blocked: bool) -> ListedMember:
    return ListedMember(member, settable(member, blocked=blocked) if context.may_work else (), blocked)


@dataclass(frozen=True, slots=True)
class MyLists:
    """Running campaigns in which the account has members still to contact: how many, and how many are due."""

    campaigns: tuple[Campaign, ...]
    open: Mapping[CampaignId, int]
    due: Mapping[CampaignId, int]

    @property
    def all_open(self) -> int:
        return sum(self.open.values())

    @property
    def all_due(self) -> int:
        return sum(self.due.values())


@dataclass(frozen=True, slots=True)
class OpenMyLists:
    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, *, by: Account) -> MyLists:
        with self.new_uow() as uow:
            today = uow.policies.get().today(self.clock.now())
            still_open = uow.campaigns.lists_of(by.id)
            due = uow.campaigns.lists_of(by.id, due_until=today)
            campaigns = tuple(uow.campaigns.get(campaign_id) for campaign_id in still_open)
        latest = sorted(campaigns, key=lambda one: (one.created_at, one.id), reverse=True)
        return MyLists(tuple(latest), still_open, due)
