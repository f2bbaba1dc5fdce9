"""Reading campaigns: the list, and one with its totals and the task that works on it."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.runs import RunQuery
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import NewUnitOfWork, OwnerNames, owner_names, run_seen_by, visible_to
from domain.account import Account
from domain.campaign import Campaign, CampaignId, CampaignState, may_direct, may_see, may_work, must_see
from domain.campaign_members import Side, Totals
from domain.errors import NotFound
from domain.playbook import Playbook
from domain.policy import InstallationPolicy
from domain.run import JobState, Run, RunId
from domain.task import Task

CHOICES = 50
"""Predictions that are offered to make a campaign from."""


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign of the list. `on_my_list` counts this person's members who are still to be reached."""

    campaign: Campaign
    totals: Totals
    owner_name: str
    on_my_list: int = 0

    @property
    def members(self) -> int:
        """Of a draft, those who are planned."""
        plan = self.campaign.plan
        return plan.members if plan and self.campaign.state is CampaignState.DRAFT else self.totals.members

    @property
    def contacted(self) -> Totals:
        return self.totals.of(Side.CONTACT)

    @property
    def control(self) -> Totals:
        return self.totals.of(Side.CONTROL)


@dataclass(frozen=True, slots=True)
class CampaignView:
    """One campaign. `task` is the latest task; `run` None if the prediction was deleted or is not visible."""

    campaign: Campaign
    totals: Totals
    policy: InstallationPolicy
    owner_name: str
    run: Run | None
    task: Task | None
    may_work: bool
    may_direct: bool

    @property
    def contacted(self) -> Totals:
        return self.totals.of(Side.CONTACT)

    @property
    def control(self) -> Totals:
        return self.totals.of(Side.CONTROL)

    @property
    def busy(self) -> bool:
        """Whether a worker has to do something first."""
        return self.task is not None and not self.task.state.ended

    @property
    def problem(self) -> str | None:
        """Why the latest task failed."""
        failed = self.task is not None and self.task.state is JobState.FAILED
        return self.task.error if failed and self.task is not None else None


@dataclass(frozen=True, slots=True)
class ListCampaigns:
    new_uow: NewUnitOfWork

    def __call__(self, *, by: Account) -> tuple[CampaignRow, ...]:
        """The campaigns that this person may see, the newest first."""
        with self.new_uow() as uow:
            mine, names = uow.campaigns.lists_of(str(by.id)), owner_names(uow)
            totals = uow.campaigns.all_totals()
            return tuple(
                CampaignRow(one, totals.get(one.id, Totals(())), names[one.owner], mine.get(one.id, 0))
                for one in uow.campaigns.all()
                if may_see(by, one, assigned=one.id in mine)
            )


@dataclass(frozen=True, slots=True)
class OpenCampaign:
    """Raises NotFound if it does not exist or the account may not see it."""

    new_uow: NewUnitOfWork

    def __call__(self, campaign_id: CampaignId, *, by: Account) -> CampaignView:
        with self.new_uow() as uow:
            campaign = uow.campaigns.get(campaign_id)
            assigned = uow.campaigns.is_assigned(campaign_id, str(by.id))
            must_see(by, campaign, assigned=assigned)
            return CampaignView(
                campaign,
                uow.campaigns.totals(campaign_id),
                uow.policies.get(),
                _name(owner_names(uow), campaign),
                _run(uow, campaign, by),
                uow.tasks.latest_of(campaign_id),
                may_work(by, campaign, assigned=assigned),
                may_direct(by, campaign),
            )


@dataclass(frozen=True, slots=True)
class NewCampaignView:
    """What the form of a new campaign offers: predictions with ids, and the actions in force."""

    runs: tuple[Run, ...]
    run: Run | None
    playbook: Playbook
    policy: InstallationPolicy


@dataclass(frozen=True, slots=True)
class ViewNewCampaign:
    new_uow: NewUnitOfWork

    def __call__(self, run_id: RunId | None, *, by: Account) -> NewCampaignView:
        """Raises RunNotFound for a run that the account may not see."""
        with self.new_uow() as uow:
            query = RunQuery(visible_to=visible_to(by), states=(JobState.DONE,), limit=CHOICES)
            runs = tuple(run for run in uow.runs.find(query).runs if run.summary and not run.summary.numbered)
            run = run_seen_by(uow, run_id, by) if run_id else next(iter(runs), None)
            return NewCampaignView(runs, run, uow.playbooks.latest(), uow.policies.get())


def _name(names: OwnerNames, campaign: Campaign) -> str:
    return names[campaign.owner]


def _run(uow: UnitOfWork, campaign: Campaign, by: Account) -> Run | None:
    try:
        return run_seen_by(uow, RunId(campaign.run_id), by)
    except NotFound:
        return None
