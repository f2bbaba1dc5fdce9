"""Making, changing, starting and deleting campaigns, and moving them from stage to stage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from application.ports.security import Secrets
from application.ports.system import Clock, Ids
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import NewUnitOfWork, note, run_seen_by
from application.use_cases.tasks import AddTask
from domain.account import Permission
from domain.actor import Actor
from domain.campaign import OVERTAKEN, Campaign, CampaignId, CampaignRequest, CampaignState, must_direct
from domain.campaign_members import CampaignEvent, EventKind
from domain.errors import Conflict, InvalidInput
from domain.run import JobState, RunId
from domain.task import TaskKind


@dataclass(frozen=True, slots=True)
class DraftCampaign:
    """Makes a draft from a run, or changes its request; a worker plans it at once."""

    new_uow: NewUnitOfWork
    add_task: AddTask
    clock: Clock
    ids: Ids
    secrets: Secrets

    def __call__(self, run_id: RunId, request: CampaignRequest, *, name: str, by: Actor) -> Campaign:
        """Raises RunNotFound, and InvalidInput for a name or a run that cannot be used."""
        by.account.must_be_able_to(Permission.PREDICT)
        with self.new_uow() as uow:
            run = run_seen_by(uow, run_id, by.account)
            if run.state is not JobState.DONE:
                raise InvalidInput("This prediction has no result yet.")
            if run.summary is not None and run.summary.numbered:
                raise InvalidInput(
                    "The file of this prediction has no ids of customers, so nobody can be found again. "
                    "Choose a prediction whose file has them."
                )
            campaign = Campaign(
                id=CampaignId(self.ids.new()),
                name=" ".join(name.split()),
                owner=str(by.account.id),
                run_id=run.id,
                run_name=run.file_name,
                request=request,
                key=self.secrets.new_token()[:64],
                created_at=self.clock.now(),
                shared=run.shared,
            )
            uow.campaigns.add(campaign)
            task = self.add_task(uow, TaskKind.PLAN, campaign.id, by=by)
            note(uow, self.clock, by, "planned a campaign", campaign.name)
            uow.commit()
        self.add_task.wake(task)
        return campaign

    def revise(
        self, campaign_id: CampaignId, request: CampaignRequest, *, name: str, based_on: int, by: Actor
    ) -> Campaign:
        """Change a draft's name and request, and plan it again. Raises Conflict if somebody else changed it."""
        with self.new_uow() as uow:
            campaign = directed(uow, campaign_id, by, based_on)
            changed = replace(campaign.planned(request, None), name=" ".join(name.split()))
            uow.campaigns.save(changed)
            task = self.add_task(uow, TaskKind.PLAN, campaign.id, by=by)
            uow.commit()
        self.add_task.wake(task)
        return changed

    def start(self, campaign_id: CampaignId, *, based_on: int, by: Actor) -> Campaign:
        """Ask a worker to start it. Raises Conflict if it is not a planned draft, or somebody else changed it."""
        with self.new_uow() as uow:
            campaign = directed(uow, campaign_id, by, based_on)
            if campaign.state is not CampaignState.DRAFT or campaign.plan is None:
                raise Conflict("Only a planned draft can be started.")
            if not campaign.plan.contacted:
                raise InvalidInput("Nobody would be contacted. Widen the limits first.")
            task = self.add_task(uow, TaskKind.START, campaign.id, by=by)
            uow.commit()
        self.add_task.wake(task)
        return campaign


@dataclass(frozen=True, slots=True)
class DirectCampaign:
    """Renames, shares, moves and deletes a campaign. Raises NotFound, NotAllowed, and Conflict if it was changed."""

    new_uow: NewUnitOfWork
    clock: Clock

    def rename(self, campaign_id: CampaignId, name: str, *, based_on: int, by: Actor) -> Campaign:
        return self._change(campaign_id, lambda one: replace(one, name=" ".join(name.split())), based_on, by, "renamed")

    def share(self, campaign_id: CampaignId, *, shared: bool, based_on: int, by: Actor) -> Campaign:
        words = "shared" if shared else "stopped sharing"
        return self._change(campaign_id, lambda one: replace(one, shared=shared), based_on, by, words)

    def measure(self, campaign_id: CampaignId, *, based_on: int, by: Actor) -> Campaign:
        """The list is done; outcomes are awaited."""
        now = self.clock.now()
        return self._move(campaign_id, lambda one: one.measuring(at=now), based_on, by)

    def reopen(self, campaign_id: CampaignId, *, based_on: int, by: Actor) -> Campaign:
        return self._move(campaign_id, Campaign.reopened, based_on, by)

    def delete(self, campaign_id: CampaignId, *, by: Actor) -> None:
        """Delete it with its members and history. A campaign that holds customers has to be closed first."""
        with self.new_uow() as uow:
            campaign = uow.campaigns.get(campaign_id)
            must_direct(by.account, campaign)
            if campaign.state.holds_customers:
                raise Conflict("Close this campaign before you delete it: customers are being contacted or measured.")
            uow.campaigns.remove(campaign_id)
            uow.tasks.remove_of(campaign_id)
            note(uow, self.clock, by, "deleted a campaign", campaign.name)
            uow.commit()

    def _change(
        self, campaign_id: CampaignId, change: Callable[[Campaign], Campaign], based_on: int, by: Actor, words: str
    ) -> Campaign:
        with self.new_uow() as uow:
            campaign = directed(uow, campaign_id, by, based_on)
            changed = change(campaign)
            changed = replace(changed, version=campaign.version + 1)
            uow.campaigns.save(changed)
            note(uow, self.clock, by, f"{words} a campaign", changed.name)
            uow.commit()
        return changed

    def _move(
        self, campaign_id: CampaignId, move: Callable[[Campaign], Campaign], based_on: int, by: Actor
    ) -> Campaign:
        with self.new_uow() as uow:
            campaign = directed(uow, campaign_id, by, based_on)
            moved = move(campaign)
            uow.campaigns.save(moved)
            uow.campaigns.record(campaign_id, [stage_event(campaign, moved, by, self.clock)])
            note(uow, self.clock, by, "moved a campaign", f"{campaign.name}: {moved.state.value}")
            uow.commit()
        return moved


def stage_event(before: Campaign, after: Campaign, by: Actor, clock: Clock) -> CampaignEvent:
    return CampaignEvent(clock.now(), by.account.name, EventKind.STAGE, None, before.state.value, after.state.value)


def directed(uow: UnitOfWork, campaign_id: CampaignId, by: Actor, based_on: int) -> Campaign:
    """The campaign, which this person may direct and nobody changed since this person saw it."""
    campaign = uow.campaigns.get(campaign_id)
    must_direct(by.account, campaign)
    if campaign.version != based_on:
        raise Conflict(OVERTAKEN)
    return campaign
