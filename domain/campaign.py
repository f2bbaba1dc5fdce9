"""A campaign: customers of a run who are contacted, a control group that is left alone, and the campaign's stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from domain.account import Account, Permission
from domain.allocation import Limits, Worth, gap
from domain.campaign_effect import CampaignEffect
from domain.customer_query import CustomerQuery
from domain.effect import noticeable_effect
from domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from domain.run import RunId

CampaignId = NewType("CampaignId", str)

CONTROL_SHARE = 0.10
"""Share of the members that is left alone, where a person chooses nothing else."""
MAX_CONTROL_SHARE = 0.5
MAX_SECOND_SHARE = 0.5
RISK_FIFTHS = 5
MAX_CAMPAIGN_NAME = 100
MAX_PLANNED = 100
"""Customers that a draft names."""
OVERTAKEN = "This campaign was changed in the meantime, by someone else or in another window. Look at it as it is now."
MISSING = "There is no such campaign, or it is not shared with you."


class CampaignState(StrEnum):
    """A draft is being planned; a running campaign is worked; while it is measured, outcomes arrive."""

    DRAFT = "draft"
    RUNNING = "running"
    MEASURING = "measuring"
    CLOSED = "closed"

    @property
    def holds_customers(self) -> bool:
        """Whether its members cannot become members of another campaign: this would spoil what is measured."""
        return self in (CampaignState.RUNNING, CampaignState.MEASURING)


LEGAL_STAGES: Mapping[CampaignState, frozenset[CampaignState]] = {
    CampaignState.DRAFT: frozenset({CampaignState.RUNNING}),
    CampaignState.RUNNING: frozenset({CampaignState.MEASURING, CampaignState.CLOSED}),
    CampaignState.MEASURING: frozenset({CampaignState.RUNNING, CampaignState.CLOSED}),
    CampaignState.CLOSED: frozenset(),
}


class Excluded(StrEnum):
    """Why a matching customer cannot become a member. A customer counts for the first reason that applies."""

    REPEATED = "repeated"
    LEFT = "left"
    DO_NOT_CONTACT = "do_not_contact"
    OTHER_CAMPAIGN = "other_campaign"
    PAUSED = "paused"
    NO_ACTION = "no_action"

    @property
    def words(self) -> str:
        return {
            Excluded.REPEATED: "listed in another row of the file",
            Excluded.LEFT: "who have left, says the file",
            Excluded.DO_NOT_CONTACT: "on the do-not-contact list",
            Excluded.OTHER_CAMPAIGN: "in another campaign that is not closed",
            Excluded.PAUSED: "contacted lately and left in peace for now",
            Excluded.NO_ACTION: "without an action that is expected to earn enough",
        }[self]


@dataclass(frozen=True, slots=True)
class CampaignRequest:
    """Whom to contact, and within which limits.

    `query` selects customers of the run. `control_share` of the members are left alone at random; `second_share` of
    the contacted are offered their second-best action at random, so that two offers can be compared.
    """

    query: CustomerQuery
    limits: Limits = field(default_factory=Limits)
    control_share: float = CONTROL_SHARE
    second_share: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.control_share <= MAX_CONTROL_SHARE:
            raise InvalidInput("The control group is at most half of the members.", field="control_share")
        if not 0.0 <= self.second_share <= MAX_SECOND_SHARE:
            raise InvalidInput("At most half of the contacted get the second-best offer.", field="second_share")


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """An action of a planned campaign: members contacted with it, and those of its control group.

    `offer_cost` is what the offers cost if all are accepted; `gain` is the expected gain of the contacted.
    """

    action_id: str
    name: str
    channel: str
    contacted: int
    control: int
    offer_cost: float
    contact_cost: float
    gain: float


@dataclass(frozen=True, slots=True)
class PlannedContact:
    """A customer whom a plan would contact: the row in the prediction, which names nobody, the action, and its gain."""

    row: int
    action: str
    gain: float


@dataclass(frozen=True, slots=True)
class CampaignPlan:
    """What a request chooses, before anything is created.

    `matching` customers fulfil the query; `excluded` counts those who cannot become members. `churn` is the mean churn
    probability of the members. `gain` and `bound` are the expected gain of all members, were all contacted, and the
    most that any choice within the limits could earn. `fingerprint` identifies the choice: equal fingerprints mean
    equal members, actions and groups.
    """

    matching: int
    excluded: tuple[tuple[Excluded, int], ...]
    actions: tuple[PlannedAction, ...]
    churn: float
    gain: float
    bound: float
    worth: Worth
    playbook_version: int
    model_version: str
    fingerprint: str
    planned_at: datetime
    second: int = 0
    """Members contacted with their second-best action."""
    first: tuple[PlannedContact, ...] = ()
    """Of a draft: the first customers whom it would contact, by falling gain; at most MAX_PLANNED."""

    @property
    def beyond_limits(self) -> int:
        """Customers with an action that is expected to earn enough, for whom the limits left no place."""
        return self.matching - sum(count for _, count in self.excluded) - self.members

    @property
    def contacted(self) -> int:
        return sum(action.contacted for action in self.actions)

    @property
    def control(self) -> int:
        return sum(action.control for action in self.actions)

    @property
    def members(self) -> int:
        return self.contacted + self.control

    @property
    def unnamed(self) -> int:
        """Contacted customers whom the draft does not name."""
        return self.contacted - len(self.first)

    @property
    def expected_gain(self) -> float:
        """Expected gain of the customers who are contacted."""
        return sum(action.gain for action in self.actions)

    @property
    def offer_cost(self) -> float:
        return sum(action.offer_cost for action in self.actions)

    @property
    def contact_cost(self) -> float:
        return sum(action.contact_cost for action in self.actions)

    @property
    def gap(self) -> float:
        """Share of the best possible gain that the choice may miss."""
        return gap(self.gain, self.bound)

    @property
    def noticeable(self) -> float:
        """Smallest effect (share of customers kept) that groups of these sizes notice 8 times in 10."""
        return noticeable_effect(self.contacted, self.control, self.churn)


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign of one run. `key` draws the groups. `version` grows with each change, so that nobody overwrites
    another person's change. `run_name` names the prediction after the run was deleted."""

    id: CampaignId
    name: str
    owner: str
    run_id: RunId
    run_name: str
    request: CampaignRequest
    key: str
    created_at: datetime
    state: CampaignState = CampaignState.DRAFT
    shared: bool = False
    sample: bool = False
    plan: CampaignPlan | None = None
    started_at: datetime | None = None
    measuring_at: datetime | None = None
    closed_at: datetime | None = None
    closes_on: date | None = None
    """The day on which the people intend to close it; only for information."""
    effect: CampaignEffect | None = None
    version: int = 1

    def __post_init__(self) -> None:
        if not self.name.strip() or len(self.name) > MAX_CAMPAIGN_NAME:
            raise InvalidInput(f"A campaign's name has between 1 and {MAX_CAMPAIGN_NAME} characters.", field="name")

    def planned(self, request: CampaignRequest, plan: CampaignPlan | None) -> Campaign:
        """With another request. Raises Conflict unless it is a draft."""
        self._must_be(CampaignState.DRAFT, "planned")
        return replace(self, request=request, plan=plan, version=self.version + 1)

    def started(self, plan: CampaignPlan, *, at: datetime) -> Campaign:
        self._must_be(CampaignState.DRAFT, "started")
        return replace(self._moved(CampaignState.RUNNING), plan=replace(plan, first=()), started_at=at)

    def measuring(self, *, at: datetime) -> Campaign:
        """The list is done; outcomes are awaited."""
        return replace(self._moved(CampaignState.MEASURING), measuring_at=at)

    def reopened(self) -> Campaign:
        self._must_be(CampaignState.MEASURING, "reopened")
        return replace(self._moved(CampaignState.RUNNING), measuring_at=None)

    def closed(self, effect: CampaignEffect | None, *, at: datetime) -> Campaign:
        return replace(self._moved(CampaignState.CLOSED), effect=effect, closed_at=at)

    def _moved(self, to: CampaignState) -> Campaign:
        if to not in LEGAL_STAGES[self.state]:
            raise Conflict(f"This campaign is {self.state.value} and cannot become {to.value}.")
        return replace(self, state=to, version=self.version + 1)

    def _must_be(self, state: CampaignState, done: str) -> None:
        if self.state is not state:
            raise Conflict(f"Only a {state.value} campaign can be {done}; this one is {self.state.value}.")

    @property
    def is_worked(self) -> bool:
        """Whether statuses of its members can change."""
        return self.state is CampaignState.RUNNING

    @property
    def takes_outcomes(self) -> bool:
        return self.state.holds_customers


