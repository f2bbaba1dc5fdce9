"""How far the prediction of a campaign looked ahead."""

from __future__ import annotations

from application.ports.unit_of_work import UnitOfWork
from domain.campaign import Campaign
from domain.errors import ModelNotFound
from domain.grading import horizon_of


def horizon_of_campaign(uow: UnitOfWork, campaign: Campaign) -> int:
    """Months that the campaign's prediction looked ahead; one, if its model was deleted."""
    try:
        return horizon_of(uow.models.get(campaign.plan.model_version if campaign.plan else ""))
    except ModelNotFound:
        return 1
