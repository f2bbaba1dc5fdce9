"""Campaigns with outcomes, for tests of their effect."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

from application.use_cases.permissions import NewUnitOfWork
from domain.campaign import CampaignId, CampaignState, PlannedAction
from domain.campaign_members import Arm, Member, Outcome, Side
from tests.builders import a_campaign, a_campaign_plan, a_member, at

CALL = PlannedAction("call", "Call", "phone", 0, 0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Part:
    """Members of one group, action and risk fifth, and how many of them stayed, left, or have no outcome."""

    side: Side
    stayed: int
    left: int
    unknown: int = 0
    action: PlannedAction = CALL
    fifth: int = 3
    arm: Arm = Arm.BEST

    def outcomes(self) -> list[Outcome]:
        return [Outcome.STAYED] * self.stayed + [Outcome.LEFT] * self.left + [Outcome.UNKNOWN] * self.unknown


def measured_campaign(new_uow: NewUnitOfWork, *parts: Part, id: str = "spring", **given: Any) -> None:
    """Store a running campaign with these members and outcomes."""
    actions = list({part.action.action_id: part.action for part in parts}.values())
    values = {"state": CampaignState.RUNNING, "plan": a_campaign_plan(actions=tuple(actions)), "started_at": at()}
    campaign = a_campaign(id=CampaignId(id), **(values | given))
    numbers = count(1)
    members: list[Member] = []
    outcomes: dict[int, tuple[Outcome, None]] = {}
    for part in parts:
        for outcome in part.outcomes():
            number = next(numbers)
            members.append(
                a_member(
                    number,
                    customer_id=f"{id}-{number}",
                    side=part.side,
                    arm=part.arm,
                    action_id=part.action.action_id,
                    action_name=part.action.name,
                    channel=part.action.channel,
                    probability=0.1 + 0.15 * part.fifth + (number % 7) / 100,
                    fifth=part.fifth,
                    stratum=part.fifth * 1_000,
                )
            )
            if outcome is not Outcome.UNKNOWN:
                outcomes[number] = (outcome, None)
    with new_uow() as uow:
        uow.campaigns.add(campaign)
        uow.campaigns.add_members(campaign.id, members)
        uow.campaigns.hold(campaign.id, held=True)
        uow.campaigns.set_outcomes(campaign.id, outcomes)
        uow.commit()
