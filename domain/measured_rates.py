"""Save rates of the playbook that a closed campaign has measured."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.campaign_effect import CampaignEffect, Grouping
from domain.effect import MeasuredSaveRate, measured_save_rate
from domain.playbook import Action, Playbook


@dataclass(frozen=True, slots=True)
class RateProposal:
    """A measured save rate for an action of the playbook. `adopted`: the playbook has it from this campaign already."""

    action: Action
    rate: MeasuredSaveRate
    adopted: bool

    def measured_action(self, campaign_name: str) -> Action:
        """The action with this save rate."""
        return replace(self.action, save_rate=self.rate.rate, save_rate_measured=True, measured_in=campaign_name)


def rate_proposals(effect: CampaignEffect, playbook: Playbook, campaign_name: str) -> tuple[RateProposal, ...]:
    """The actions of a closed campaign whose groups are large enough, and that are still in the playbook.

    An action in whose control group nobody left has nothing to measure by.
    """
    if not effect.final:
        return ()
    found = []
    for group in effect.by(Grouping.ACTION):
        action, compared = playbook.action(group.key), group.compared
        if action is not None and compared.large_enough and compared.control.left:
            rate = measured_save_rate(action.save_rate, compared.contacted, compared.control)
            adopted = action.save_rate_measured and action.measured_in == campaign_name
            found.append(RateProposal(action, replace(rate, rate=round(rate.rate, 4)), adopted))
    return tuple(found)
