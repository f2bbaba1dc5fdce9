"""Closing a campaign: its effect is measured and fixed, and its customers are free for other campaigns."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.campaigns import AdjustedEffect
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.campaigns.direct_campaign import directed, stage_event
from application.use_cases.campaigns.measuring import action_names, final_effect
from application.use_cases.permissions import NewUnitOfWork, note
from domain.actor import Actor
from domain.campaign import Campaign, CampaignId


@dataclass(frozen=True, slots=True)
class CloseCampaign:
    """Closes a campaign with the outcomes that are known. Only for those who direct it.

    Raises NotFound, NotAllowed, and Conflict for a campaign that is not running or measured.
    """

    new_uow: NewUnitOfWork
    adjusted: AdjustedEffect
    clock: Clock

    def __call__(self, campaign_id: CampaignId, *, based_on: int, by: Actor) -> Campaign:
        """Raises Conflict also if somebody changed the campaign since this person saw its version `based_on`."""
        with self.new_uow() as uow:
            closed = self.within(uow, directed(uow, campaign_id, by, based_on), by=by)
            uow.commit()
        return closed

    def within(self, uow: UnitOfWork, campaign: Campaign, *, by: Actor) -> Campaign:
        """Close a campaign, which this person may direct, in the caller's transaction; the caller commits.

        Outcomes that the caller stored in the same transaction count. Returns the closed campaign.
        """
        now = self.clock.now()
        members = uow.campaigns.assignments(campaign.id)
        effect = final_effect(action_names(campaign), members, self.adjusted, at=now)
        closed = campaign.closed(effect, at=now)
        uow.campaigns.save(closed)
        uow.campaigns.hold(campaign.id, held=False)
        uow.campaigns.record(campaign.id, [stage_event(campaign, closed, by, self.clock)])
        counts = f"{effect.outcomes} outcomes known, {effect.unknown} unknown"
        note(uow, self.clock, by, "closed a campaign", f"{campaign.name}: {counts}")
        return closed
