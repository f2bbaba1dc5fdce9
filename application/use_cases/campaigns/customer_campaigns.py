"""The campaigns that contact a customer, for the customer's page."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.unit_of_work import UnitOfWork
from application.use_cases.campaigns.membership import is_assigned
from application.use_cases.permissions import NewUnitOfWork
from domain.account import Account
from domain.campaign import Campaign, CampaignState, may_see
from domain.campaign_members import Member, Side


@dataclass(frozen=True, slots=True)
class ListCustomerCampaigns:
    """Campaigns that the account may see, newest first. It never says that a customer is a control."""

    new_uow: NewUnitOfWork

    def __call__(self, customer_id: str, *, by: Account) -> tuple[tuple[Campaign, Member], ...]:
        with self.new_uow() as uow:
            found = [
                (campaign, member)
                for campaign, member in uow.campaigns.of_customer(customer_id)
                if member.side is Side.CONTACT and _shown(uow, campaign, by)
            ]
        return tuple(reversed(found))


def _shown(uow: UnitOfWork, campaign: Campaign, by: Account) -> bool:
    seen = may_see(by, campaign, assigned=is_assigned(uow, campaign, by))
    return seen and campaign.state is not CampaignState.DRAFT
