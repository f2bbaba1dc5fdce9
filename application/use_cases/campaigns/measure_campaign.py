"""Reading what a campaign changed."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.campaigns.measuring import action_names
from application.use_cases.campaigns.membership import list_seen_by
from application.use_cases.permissions import NewUnitOfWork, owner_names
from domain.account import Account, Permission
from domain.campaign import Campaign, CampaignId, may_direct
from domain.campaign_effect import CampaignEffect, Reading, effect_of
from domain.measured_rates import RateProposal, rate_proposals, source_of
from domain.policy import InstallationPolicy


@dataclass(frozen=True, slots=True)
class EffectView:
    """A campaign with its effect. `rates` are measured save rates, `playbook_version` the version they would change,
    `source` what the playbook would name as their source.

    The sample campaign has no rates, because its contacts are made up. `may_direct`: the account may close it and take
    groups off its list. `may_adopt`: it may change the playbook.
    """

    campaign: Campaign
    effect: CampaignEffect
    policy: InstallationPolicy
    owner_name: str
    rates: tuple[RateProposal, ...]
    source: str
    playbook_version: int
    may_direct: bool
    may_adopt: bool


@dataclass(frozen=True, slots=True)
class MeasureCampaign:
    """The effect of a campaign: so far while outcomes arrive, as it was fixed once it is closed.

    Raises NotFound for a draft, and for a campaign that the account may not see.
    """

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, campaign_id: CampaignId, *, by: Account) -> EffectView:
        with self.new_uow() as uow:
            campaign = list_seen_by(uow, campaign_id, by)
            effect, playbook = measured(uow, campaign, self.clock), uow.playbooks.latest()
            policy = uow.policies.get()
            source = source_of(campaign.name, policy.local(effect.at))
            return EffectView(
                campaign,
                effect,
                policy,
                owner_names(uow)[campaign.owner],
                () if campaign.sample else rate_proposals(effect, playbook, source),
                source,
                playbook.version,
                may_direct(by, campaign),
                by.can(Permission.EDIT_PLAYBOOK),
            )


def measured(uow: UnitOfWork, campaign: Campaign, clock: Clock) -> CampaignEffect:
    """The effect that a closed campaign was closed with; of any other, the effect so far."""
    if campaign.effect is not None:
        return campaign.effect
    return effect_of(uow.campaigns.counted(campaign.id), action_names(campaign), Reading.SO_FAR, at=clock.now())
