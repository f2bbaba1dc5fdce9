"""Starting a campaign: its members are frozen and stored, and from then on hold their customers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from application.ports.results import ResultStore, ScoredCustomer
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.campaigns.plan_campaign import MakePlan, Planned
from application.use_cases.jobs.claimed_job import ClaimedWork
from application.use_cases.permissions import note
from application.use_cases.tasks import Report, asked_by
from domain.campaign import Campaign, CampaignId, CampaignState
from domain.campaign_choice import Placed
from domain.campaign_members import CampaignEvent, EventKind, Member
from domain.errors import Conflict, NotFound
from domain.formats import Formats, FormatsOf
from domain.progress import Progress, TaskStage
from domain.recommendation import Addressee, price_action
from domain.task import Task

STORED_TOGETHER = 2_000
"""Members that are stored in one transaction, so that other writers need not wait long."""
CHANGED = (
    "Since this campaign was planned, the prediction, the playbook, the economics or who may be contacted has changed. "
    "The figures below are new: look at them, and start it again."
)


@dataclass(frozen=True, slots=True)
class DoStart:
    """The task that starts a planned campaign. The plan that was looked at is the one that is carried out."""

    make_plan: MakePlan
    results: ResultStore
    formats_of: FormatsOf
    clock: Clock
    pause: Callable[[], None]

    def __call__(self, job: ClaimedWork[Task], task: Task, report: Report) -> Task:
        planned = self.make_plan(CampaignId(task.subject), report)
        campaign = planned.background.campaign
        now = self.clock.now()
        if campaign.plan is None or campaign.plan.fingerprint != planned.plan.fingerprint:
            return job.end(
                lambda current: current.failed(CHANGED, at=now),
                store=lambda uow, _: uow.campaigns.save(campaign.planned(campaign.request, planned.plan)),
            )
        if not planned.plan.contacted:
            return job.end(lambda current: current.failed("Nobody is left to contact.", at=now))
        self._store_members(job, planned, report)
        return job.end(
            lambda current: current.done(at=self.clock.now()),
            store=lambda uow, _: self._start(uow, task, campaign, planned),
        )

    def _store_members(self, job: ClaimedWork[Task], planned: Planned, report: Report) -> None:
        campaign_id, count = planned.background.campaign.id, len(planned.members)
        job.store(lambda uow: uow.campaigns.remove_members(campaign_id))
        members, stored = members_of(planned, self.results, self.formats_of), 0
        while part := list(islice(members, STORED_TOGETHER)):
            _store_part(job, campaign_id, part)
            stored += len(part)
            report(Progress(TaskStage.STORING_MEMBERS, stored, count))
            self.pause()
        if stored != count:
            raise Conflict("The prediction changed while its customers were read. Plan the campaign again.")

    def _start(self, uow: UnitOfWork, task: Task, campaign: Campaign, planned: Planned) -> None:
        now, by = self.clock.now(), asked_by(uow, task, self.clock)
        uow.campaigns.save(campaign.started(planned.plan, at=now))
        uow.campaigns.hold(campaign.id, held=True)
        uow.campaigns.record(
            campaign.id, [CampaignEvent(now, by.account.name, EventKind.STAGE, None, "draft", "running")]
        )
        counts = f"{planned.plan.contacted} to contact, {planned.plan.control} left alone"
        note(uow, self.clock, by, "started a campaign", f"{campaign.name}: {counts}")


def members_of(planned: Planned, results: ResultStore, formats_of: FormatsOf) -> Iterator[Member]:
    """The members of a plan, frozen, the highest risk first."""
    background = planned.background
    policy = background.policy
    by_row = {one.selected.row: one for one in planned.members}
    formats = formats_of(policy.currency)
    scored = results.chosen(background.run.id, by_row.keys(), threshold=background.run.threshold, bands=policy.bands)
    for customer in scored:
        yield member_of(customer, by_row[customer.customer.row], planned, formats)


def _store_part(job: ClaimedWork[Task], campaign_id: CampaignId, part: list[Member]) -> None:
    job.store(lambda uow: uow.campaigns.add_members(campaign_id, part))


def member_of(scored: ScoredCustomer, place: Placed, planned: Planned, formats: Formats) -> Member:
    """The frozen member of a scored customer."""
    background = planned.background
    action = background.playbook.actions[place.proposal.action]
    priced = price_action(
        action,
        Addressee(scored.customer.attributes, background.schema, scored.monthly_revenue),
        probability=scored.prediction.probability,
        economics=background.policy.economics,
        formats=formats,
    )
    return Member(
        number=place.number,
        customer_id=scored.customer.id,
        row=scored.customer.row,
        side=place.side,
        arm=place.arm,
        action_id=action.id,
        action_name=action.name,
        channel=action.channel.value,
        message=priced.message,
        probability=scored.prediction.probability,
        monthly_revenue=scored.monthly_revenue,
        value=priced.value,
        offer_cost=priced.offer_cost,
        contact_cost=priced.contact_cost,
        save_rate=priced.save_rate,
        expected_gain=priced.expected_gain,
        pause_days=action.pause_days,
        reasons=scored.prediction.raises,
        fifth=place.fifth,
        stratum=place.stratum,
    )


def discard_start(uow: UnitOfWork, task: Task) -> None:
    """Remove the members of a draft that could not be started."""
    try:
        campaign = uow.campaigns.get(CampaignId(task.subject))
    except NotFound:
        return
    if campaign.state is CampaignState.DRAFT:
        uow.campaigns.remove_members(campaign.id)
