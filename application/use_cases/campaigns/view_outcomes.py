"""What is known of a campaign's outcomes, and from which predictions more can be learned."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.intake import Uploads
from application.ports.runs import RunQuery
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.campaigns.later_prediction import shows_figures
from application.use_cases.campaigns.later_uploads import later_uploads
from application.use_cases.campaigns.match_members import base_of
from application.use_cases.campaigns.membership import campaign_seen_by
from application.use_cases.files.kept_uploads import KeptUpload
from application.use_cases.permissions import NewUnitOfWork, visible_to
from domain.account import Account
from domain.campaign import Campaign, CampaignId, may_direct
from domain.campaign_members import CampaignEvent, EventKind, Side, Totals
from domain.campaign_outcomes import ClosingOrder, OutcomeCheck, must_be_later
from domain.errors import InvalidInput, RunNotFound
from domain.policy import InstallationPolicy
from domain.run import JobState, Run
from domain.task import Task, TaskKind

CHOICES = 50
"""Predictions that are offered."""


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """Figures of a later prediction that can be stored. `run` is None if it was deleted meanwhile."""

    task: Task
    check: OutcomeCheck
    run: Run | None


@dataclass(frozen=True, slots=True)
class OutcomesView:
    """The outcomes of a campaign, as counts. `imports` are those that were recorded together, newest first.

    `runs` are later predictions that can be used, `uploads` later originals that were not scored; `task` is the latest
    task that looks into a prediction.
    """

    campaign: Campaign
    totals: Totals
    policy: InstallationPolicy
    imports: tuple[CampaignEvent, ...]
    may_direct: bool
    runs: tuple[Run, ...] = ()
    uploads: tuple[KeptUpload, ...] = ()
    task: Task | None = None
    shown: ShownCheck | None = None

    @property
    def contacted(self) -> Totals:
        return self.totals.of(Side.CONTACT)

    @property
    def control(self) -> Totals:
        return self.totals.of(Side.CONTROL)

    @property
    def open(self) -> bool:
        """Whether the account can record outcomes now."""
        return self.may_direct and self.campaign.takes_outcomes

    @property
    def busy(self) -> bool:
        return self.task is not None and not self.task.state.ended

    @property
    def problem(self) -> str | None:
        """Why the latest task failed."""
        return self.task.error if self.task is not None and self.task.state is JobState.FAILED else None


@dataclass(frozen=True, slots=True)
class ViewOutcomes:
    """Raises NotFound for a campaign that the account may not see. A draft has no members yet."""

    new_uow: NewUnitOfWork
    uploads: Uploads

    def __call__(self, campaign_id: CampaignId, *, by: Account) -> OutcomesView:
        with self.new_uow() as uow:
            campaign = campaign_seen_by(uow, campaign_id, by)
            directs = may_direct(by, campaign)
            task = _closing(uow.tasks.latest_of(campaign_id)) if directs else None
            return OutcomesView(
                campaign=campaign,
                totals=uow.campaigns.totals(campaign_id),
                policy=uow.policies.get(),
                imports=tuple(event for event in uow.campaigns.events(campaign_id) if event.kind is EventKind.OUTCOMES),
                may_direct=directs,
                runs=_later_runs(uow, campaign, by) if directs and campaign.takes_outcomes else (),
                uploads=later_uploads(uow, self.uploads, campaign, by) if directs and campaign.takes_outcomes else (),
                task=task,
                shown=_shown(uow, task) if task is not None and campaign.takes_outcomes else None,
            )


def _closing(task: Task | None) -> Task | None:
    return task if task is not None and task.kind is TaskKind.CLOSE else None


def _later_runs(uow: UnitOfWork, campaign: Campaign, by: Account) -> tuple[Run, ...]:
    query = RunQuery(visible_to=visible_to(by), states=(JobState.DONE,), since=campaign.started_at, limit=CHOICES)
    base = base_of(uow, campaign)
    return tuple(run for run in uow.runs.find(query).runs if _is_later(campaign, run, base))


def _is_later(campaign: Campaign, run: Run, base: Run | None) -> bool:
    try:
        must_be_later(campaign, run, base)
    except InvalidInput:
        return False
    return True


def _shown(uow: UnitOfWork, task: Task) -> ShownCheck | None:
    if not shows_figures(task):
        return None
    try:
        run = uow.runs.get(ClosingOrder.from_text(task.argument).run_id)
    except RunNotFound:
        run = None
    return ShownCheck(task, OutcomeCheck.from_text(task.result), run)
