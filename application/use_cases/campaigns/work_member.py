"""Changes of one member of a running campaign: status, undo, note and due date. Each is an event of its history.

Everybody sends the version of the entry that they saw. Nobody overwrites what somebody else changed in the meantime.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.campaigns.membership import campaign_worked_by, member_of_version
from application.use_cases.campaigns.open_list import ListContext, ListedMember, context_of, list_context, listed
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Account
from domain.actor import Actor
from domain.campaign import Campaign, CampaignId
from domain.campaign_members import CampaignEvent, EventKind, Member, Status
from domain.campaign_work import ON_THE_LIST, must_be_settable, status_before
from domain.customer import CustomerId
from domain.do_not_contact import Entry, Source
from domain.errors import Conflict

NOTHING_TO_UNDO = "There is no status to undo."


@dataclass(frozen=True, slots=True)
class WorkedMember:
    """A member as it is now. `undoable`: its latest event is a status that can be undone."""

    context: ListContext
    row: ListedMember
    undoable: bool = False


def worked(uow: UnitOfWork, context: ListContext, member: Member, *, undoable: bool = False) -> WorkedMember:
    (row,) = listed(uow, context, (member,))
    return WorkedMember(context, row, undoable)


@dataclass(frozen=True, slots=True)
class ViewMember:
    """One entry of the list. Raises NotFound for a member that nobody contacts."""

    new_uow: NewUnitOfWork

    def __call__(self, campaign_id: CampaignId, number: int, *, by: Account) -> WorkedMember:
        with self.new_uow() as uow:
            context = list_context(uow, campaign_id, by)
            member = uow.campaigns.member(campaign_id, number)
            return worked(uow, context, member)


@dataclass(frozen=True, slots=True)
class MarkMember:
    """Sets a member's status. Opting out also puts the customer on the do-not-contact list, in one transaction.

    Raises Conflict for an outdated version, a campaign that is not running, and a status that cannot be set.
    """

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(
        self, campaign_id: CampaignId, number: int, status: Status, *, version: int, by: Actor
    ) -> WorkedMember:
        with self.new_uow() as uow:
            campaign = campaign_worked_by(uow, campaign_id, by.account)
            member = member_of_version(uow, campaign, number, version)
            blocked = uow.do_not_contact.contains(member.customer_id)
            must_be_settable(member, status, blocked=blocked)
            if status is not member.status:
                now = self.clock.now()
                marked = member.marked(status, at=now, today=uow.policies.get().today(now))
                uow.campaigns.save_member(campaign_id, marked)
                event = CampaignEvent(now, by.account.name, EventKind.STATUS, number, member.status, status)
                uow.campaigns.record(campaign_id, [event])
                if status is Status.OPTED_OUT:
                    self._opt_out(uow, campaign, marked, by)
                uow.commit()
                member = marked
            context = context_of(uow, campaign, by.account)
            undoable = status is not Status.OPTED_OUT and member.version != version
            return worked(uow, context, member, undoable=undoable)

    def _opt_out(self, uow: UnitOfWork, campaign: Campaign, member: Member, by: Actor) -> None:
        customer = CustomerId(member.customer_id)
        uow.do_not_contact.add_many([Entry(customer, self.clock.now(), Source.OPTED_OUT, by.account.name)])
        note(uow, self.clock, by, "recorded that a customer opted out", campaign.name)


@dataclass(frozen=True, slots=True)
class UndoStatus:
    """Takes the latest status back. The history keeps it, and says that it was undone."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, campaign_id: CampaignId, number: int, *, version: int, by: Actor) -> WorkedMember:
        """Raises Conflict where the latest event of the member is no status, or one that stays."""
        with self.new_uow() as uow:
            campaign = campaign_worked_by(uow, campaign_id, by.account)
            member = member_of_version(uow, campaign, number, version)
            latest = uow.campaigns.events(campaign_id, number, limit=1)
            earlier = status_before(member, latest[0] if latest else None)
            if earlier is None:
                raise Conflict(NOTHING_TO_UNDO)
            if uow.do_not_contact.contains(member.customer_id):
                raise Conflict(ON_THE_LIST)
            undone = member.undone(earlier)
            uow.campaigns.save_member(campaign_id, undone)
            event = CampaignEvent(self.clock.now(), by.account.name, EventKind.UNDONE, number, member.status, earlier)
            uow.campaigns.record(campaign_id, [event])
            uow.commit()
            context = context_of(uow, campaign, by.account)
            return worked(uow, context, undone)


@dataclass(frozen=True, slots=True)
class NoteMember:
    """Writes a member's note or due date. Raises InvalidInput for a note that is too long, and Conflict."""

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, campaign_id: CampaignId, number: int, text: str, *, version: int, by: Actor) -> WorkedMember:
        def write(member: Member) -> tuple[Member, str, str]:
            noted = member.noted(text)
            return noted, "", noted.note

        return self._change(campaign_id, number, version, by, EventKind.NOTE, write)

    def due(self, campaign_id: CampaignId, number: int, day: date | None, *, version: int, by: Actor) -> WorkedMember:
        def write(member: Member) -> tuple[Member, str, str]:
            return member.due_on(day), _day(member.due), _day(day)

        return self._change(campaign_id, number, version, by, EventKind.DUE, write)

    def _change(
        self,
        campaign_id: CampaignId,
        number: int,
        version: int,
        by: Actor,
        kind: EventKind,
        write: Callable[[Member], tuple[Member, str, str]],
    ) -> WorkedMember:
        with self.new_uow() as uow:
            campaign = campaign_worked_by(uow, campaign_id, by.account)
            member = member_of_version(uow, campaign, number, version)
            changed, before, after = write(member)
            uow.campaigns.save_member(campaign_id, changed)
            event = CampaignEvent(self.clock.now(), by.account.name, kind, number, before, after)
            uow.campaigns.record(campaign_id, [event])
            uow.commit()
            context = context_of(uow, campaign, by.account)
            return worked(uow, context, changed)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