def may_see(account: Account, campaign: Campaign, *, assigned: bool = False) -> bool:
    """The owner, everybody whom it is shared with, people with members on their list, managers and administrators."""
    return campaign.owner == account.id or campaign.shared or assigned or account.can(Permission.SEE_ALL_RUNS)


def must_see(account: Account, campaign: Campaign, *, assigned: bool = False) -> None:
    """Raises NotFound."""
    if not may_see(account, campaign, assigned=assigned):
        raise NotFound(MISSING)


def may_work(account: Account, campaign: Campaign, *, assigned: bool = False) -> bool:
    """Whether the account may change its members: everybody who sees it, but viewers."""
    return may_see(account, campaign, assigned=assigned) and account.can(Permission.PREDICT)


def may_direct(account: Account, campaign: Campaign) -> bool:
    """Whether the account may start, close and delete it, and record outcomes: its owner, managers, administrators."""
    own = campaign.owner == account.id and account.can(Permission.PREDICT)
    return own or account.can(Permission.SEE_ALL_RUNS)


def must_direct(account: Account, campaign: Campaign) -> None:
    """Raises NotFound if the account does not see it, NotAllowed if it sees it but may not direct it."""
    must_see(account, campaign)
    if not may_direct(account, campaign):
        raise NotAllowed("Only the person who made this campaign, or a manager, can do this.")
