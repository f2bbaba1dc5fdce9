"""What a measured effect is used for: leaving customers alone, and save rates of the playbook."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.system import Clock
from application.use_cases.campaigns.measure_campaign import MeasureCampaign, measured
from application.use_cases.permissions import NewUnitOfWork, note
from application.use_cases.playbook.change_playbook import ChangePlaybook
from domain.account import Permission
from domain.actor import Actor
from domain.campaign import CampaignId, must_direct
from domain.campaign_effect import Grouping
from domain.campaign_members import CampaignEvent, EventKind
from domain.errors import Conflict
from domain.playbook_versions import PlaybookVersion

NOT_HARMED = "Contact does not clearly harm these customers any more. Look at the effect again."
NOT_RUNNING = "This campaign is not running, so its list does not change."
NOT_MEASURED = "This campaign has not measured a save rate for this action."


@dataclass(frozen=True, slots=True)
class LeaveAlone:
    """Takes customers whom contact clearly harms off the list, if nobody has tried to contact them yet.

    They keep their group, so that the comparison stays fair. Only for those who direct the campaign. Raises NotFound,
    NotAllowed, and Conflict where the campaign is not running or the group is not harmed.
    """

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, campaign_id: CampaignId, grouping: Grouping, key: str, *, by: Actor) -> int:
        """Returns how many members were taken off."""
        with self.new_uow() as uow:
            campaign = uow.campaigns.get(campaign_id)
            must_direct(by.account, campaign)
            if not campaign.is_worked:
                raise Conflict(NOT_RUNNING)
            harmed = measured(uow, campaign, self.clock).harmed
            group = next((one for one in harmed if (one.by, one.key) == (grouping, key)), None)
            if group is None:
                raise Conflict(NOT_HARMED)
            taken = uow.campaigns.leave_alone(
                campaign_id,
                action_id=key if grouping is Grouping.ACTION else None,
                fifth=int(key) if grouping is Grouping.FIFTH else None,
            )
            event = CampaignEvent(self.clock.now(), by.account.name, EventKind.LEFT_ALONE, None, group.name, str(taken))
            uow.campaigns.record(campaign_id, [event])
            note(uow, self.clock, by, f"took {taken} members off a campaign's list", f"{campaign.name}: {group.name}")
            uow.commit()
        return taken


@dataclass(frozen=True, slots=True)
class AdoptSaveRate:
    """Puts a measured save rate into the playbook, as a new version.

    Raises NotFound, NotAllowed, and Conflict if the campaign has not measured this action, or somebody else changed the
    playbook since this person saw its version `based_on`.
    """

    measure: MeasureCampaign
    change: ChangePlaybook

    def __call__(self, campaign_id: CampaignId, action_id: str, *, based_on: int, by: Actor) -> PlaybookVersion:
        by.account.must_be_able_to(Permission.EDIT_PLAYBOOK)
        view = self.measure(campaign_id, by=by.account)
        proposal = next((one for one in view.rates if one.action.id == action_id and not one.adopted), None)
        if proposal is None:
            raise Conflict(NOT_MEASURED)
        return self.change.adopt(proposal.measured_action(view.source), based_on=based_on, by=by)
