"""Save rates of the playbook that a closed campaign has measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from domain.campaign_effect import CampaignEffect, Grouping
from domain.effect import MeasuredSaveRate, measured_save_rate
from domain.playbook import Action, Playbook


@dataclass(frozen=True, slots=True)
class RateProposal:
    """A measured save rate for an action of the playbook. `adopted`: the playbook has it from this campaign already."""

    action: Action
    rate: MeasuredSaveRate
    adopted: bool

    def measured_action(self, source: str) -> Action:
        """The action with this save rate, and with all would-be leavers that it rests on now."""
        return replace(
            self.action,
            save_rate=self.rate.rate,
            save_rate_measured=True,
            save_rate_weight=round(self.action.save_rate_weight + self.rate.customers, 1),
            measured_in=source,
        )


def source_of(campaign_name: str, closed: datetime) -> str:
    """What names a campaign as the source of a rate: several campaigns can have one name.

    `closed` is in the installation's time zone.
    """
    return f"{campaign_name}, closed {closed:%Y-%m-%d %H:%M}"


def rate_proposals(effect: CampaignEffect, playbook: Playbook, source: str) -> tuple[RateProposal, ...]:
    """The actions of a closed campaign whose groups are large enough, and that are still in the playbook.

    An action in whose control group nobody left has nothing to measure by, and one whose measurement is worth less than
    a would-be leaver says nothing.
    """
    if not effect.final:
        return ()
    found = []
    for group in effect.by(Grouping.ACTION):
        action, compared = playbook.action(group.key), group.compared
        if action is not None and compared.large_enough and compared.control.left:
            weight = action.save_rate_weight
            rate = measured_save_rate(action.save_rate, compared.contacted, compared.control, weight=weight)
            adopted = action.save_rate_measured and action.measured_in == source
            if int(rate.customers):
                found.append(RateProposal(action, replace(rate, rate=round(rate.rate, 4)), adopted))
    return tuple(found)
