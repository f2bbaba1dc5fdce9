"""The dashboard: the latest result, the churn trend, and the next steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.predictions import Contact
from application.ports.results import ResultStore
from application.ports.runs import RunQuery
from application.ports.system import Clock
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.insights.read_trend import ReadTrend
from application.use_cases.permissions import NewUnitOfWork, OwnerNames, owner_names, visible_to
from application.use_cases.predictions.contacting import with_contacting
from domain.account import Account, Permission
from domain.campaign import may_see
from domain.gained import Gained, gained_in
from domain.model import ModelStage, ModelVersion
from domain.playbook import FIRST_PLAYBOOK, Playbook
from domain.policy import InstallationPolicy
from domain.prediction import RiskBand
from domain.run import JobState, Run
from domain.training_overlap import with_same_file
from domain.trend import Trend

LISTED_RUNS = 100
"""Number of runs among which the latest one and the tasks are looked for."""
RECENT = 5
CONTACTS = 5
LOOKED_AT, MOST_LOOKED_AT = 50, 1_000
"""Entries of the contact list that are looked at together, and at most, for those whom nobody contacts yet."""


@dataclass(frozen=True, slots=True)
class DashboardView:
    """`latest` is the newest finished run; `previous` that of the month before it in the trend, if there is one.

    `playbook` is the one that the latest run recommends from.
    """

    latest: Run | None
    latest_model: ModelVersion | None
    playbook: Playbook
    previous: Run | None
    recent: tuple[Run, ...]
    total: int
    owners: OwnerNames
    trend: Trend
    previous_month: str
    """"YYYY-MM"; "" without a previous run."""
    contacts: tuple[Contact, ...]
    critical: int
    outdated: int
    candidate: ModelVersion | None
    champion: ModelVersion | None
    policy: InstallationPolicy
    sample: tuple[Run, ...]
    under_way: int
    gained: Gained | None
    """What this year's campaigns gained that the account may see."""


@dataclass(frozen=True, slots=True)
class OpenDashboard:
    new_uow: NewUnitOfWork
    results: ResultStore
    read_trend: ReadTrend
    clock: Clock

    def __call__(self, *, by: Account) -> DashboardView:
        with self.new_uow() as uow:
            seen = uow.runs.find(RunQuery(visible_to=visible_to(by), limit=LISTED_RUNS))
            done = [run for run in seen.runs if run.state is JobState.DONE]
            own = [run for run in done if not run.sample]
            shown = own or done
            latest = with_contacting(shown[0], self.results) if shown else None
            models = uow.models.all()
            champion = uow.models.champion()
            trend = self.read_trend(uow, latest, by=by) if latest else Trend()
            before = trend.before(latest.id) if latest else None
            contacts = free_contacts(uow, latest) if latest else ()
            latest_model = next((m for m in models if latest and m.id == latest.model_version), None)
            return DashboardView(
                latest=with_same_file(latest, latest_model) if latest and latest_model else latest,
                latest_model=latest_model,
                playbook=uow.playbooks.get((latest and latest.playbook_version) or FIRST_PLAYBOOK),
                previous=uow.runs.get(before.run_id) if before else None,
                previous_month=before.month if before else "",
                recent=seen.runs[:RECENT],
                total=seen.total,
                owners=owner_names(uow),
                trend=trend,
                contacts=contacts,
                critical=latest.summary.bands.get(RiskBand.CRITICAL, 0) if latest and latest.summary else 0,
                outdated=sum(1 for run in own if champion and run.model_version != champion.id),
                candidate=self._candidate(models, champion) if by.can(Permission.PROMOTE) else None,
                champion=champion,
                policy=uow.policies.get(),
                sample=tuple(run for run in seen.runs if run.sample and run.owner == by.id),
                under_way=sum(not run.state.ended for run in seen.runs),
                gained=self._gained(uow, by),
            )

    def _gained(self, uow: UnitOfWork, by: Account) -> Gained | None:
        policy = uow.policies.get()
        closed = [one for one in uow.campaigns.all() if one.closed_at is not None and may_see(by, one)]
        days = [(one, policy.today(one.closed_at)) for one in closed if one.closed_at is not None]
        return gained_in(policy.today(self.clock.now()).year, days)

    def _candidate(self, models: Sequence[ModelVersion], champion: ModelVersion | None) -> ModelVersion | None:
        newest = next((m for m in models if m.stage is ModelStage.CANDIDATE), None)
        return newest if newest and champion and newest.trained_at > champion.trained_at else None


def free_contacts(uow: UnitOfWork, run: Run) -> tuple[Contact, ...]:
    """The customers of the run with the highest expected gain whom no campaign holds and who may be contacted.

    The numbers of rows name nobody, so that a list without ids is taken as it is.
    """
    free = list[Contact]()
    for start in range(0, MOST_LOOKED_AT, LOOKED_AT):
        part = uow.predictions.of_run(run.id, offset=start, limit=LOOKED_AT)
        worth = [contact for contact in part if contact.recommendation.worth_contacting]
        if run.summary is None or not run.summary.numbered:
            ids = [str(contact.customer.id) for contact in worth]
            taken = uow.campaigns.held_among(ids) | uow.do_not_contact.among(ids)
            free += [contact for contact in worth if contact.customer.id not in taken]
        else:
            free += worth
        if len(free) >= CONTACTS or len(worth) < LOOKED_AT:
            break
    return tuple(free[:CONTACTS])
