"""Outcomes from a later prediction of the same customers: first shown, then recorded, with or without closing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from application.ports.follow_up import FollowUp
from application.ports.results import ResultStore
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.campaigns.close_campaign import CloseCampaign
from application.use_cases.campaigns.direct_campaign import directed
from application.use_cases.campaigns.match_members import base_of, matched_members
from application.use_cases.campaigns.store_outcomes import Membership, membership_of, store_outcomes
from application.use_cases.jobs.claimed_job import ClaimedWork
from application.use_cases.permissions import NewUnitOfWork, run_seen_by
from application.use_cases.tasks import AddTask, Report, asked_by
from domain.actor import Actor
from domain.campaign import Campaign, CampaignId
from domain.campaign_outcomes import (
    ANOTHER_BASE,
    ClosingOrder,
    ClosingStep,
    OutcomeCheck,
    Recorded,
    must_be_later,
    must_take_outcomes,
)
from domain.errors import Conflict, InvalidInput
from domain.progress import Progress, TaskStage
from domain.run import JobState, Run, RunId
from domain.task import Task, TaskId, TaskKind

CHECK_AGAIN = "What was checked is no longer here. Check the prediction again."
OTHER_FIGURES = (
    "Since these figures were shown, outcomes or the prediction have changed. Nothing was stored. The figures below "
    "are new: look at them, and confirm again."
)
CHANGED_MEANWHILE = "Somebody changed this campaign in the meantime. Nothing was stored; check the prediction again."


@dataclass(frozen=True, slots=True)
class Matched:
    """What a later prediction says about a campaign, and the outcomes by member number."""

    campaign: Campaign
    run: Run
    check: OutcomeCheck
    outcomes: dict[int, Recorded]


@dataclass(frozen=True, slots=True)
class MatchOutcomes:
    """Looks for a campaign's members in a later prediction. Changes nothing."""

    new_reading: NewUnitOfWork
    results: ResultStore

    def __call__(self, campaign_id: CampaignId, run_id: RunId, report: Report) -> Matched:
        """Raises NotFound if campaign or prediction was deleted; InvalidInput and Conflict if they do not fit."""
        with self.new_reading() as uow:
            campaign, run = uow.campaigns.get(campaign_id), uow.runs.get(run_id)
            must_take_outcomes(campaign)
            base, members = base_of(uow, campaign), membership_of(uow, campaign)
            must_be_later(campaign, run, base)
        before = base.id if base else None
        found = matched_members(members, before, lambda earlier: self._follow(earlier, run, members, report))
        return Matched(campaign, run, found.check, found.outcomes)

    def _follow(self, before: RunId | None, run: Run, members: Membership, report: Report) -> FollowUp:
        rows = run.summary.scored if run.summary else None
        report(Progress(TaskStage.MATCHING, 0, rows))
        return self.results.follow_up(
            before,
            run.id,
            tuple(members.numbers),
            on_rows=lambda done: report(Progress(TaskStage.MATCHING, done, rows)),
        )


@dataclass(frozen=True, slots=True)
class DoClose:
    """The task that shows what a later prediction says, records it, or records it and closes the campaign."""

    match: MatchOutcomes
    close: CloseCampaign
    clock: Clock

    def __call__(self, job: ClaimedWork[Task], task: Task, report: Report) -> Task:
        order = ClosingOrder.from_text(task.argument)
        matched = self.match(CampaignId(task.subject), order.run_id, report)
        result, now = matched.check.to_text(), self.clock.now()
        if order.step is ClosingStep.CHECK:
            return job.end(lambda current: current.done(at=now, result=result))
        if matched.check.fingerprint != order.seen:
            return job.end(lambda current: replace(current.failed(OTHER_FIGURES, at=now), result=result))
        return job.end(
            lambda current: current.done(at=self.clock.now(), result=result),
            store=lambda uow, _: self._store(uow, task, matched, order.step),
        )

    def _store(self, uow: UnitOfWork, task: Task, matched: Matched, step: ClosingStep) -> None:
        campaign, by = uow.campaigns.get(matched.campaign.id), asked_by(uow, task, self.clock)
        must_take_outcomes(campaign)
        if campaign.version != matched.campaign.version:
            raise Conflict(CHANGED_MEANWHILE)
        saved, _ = store_outcomes(
            uow, campaign, matched.outcomes, source=matched.run.file_name, by=by, clock=self.clock
        )
        if step is ClosingStep.CLOSE:
            self.close.within(uow, saved, by=by)


@dataclass(frozen=True, slots=True)
class UseLaterPrediction:
    """Asks a worker for what a later prediction says, and then to store what was shown. Only for those who direct it.

    Raises NotFound and NotAllowed; InvalidInput for a prediction that cannot be used; Conflict for a campaign that
    takes no outcomes, and while a worker is busy with it.
    """

    new_uow: NewUnitOfWork
    add_task: AddTask

    def check(self, campaign_id: CampaignId, run_id: RunId, *, based_on: int, by: Actor) -> Task:
        """Nothing is stored but the figures, with the task."""
        with self.new_uow() as uow:
            campaign = directed(uow, campaign_id, by, based_on)
            must_take_outcomes(campaign)
            must_be_later(campaign, run_seen_by(uow, run_id, by.account), base_of(uow, campaign))
            task = self.add_task(uow, TaskKind.CLOSE, campaign_id, by=by, argument=ClosingOrder(run_id).to_text())
            uow.commit()
        self.add_task.wake(task)
        return task

    def store(self, campaign_id: CampaignId, checked: TaskId, *, close: bool, based_on: int, by: Actor) -> Task:
        """Record the outcomes that the finished task `checked` showed, and close the campaign if asked to."""
        with self.new_uow() as uow:
            campaign = directed(uow, campaign_id, by, based_on)
            must_take_outcomes(campaign)
            shown = uow.tasks.latest_of(campaign_id)
            if shown is None or shown.id != checked or not shows_figures(shown):
                raise Conflict(CHECK_AGAIN)
            order, check = ClosingOrder.from_text(shown.argument), OutcomeCheck.from_text(shown.result)
            run_seen_by(uow, order.run_id, by.account)
            if check.is_another_base:
                raise InvalidInput(f"{ANOTHER_BASE}. Nothing was stored.")
            step = ClosingStep.CLOSE if close else ClosingStep.RECORD
            argument = ClosingOrder(order.run_id, step, check.fingerprint).to_text()
            task = self.add_task(uow, TaskKind.CLOSE, campaign_id, by=by, argument=argument)
            uow.commit()
        self.add_task.wake(task)
        return task


def shows_figures(task: Task) -> bool:
    """Whether the task ended with figures that nobody has stored yet."""
    if task.kind is not TaskKind.CLOSE or not task.result:
        return False
    is_check = ClosingOrder.from_text(task.argument).step is ClosingStep.CHECK
    return task.state is (JobState.DONE if is_check else JobState.FAILED)
