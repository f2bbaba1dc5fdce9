"""Storing outcomes of members: each change is an event of its member, and all together one of the campaign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import note
from domain.account import Account
from domain.actor import Actor
from domain.campaign import Campaign, CampaignId, must_direct
from domain.campaign_members import CampaignEvent, EventKind
from domain.campaign_outcomes import Changes, Recorded, changes_of, must_take_outcomes


@dataclass(frozen=True, slots=True)
class Membership:
    """The members of both groups but the erased ones: their numbers by customer, and what is recorded of each."""

    numbers: Mapping[str, int]
    recorded: Mapping[int, Recorded]


def open_campaign(uow: UnitOfWork, campaign_id: CampaignId, by: Account) -> Campaign:
    """A campaign that takes outcomes from this person. Raises NotFound, NotAllowed, Conflict."""
    campaign = uow.campaigns.get(campaign_id)
    must_direct(by, campaign)
    must_take_outcomes(campaign)
    return campaign


def membership_of(uow: UnitOfWork, campaign: Campaign) -> Membership:
    numbers, recorded = {}, {}
    for key in uow.campaigns.keys(campaign.id):
        numbers[key.customer_id] = key.number
        recorded[key.number] = key.outcome, key.outcome_on
    return Membership(numbers, recorded)


def store_outcomes(
    uow: UnitOfWork, campaign: Campaign, found: Mapping[int, Recorded], *, source: str, by: Actor, clock: Clock
) -> tuple[Campaign, Changes]:
    """Store outcomes by member number, in the caller's transaction. Returns the changed campaign, and what changed.

    Earlier outcomes stay in the events. `source` says where the outcomes come from; events and audit log get counts.
    """
    changes = changes_of(membership_of(uow, campaign).recorded, found)
    now, name = clock.now(), by.account.name
    uow.campaigns.set_outcomes(campaign.id, changes.outcomes)
    uow.campaigns.record(
        campaign.id,
        (
            CampaignEvent(now, name, EventKind.OUTCOME, number, words(changes.before[number]), words(recorded))
            for number, recorded in changes.outcomes.items()
        ),
    )
    left, changed = changes.left, len(changes.outcomes)
    counts = (
        f"{changed - left} stayed, {left} left, {changes.corrected} of them corrected" if changed else "nothing new"
    )
    uow.campaigns.record(campaign.id, [CampaignEvent(now, name, EventKind.OUTCOMES, None, source, counts)])
    saved = replace(campaign, version=campaign.version + 1)
    uow.campaigns.save(saved)
    note(uow, clock, by, "recorded outcomes of a campaign", f"{campaign.name}: {counts}")
    return saved, changes


def words(recorded: Recorded) -> str:
    """An outcome as events keep it: "left", "left 2026-11-30"."""
    outcome, day = recorded
    return f"{outcome.value} {day.isoformat()}" if day else outcome.value
