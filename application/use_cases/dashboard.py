"""The dashboard: the latest answer, how churn moves, what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from application.ports.persistence import Contact, RunQuery
from application.use_cases.access import NewUnitOfWork, visible_to
from domain.account import Account, Permission
from domain.model import ModelStage, ModelVersion
from domain.policy import InstallationPolicy
from domain.prediction import RiskBand
from domain.run import Run, RunState

TREND_RUNS = 100
"""Runs looked at for the trend line."""
RECENT = 5


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One month, or one run where files have no month: the mean probability is the churn that the model expects.

    `low`/`high` bound it at 95 % by the spread that so many independent customers would show; `observed` is the
    churn rate where the truth is known.
    """

    label: str
    at: datetime
    customers: int
    expected: float
    low: float
    high: float
    observed: float | None
    likely_to_leave: int
    revenue_at_risk: float | None


def trend_of(runs: Sequence[Run]) -> tuple[TrendPoint, ...]:
    """By snapshot month (the latest run of each month counts), or by run where no file has months; oldest first."""
    done = sorted((run for run in runs if run.summary is not None), key=lambda run: run.created_at)
    by_month: dict[str, TrendPoint] = {}
    for run in done:
        for month in run.summary.months if run.summary else ():
            by_month[month.month] = _point(
                month.month,
                datetime.fromisoformat(f"{month.month}-01T00:00:00+00:00"),
                month.customers,
                month.mean_probability,
                month.observed,
                month.likely_to_leave,
                month.revenue_at_risk,
            )
    if by_month:
        return tuple(by_month[month] for month in sorted(by_month))
    points = []
    for run in done:
        summary = run.summary
        if summary is not None:
            observed = summary.truth.churned / summary.truth.customers if summary.truth else None
            points.append(
                _point(
                    "",
                    run.created_at,
                    summary.scored,
                    summary.mean_probability,
                    observed,
                    summary.likely_to_leave,
                    summary.money_at_risk,
                )
            )
    return tuple(points)


def _point(
    label: str,
    at: datetime,
    customers: int,
    expected: float,
    observed: float | None,
    likely: int,
    revenue: float | None,
) -> TrendPoint:
    half = 1.96 * (max(0.0, expected * (1.0 - expected)) / customers) ** 0.5 if customers else 0.0
    return TrendPoint(
        label, at, customers, expected, max(0.0, expected - half), min(1.0, expected + half), observed, likely, revenue
    )


@dataclass(frozen=True, slots=True)
class DashboardView:
    """`latest` is the newest finished run; `previous` the one before it of the same kind (sample or own)."""

    latest: Run | None
    latest_model: ModelVersion | None
    previous: Run | None
    recent: tuple[Run, ...]
    total: int
    owners: dict[str, str]
    trend: tuple[TrendPoint, ...]
    contacts: tuple[Contact, ...]
    critical: int
    outdated: int
    candidate: ModelVersion | None
    champion: ModelVersion | None
    policy: InstallationPolicy
    sample: tuple[Run, ...]
    under_way: int


@dataclass(frozen=True, slots=True)
class OpenDashboard:
    new_uow: NewUnitOfWork

    def __call__(self, *, by: Account) -> DashboardView:
        with self.new_uow() as uow:
            seen = uow.runs.find(RunQuery(visible_to=visible_to(by), limit=TREND_RUNS))
            done = [run for run in seen.runs if run.state is RunState.DONE]
            own = [run for run in done if not run.sample]
            shown = own or done
            latest = shown[0] if shown else None
            models = uow.models.all()
            champion = uow.models.champion()
            contacts = uow.predictions.of_run(latest.id, limit=5) if latest else ()
            latest_model = next((m for m in models if latest and m.id == latest.model_version), None)
            return DashboardView(
                latest=latest,
                latest_model=latest_model,
                previous=shown[1] if len(shown) > 1 else None,
                recent=seen.runs[:RECENT],
                total=seen.total,
                owners={str(account.id): account.name for account in uow.accounts.all()},
                trend=trend_of(shown),
                contacts=tuple(contacts),
                critical=latest.summary.bands.get(RiskBand.CRITICAL, 0) if latest and latest.summary else 0,
                outdated=sum(1 for run in own if champion and run.model_version != champion.id),
                candidate=self._candidate(models, champion) if by.can(Permission.PROMOTE) else None,
                champion=champion,
                policy=uow.policies.get(),
                sample=tuple(run for run in seen.runs if run.sample and run.owner == by.id),
                under_way=sum(not run.state.ended for run in seen.runs),
            )

    def _candidate(self, models: Sequence[ModelVersion], champion: ModelVersion | None) -> ModelVersion | None:
        newest = next((m for m in models if m.stage is ModelStage.CANDIDATE), None)
        return newest if newest and champion and newest.trained_at > champion.trained_at else None
