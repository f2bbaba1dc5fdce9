"""Planning a campaign: whom a request chooses, before anything is created."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from application.ports.campaigns import Basis, Chooser
from application.ports.results import ResultStore
from application.ports.system import Clock
from application.use_cases.jobs.claimed_job import ClaimedWork
from application.use_cases.permissions import NewUnitOfWork
from application.use_cases.tasks import Report
from domain.campaign import (
    MAX_PLANNED,
    Campaign,
    CampaignId,
    CampaignPlan,
    CampaignRequest,
    Excluded,
    PlannedAction,
    PlannedContact,
)
from domain.campaign_choice import Placed, fingerprint, placed
from domain.campaign_members import Side
from domain.customer_query import CustomerQuery
from domain.errors import InvalidInput, NotFound, RunNotFound
from domain.playbook import Action, Playbook
from domain.policy import InstallationPolicy
from domain.progress import Progress, TaskStage
from domain.run import Run, RunId
from domain.schema import CustomerSchema
from domain.task import Task

RUN_GONE = "The prediction of this campaign was deleted. Make a new campaign from another prediction."


@dataclass(frozen=True, slots=True)
class Background:
    """Everything that a plan is made from. `playbook` has only the actions that are in force today."""

    campaign: Campaign
    run: Run
    schema: CustomerSchema
    playbook: Playbook
    policy: InstallationPolicy
    barred: dict[Excluded, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with the members that it stands for."""

    background: Background
    plan: CampaignPlan
    members: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class MakePlan:
    """Chooses the members of a campaign from the present data. Changes nothing."""

    new_reading: NewUnitOfWork
    results: ResultStore
    chooser: Chooser
    clock: Clock

    def __call__(self, campaign_id: CampaignId, report: Report) -> Planned:
        """Raises NotFound if the campaign or its run was deleted, InvalidInput if no action is in force."""
        background = self._background(campaign_id)
        campaign, run, playbook = background.campaign, background.run, background.playbook
        request = campaign.request
        if not playbook.actions:
            raise InvalidInput("No action of the playbook is in force today. Switch one on first.")
        rows = run.summary.scored if run.summary else None
        report(Progress(TaskStage.READING_RESULTS, 0, rows))
        stored = self.results.columns(run.id, _all_by_risk(request), bands=background.policy.bands, with_extra=False)
        choice = self.chooser.choose(
            stored,
            request,
            Basis(background.schema, playbook, background.policy.economics),
            barred=background.barred,
            with_leavers=run.sample,
            on_rows=lambda done: report(Progress(TaskStage.READING_RESULTS, done, rows)),
        )
        report(Progress(TaskStage.CHOOSING))
        members = placed(
            choice.selected,
            [action.channel.value for action in playbook.actions],
            limits=request.limits,
            control_share=request.control_share,
            second_share=request.second_share,
            key=campaign.key,
        )
        ids = [action.id for action in playbook.actions]
        plan = CampaignPlan(
            matching=choice.matching,
            excluded=choice.excluded,
            actions=_planned_actions(members, playbook),
            churn=_mean([one.selected.probability for one in members]),
            gain=choice.gain,
            bound=choice.bound,
            worth=choice.worth,
            playbook_version=playbook.version,
            model_version=run.model_version,
            fingerprint=fingerprint(members, ids, f"{run.id} {playbook.version}"),
            planned_at=self.clock.now(),
            second=sum(one.proposal is not one.selected.best for one in members),
            first=_first_contacts(members, playbook),
        )
        return Planned(background, plan, members)

    def _background(self, campaign_id: CampaignId) -> Background:
        with self.new_reading() as uow:
            campaign = uow.campaigns.get(campaign_id)
            try:
                run = uow.runs.get(RunId(campaign.run_id))
            except RunNotFound as error:
                raise NotFound(RUN_GONE) from error
            policy = uow.policies.get()
            today = policy.today(self.clock.now())
            barred = {
                Excluded.DO_NOT_CONTACT: frozenset(uow.do_not_contact.ids()),
                Excluded.OTHER_CAMPAIGN: frozenset(uow.campaigns.held_customers()),
                Excluded.PAUSED: frozenset(uow.campaigns.paused_customers(today)),
            }
            return Background(
                campaign,
                run,
                uow.models.get(run.model_version).schema,
                uow.playbooks.latest().in_force(today),
                policy,
                barred,
            )


def _all_by_risk(request: CampaignRequest) -> CustomerQuery:
    return replace(request.query, sort="risk", descending=True, offset=0, limit=0)


def _first_contacts(members: tuple[Placed, ...], playbook: Playbook) -> tuple[PlannedContact, ...]:
    """Members are numbered by falling gain, and those who are left alone come last."""
    contacted = [one for one in members if one.side is Side.CONTACT][:MAX_PLANNED]
    return tuple(
        PlannedContact(one.selected.row, playbook.actions[one.proposal.action].name, one.proposal.gain)
        for one in contacted
    )


def _planned_actions(members: tuple[Placed, ...], playbook: Playbook) -> tuple[PlannedAction, ...]:
    """The actions of the plan in the playbook's order. A control counts for the action that it would be offered."""
    by_action: dict[int, list[Placed]] = {}
    for one in members:
        by_action.setdefault(one.proposal.action, []).append(one)
    return tuple(_planned(playbook.actions[place], by_action[place]) for place in sorted(by_action))


def _planned(action: Action, members: Sequence[Placed]) -> PlannedAction:
    contacted = [one.proposal for one in members if one.side is Side.CONTACT]
    return PlannedAction(
        action.id,
        action.name,
        action.channel.value,
        len(contacted),
        len(members) - len(contacted),
        sum(one.offer_cost for one in contacted),
        len(contacted) * action.contact_cost,
        sum(one.gain for one in contacted),
    )


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers) if numbers else 0.0


@dataclass(frozen=True, slots=True)
class DoPlan:
    """The task that plans a draft and stores the plan with it."""

    make_plan: MakePlan
    clock: Clock

    def __call__(self, job: ClaimedWork[Task], task: Task, report: Report) -> Task:
        planned = self.make_plan(CampaignId(task.subject), report)
        campaign = planned.background.campaign
        return job.end(
            lambda current: current.done(at=self.clock.now()),
            store=lambda uow, _: uow.campaigns.save(campaign.planned(campaign.request, planned.plan)),
        )
