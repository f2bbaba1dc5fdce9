"""Recording the outcome of one member by hand, on the member's card."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from application.ports.system import Clock
from application.use_cases.campaigns.membership import list_seen_by, member_of_version
from application.use_cases.campaigns.open_list import list_context
from application.use_cases.campaigns.store_outcomes import words
from application.use_cases.campaigns.work_member import WorkedMember, worked
from application.use_cases.permissions import NewUnitOfWork, note
from domain.actor import Actor
from domain.campaign import CampaignId, must_direct
from domain.campaign_members import CampaignEvent, EventKind, Outcome
from domain.campaign_outcomes import must_take_outcomes


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """Says that a contacted member stayed, left, or that nobody knows. Only for those who direct the campaign.

    Raises NotFound, also for a control; NotAllowed; Conflict for an outdated version and a campaign that takes no
    outcomes.
    """

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(
        self, campaign_id: CampaignId, number: int, outcome: Outcome, *, on: date | None, version: int, by: Actor
    ) -> WorkedMember:
        """`on` is the day on which the customer left; it is ignored for other outcomes."""
        with self.new_uow() as uow:
            campaign = list_seen_by(uow, campaign_id, by.account)
            must_direct(by.account, campaign)
            must_take_outcomes(campaign)
            member = member_of_version(uow, campaign, number, version)
            changed = member.with_outcome(outcome, on)
            if (changed.outcome, changed.outcome_on) != (member.outcome, member.outcome_on):
                before = words((member.outcome, member.outcome_on))
                after = words((changed.outcome, changed.outcome_on))
                uow.campaigns.save_member(campaign_id, changed)
                event = CampaignEvent(self.clock.now(), by.account.name, EventKind.OUTCOME, number, before, after)
                uow.campaigns.record(campaign_id, [event])
                note(uow, self.clock, by, "recorded outcomes of a campaign", f"{campaign.name}: 1 by hand")
                uow.commit()
                member = changed
            return worked(uow, list_context(uow, campaign_id, by.account), member)
