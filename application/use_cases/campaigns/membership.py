"""Which campaigns and members an account may see and work on."""

from __future__ import annotations

from application.ports.unit_of_work import UnitOfWork
from domain.account import Account, Permission
from domain.campaign import Campaign, CampaignId, CampaignState, may_see, may_work, must_see
from domain.campaign_members import Member
from domain.campaign_work import changed_meanwhile
from domain.errors import Conflict, ModelNotFound, NotAllowed, NotFound
from domain.schema import CustomerSchema

NOT_YOURS = "You can look at this campaign, but not work on it."
NOT_RUNNING = "This campaign is not running, so its list does not change."


class NoListYet(NotFound):
    """A campaign that is still being planned has no list."""

    def __init__(self) -> None:
        super().__init__("This campaign has no list yet: it is still being planned.")


def is_assigned(uow: UnitOfWork, campaign: Campaign, by: Account) -> bool:
    """Whether the account sees the campaign only for the members on its list; not asked for where it sees it anyway."""
    return not may_see(by, campaign) and uow.campaigns.is_assigned(campaign.id, by.id)


def campaign_seen_by(uow: UnitOfWork, campaign_id: CampaignId, by: Account) -> Campaign:
    """Raises NotFound for a campaign that the account may not see."""
    campaign = uow.campaigns.get(campaign_id)
    must_see(by, campaign, assigned=is_assigned(uow, campaign, by))
    return campaign


def list_seen_by(uow: UnitOfWork, campaign_id: CampaignId, by: Account) -> Campaign:
    """The same for its list. Raises NoListYet for a draft."""
    campaign = campaign_seen_by(uow, campaign_id, by)
    if campaign.state is CampaignState.DRAFT:
        raise NoListYet
    return campaign


def can_work(campaign: Campaign, by: Account) -> bool:
    """Whether an account that sees the campaign may change its members."""
    return may_work(by, campaign, assigned=True)


def campaign_worked_by(uow: UnitOfWork, campaign_id: CampaignId, by: Account) -> Campaign:
    """A running campaign. Raises NotFound, NotAllowed for somebody who only reads, Conflict unless it is running."""
    campaign = list_seen_by(uow, campaign_id, by)
    if not can_work(campaign, by):
        raise NotAllowed(NOT_YOURS)
    if not campaign.is_worked:
        raise Conflict(NOT_RUNNING)
    return campaign


def member_of_version(uow: UnitOfWork, campaign: Campaign, number: int, version: int) -> Member:
    """The member, as the person saw it. Raises NotFound; Conflict, saying who changed it to what in the meantime."""
    member = uow.campaigns.member(campaign.id, number)
    if member.version != version:
        events = uow.campaigns.events(campaign.id, number, limit=1)
        raise Conflict(changed_meanwhile(member, events[0] if events else None))
    return member


def workers(uow: UnitOfWork) -> tuple[Account, ...]:
    """People who can work on a list, by name."""
    return tuple(one for one in uow.accounts.all() if one.may_log_in and one.can(Permission.PREDICT))


def schema_of(uow: UnitOfWork, campaign: Campaign) -> CustomerSchema:
    """The schema by which the members' reasons read; without attributes if the model is gone."""
    try:
        return uow.models.schema(campaign.plan.model_version if campaign.plan else "")
    except ModelNotFound:
        return CustomerSchema(())
