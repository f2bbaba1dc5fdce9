"""Members of a list are given to people, and get due dates, many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from application.ports.campaign_records import MemberQuery
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.campaigns.membership import campaign_worked_by, workers
from application.use_cases.permissions import NewUnitOfWork, note
from domain.actor import Actor
from domain.campaign import Campaign, CampaignId, must_direct
from domain.campaign_members import CampaignEvent, EventKind
from domain.campaign_work import MAX_ASSIGNED_AT_ONCE, dealt
from domain.errors import InvalidInput

RECORDED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """Members by number, or (None) all members of the query."""

    query: MemberQuery
    numbers: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class AssignMembers:
    """Gives members to people evenly; without people, to nobody. Only for those who direct the campaign.

    Only members who had another person, or another due date, get an event.

    Raises NotFound, NotAllowed, Conflict unless it is running, and InvalidInput for people who cannot work on it.
    """

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, campaign_id: CampaignId, chosen: Chosen, people: Sequence[str], *, by: Actor) -> int:
        """Returns how many members changed."""
        with self.new_uow() as uow:
            campaign, numbers = _directed(uow, campaign_id, chosen, by)
            names = {str(one.id): one.name for one in workers(uow)}
            if any(person not in names for person in people):
                raise InvalidInput("Choose people who can work on this list.", field="person")
            shares = dealt(numbers, people) if people else {None: list(numbers)}
            changed = 0
            for person, share in shares.items():
                given = uow.campaigns.assign(campaign_id, share, person)
                after = names[person] if person else ""
                _record(uow, campaign_id, given, self._event(by, EventKind.ASSIGNED, after))
                changed += len(given)
            note(uow, self.clock, by, f"assigned {changed} members of a campaign", campaign.name)
            uow.commit()
        return changed

    def due(self, campaign_id: CampaignId, chosen: Chosen, day: date | None, *, by: Actor) -> int:
        """Set the due date of members. Returns how many changed."""
        with self.new_uow() as uow:
            campaign, numbers = _directed(uow, campaign_id, chosen, by)
            given = uow.campaigns.set_due(campaign_id, numbers, day)
            _record(uow, campaign_id, given, self._event(by, EventKind.DUE, day.isoformat() if day else ""))
            changed = len(given)
            note(uow, self.clock, by, f"set the due date of {changed} members of a campaign", campaign.name)
            uow.commit()
        return changed

    def _event(self, by: Actor, kind: EventKind, after: str) -> Callable[[int], CampaignEvent]:
        event = CampaignEvent(self.clock.now(), by.account.name, kind, after=after)
        return lambda number: replace(event, number=number)


def _directed(uow: UnitOfWork, campaign_id: CampaignId, chosen: Chosen, by: Actor) -> tuple[Campaign, Sequence[int]]:
    """The campaign, and the numbers of the chosen members in the order of the list.

    Raises NotFound for a number that nobody contacted has.
    """
    campaign = campaign_worked_by(uow, campaign_id, by.account)
    must_direct(by.account, campaign)
    if chosen.numbers is None:
        numbers = uow.campaigns.numbers(campaign_id, chosen.query)
    else:
        numbers = [uow.campaigns.member(campaign_id, number).number for number in sorted(set(chosen.numbers))]
    if not numbers:
        raise InvalidInput("Select at least one customer.", field="member")
    if len(numbers) > MAX_ASSIGNED_AT_ONCE:
        raise InvalidInput(f"At most {MAX_ASSIGNED_AT_ONCE} customers are changed at once. Set a filter.")
    return campaign, numbers


def _record(
    uow: UnitOfWork, campaign_id: CampaignId, numbers: Sequence[int], event: Callable[[int], CampaignEvent]
) -> None:
    for start in range(0, len(numbers), RECORDED_AT_ONCE):
        uow.campaigns.record(campaign_id, map(event, numbers[start : start + RECORDED_AT_ONCE]))
