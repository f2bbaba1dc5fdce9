"""The use cases of a campaign's effect."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.campaigns.close_campaign import CloseCampaign
from entrypoints.wiring.ports import Ports


@dataclass(frozen=True, slots=True)
class CampaignEffects:
    """Measure campaigns, close them, and use what was measured."""

    close_campaign: CloseCampaign


def build_campaign_effects(ports: Ports) -> CampaignEffects:
    return CampaignEffects(
        close_campaign=CloseCampaign(new_uow=ports.new_uow, adjusted=ports.adjusted_effect, clock=ports.clock),
    )
