"""A person's notices: read, count and mark as seen. Each part has the rules of the page that it leads to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time

from application.ports.runs import RunQuery
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.campaigns.horizons import horizon_of_campaign
from application.use_cases.folders.view_folders import FindMissingFiles
from application.use_cases.permissions import NewUnitOfWork, visible_to
from domain.account import Account
from domain.best_before import best_before
from domain.campaign import CampaignState, may_direct
from domain.campaign_outcomes import is_over, over_on
from domain.notices import (
    Notice,
    listed,
    of_best_before,
    of_campaign,
    of_drift,
    of_missing_file,
    of_runs,
    of_trainings,
)
from domain.run import JobState, Run

MAX_OWN = 20
"""Ends of own predictions, and of own trainings, that are looked at."""


@dataclass(frozen=True, slots=True)
class ReadNotices:
    new_reading: NewUnitOfWork
    missing_files: FindMissingFiles
    clock: Clock

    def __call__(self, *, by: Account) -> tuple[Notice, ...]:
        now = self.clock.now()
        missing = [of_missing_file(own.folder, own.due) for own in self.missing_files(by=by)]
        with self.new_reading() as uow:
            own_runs = uow.runs.find(RunQuery(owner=str(by.id), limit=MAX_OWN)).runs
            return listed(
                of_runs(own_runs, now=now),
                of_trainings(uow.trainings.latest(owner=str(by.id), limit=MAX_OWN), now=now),
                of_drift(_newest_done(uow, by)),
                _past_best_before(uow),
                _due_campaigns(uow, by, now),
                missing,
                seen=uow.notices.of(by.id),
            )


def _newest_done(uow: UnitOfWork, by: Account) -> Run | None:
    found = uow.runs.find(RunQuery(visible_to=visible_to(by), states=(JobState.DONE,), limit=1)).runs
    return found[0] if found else None


def _past_best_before(uow: UnitOfWork) -> Iterator[Notice]:
    """Of the champion. A model's page shows this to everybody."""
    champion = uow.models.champion()
    if champion is not None:
        gradings = uow.gradings.all(model_version=champion.id)
        yield from of_best_before(champion.id, best_before(gradings, champion.evaluation.metrics["auc"]))


def _due_campaigns(uow: UnitOfWork, by: Account, now: datetime) -> Iterator[Notice]:
    """Those whose time is over, and that this person may close."""
    today = uow.policies.get().today(now)
    for campaign in uow.campaigns.all():
        under_way = campaign.state in (CampaignState.RUNNING, CampaignState.MEASURING) and not campaign.sample
        if under_way and may_direct(by, campaign) and is_over(campaign, horizon=1, today=today):
            day = over_on(campaign, horizon=horizon_of_campaign(uow, campaign))
            if day is not None and day <= today:
                yield of_campaign(campaign, day, datetime.combine(day, time(), tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class CountUnseen:
    read: ReadNotices

    def __call__(self, *, by: Account) -> int:
        return sum(not notice.seen for notice in self.read(by=by))


@dataclass(frozen=True, slots=True)
class MarkSeen:
    """Mark the notices with these keys as seen; keys that are no notice of the person are ignored."""

    new_uow: NewUnitOfWork
    read: ReadNotices
    clock: Clock

    def __call__(self, keys: frozenset[str], *, by: Account) -> None:
        unseen = [notice.key for notice in self.read(by=by) if notice.key in keys and not notice.seen]
        if not unseen:
            return
        with self.new_uow() as uow:
            uow.notices.mark(by.id, unseen, at=self.clock.now())
            uow.commit()
