"""The call card of a member: why this customer, what to say, and what was tried; and the cards of a list, printed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from application.ports.campaign_records import MemberQuery
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.campaigns.open_list import ListContext, ListedMember, list_context, listed
from application.use_cases.permissions import NewUnitOfWork
from domain.account import Account
from domain.campaign import CampaignId
from domain.campaign_members import CampaignEvent, EventKind, Member
from domain.campaign_work import MAX_CARDS, OPEN, status_before
from domain.formats import FormatsOf
from domain.spoken import spoken_reasons


@dataclass(frozen=True, slots=True)
class CallCard:
    """`why`: reasons that may be said aloud. `before` and `after`: numbers of the neighbours in the list's order."""

    context: ListContext
    row: ListedMember
    why: tuple[str, ...]
    events: tuple[CampaignEvent, ...] = ()
    before: int | None = None
    after: int | None = None

    @property
    def member(self) -> Member:
        return self.row.member

    @property
    def undoable(self) -> bool:
        """Whether the latest thing that happened is a status that can be undone."""
        latest = self.events[0] if self.events else None
        return bool(self.row.choices) and not self.row.blocked and status_before(self.member, latest) is not None

    @property
    def times_tried(self) -> int:
        """Events that set a status, without those that were undone."""
        kinds = [event.kind for event in self.events]
        return max(0, kinds.count(EventKind.STATUS) - kinds.count(EventKind.UNDONE))


@dataclass(frozen=True, slots=True)
class OpenCard:
    """Opens one card. Raises NotFound for a member that nobody contacts."""

    new_uow: NewUnitOfWork
    formats_of: FormatsOf

    def __call__(self, campaign_id: CampaignId, number: int, query: MemberQuery, *, by: Account) -> CallCard:
        with self.new_uow() as uow:
            context = list_context(uow, campaign_id, by)
            member = uow.campaigns.member(campaign_id, number)
            before, after = uow.campaigns.neighbours(campaign_id, number, query)
            (card,) = self._cards(uow, context, (member,))
            events = uow.campaigns.events(campaign_id, number)
        return replace(card, events=tuple(events), before=before, after=after)

    def printed(self, campaign_id: CampaignId, query: MemberQuery, *, by: Account) -> tuple[CallCard, ...]:
        """The first cards of the query whose customers are still to be contacted and may be, without their history."""
        with self.new_uow() as uow:
            context = list_context(uow, campaign_id, by)
            chosen = replace(query, statuses=query.statuses or OPEN, reachable=True, offset=0, limit=MAX_CARDS)
            return self._cards(uow, context, uow.campaigns.page(campaign_id, chosen).members)

    def _cards(self, uow: UnitOfWork, context: ListContext, members: tuple[Member, ...]) -> tuple[CallCard, ...]:
        formats = self.formats_of(context.policy.currency)
        return tuple(
            CallCard(context, row, spoken_reasons(row.member.reasons, context.schema, formats))
            for row in listed(uow, context, members)
        )
