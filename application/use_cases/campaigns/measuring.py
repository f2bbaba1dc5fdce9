"""A campaign's members as the domain measures them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from application.ports.campaign_records import Assignment
from application.ports.campaigns import AdjustedEffect, Assigned
from domain.campaign import Campaign
from domain.campaign_effect import CampaignEffect, Counted, Members, Reading, effect_of
from domain.campaign_members import Arm, Outcome, Side


def counted(assignments: Iterable[Assignment]) -> Members:
    """The members, counted by everything that the effect depends on."""
    sums: dict[tuple[Side, Arm, str, int, Outcome], list[float]] = {}
    for one in assignments:
        key = (one.side, one.arm, one.action_id, one.fifth, one.outcome)
        own = sums.setdefault(key, [0, 0.0, 0.0])
        own[0] += 1
        own[1] += one.value
        own[2] += one.spent
    return Members(tuple(Counted(*key, int(own[0]), own[1], own[2]) for key, own in sorted(sums.items())))


def action_names(campaign: Campaign) -> Mapping[str, str]:
    """The names of the campaign's actions by id, in the playbook's order."""
    return {action.action_id: action.name for action in campaign.plan.actions} if campaign.plan else {}


def final_effect(
    names: Mapping[str, str], assignments: Iterable[Assignment], estimate: AdjustedEffect, *, at: datetime
) -> CampaignEffect:
    """The effect at closing. Members without an outcome are in neither group."""
    members = tuple(assignments)
    known = [one for one in members if one.outcome is not Outcome.UNKNOWN]
    adjusted = estimate.adjusted(
        Assigned(
            contacted=[one.side is Side.CONTACT for one in known],
            stayed=[one.outcome is Outcome.STAYED for one in known],
            risk=[one.probability for one in known],
            stratum=[one.stratum for one in known],
        )
    )
    return effect_of(counted(members), names, Reading.FINAL, at=at, adjusted=adjusted)
