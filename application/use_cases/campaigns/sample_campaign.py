"""The sample data's campaign: made from its first month, closed with the outcomes of the second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from application.ports.results import ResultStore
from application.ports.runs import RunQuery
from application.ports.system import Clock
from application.use_cases.campaigns.close_campaign import CloseCampaign
from application.use_cases.campaigns.plan_campaign import MakePlan, Planned
from application.use_cases.campaigns.start_campaign import members_of
from application.use_cases.permissions import NewUnitOfWork, owner_of
from domain.actor import Actor
from domain.campaign import Campaign
from domain.campaign_members import CampaignEvent, EventKind, Member, Outcome
from domain.campaign_outcomes import outcome_in_later_file
from domain.errors import Conflict, DomainError
from domain.formats import FormatsOf
from domain.run import JobState, Run
from domain.sample_campaign import (
    SAMPLE_NAME,
    SAMPLE_SOURCE,
    sample_campaign_id,
    sample_contact,
    sample_request,
)


@dataclass(frozen=True, slots=True)
class MakeSampleCampaign:
    """Makes the campaign once the last month of a person's sample data is scored; else it does nothing."""

    new_uow: NewUnitOfWork
    new_reading: NewUnitOfWork
    make_plan: MakePlan
    results: ResultStore
    close: CloseCampaign
    formats_of: FormatsOf
    clock: Clock

    def __call__(self, scored: Run) -> Campaign | None:
        """`scored` is a run that has just ended. Returns the closed campaign, None if there is none to make."""
        months = self._months(scored) if scored.sample else ()
        if len(months) < 2 or any(run.state is not JobState.DONE for run in months):
            return None
        draft = self._draft(months[0])
        if draft is None:
            return None
        try:
            return self._carry_out(draft, self.make_plan(draft.id, lambda _: None), months[1])
        except DomainError:
            self._remove(draft)
            return None

    def _months(self, scored: Run) -> Sequence[Run]:
        """The owner's sample runs, the earliest month first."""
        with self.new_reading() as uow:
            runs = uow.runs.find(RunQuery(owner=scored.owner, descending=False, limit=None)).runs
        return [run for run in runs if run.sample]

    def _draft(self, run: Run) -> Campaign | None:
        """None if another worker, or an earlier load, made the campaign already."""
        campaign = Campaign(
            id=sample_campaign_id(run.owner),
            name=SAMPLE_NAME,
            owner=run.owner,
            run_id=run.id,
            run_name=run.file_name,
            request=sample_request(run.threshold),
            key=f"sample-{run.id}"[:64],
            created_at=self.clock.now(),
            sample=True,
        )
        with self.new_uow() as uow:
            try:
                uow.campaigns.add(campaign)
            except Conflict:
                return None
            uow.commit()
        return campaign

    def _carry_out(self, draft: Campaign, planned: Planned, later: Run) -> Campaign:
        members = self._contacted(draft, list(members_of(planned, self.results, self.formats_of)), later)
        now = self.clock.now()
        with self.new_uow() as uow:
            owner = owner_of(uow, draft.owner)
            if owner is None:
                raise Conflict("The account of this sample data was deleted.")
            started = draft.started(planned.plan, at=now)
            uow.campaigns.save(started)
            uow.campaigns.add_members(draft.id, members)
            left = sum(member.outcome is Outcome.LEFT for member in members)
            counts = f"{len(members) - left} stayed, {left} left"
            uow.campaigns.record(
                draft.id,
                [
                    CampaignEvent(now, owner.name, EventKind.STAGE, None, draft.state, started.state),
                    CampaignEvent(now, owner.name, EventKind.OUTCOMES, None, SAMPLE_SOURCE, counts),
                ],
            )
            closed = self.close.within(uow, started, by=Actor(owner))
            uow.commit()
        return closed

    def _contacted(self, campaign: Campaign, members: Sequence[Member], later: Run) -> list[Member]:
        """The members with statuses and outcomes, as if they had been contacted."""
        found = self.results.follow_up(None, later.id, [member.customer_id for member in members])
        contacted = []
        for member in members:
            own = member.customer_id
            left = outcome_in_later_file(present=own in found.present, marked=own in found.marked) is Outcome.LEFT
            status, outcome = sample_contact(campaign.key, own, member.side, would_leave=left)
            contacted.append(replace(member, status=status, outcome=outcome))
        return contacted

    def _remove(self, draft: Campaign) -> None:
        with self.new_uow() as uow:
            uow.campaigns.remove(draft.id)
            uow.commit()
