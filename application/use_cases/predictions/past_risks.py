"""A customer's risk by month, over the predictions that an account may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.predictions import PastRisk
from application.ports.results import ScoredCustomer
from application.ports.unit_of_work import UnitOfWork
from domain.run import Run, RunId
from domain.run_month import month_of_run
from domain.segments import is_drawn
from domain.snapshot_month import month_at, place_of
from domain.trend import MAX_TREND_MONTHS

MAX_PAST = 60
"""The newest predictions with the customer that are looked at."""


@dataclass(frozen=True, slots=True)
class MonthRisk:
    """A customer's risk in one month ("YYYY-MM"), and the mean risk of that prediction; None of few customers."""

    month: str
    run_id: RunId
    probability: float
    mean_probability: float | None


@dataclass(frozen=True, slots=True)
class RiskByMonth:
    """One risk a month, oldest first; None for a month between two that has none. `current` is this prediction's."""

    months: tuple[tuple[str, MonthRisk | None], ...] = ()
    current: int | None = None

    @property
    def is_line(self) -> bool:
        """Whether there are two months or more, one of them this prediction's."""
        return self.current is not None and sum(risk is not None for _, risk in self.months) > 1


def risk_by_month(uow: UnitOfWork, run: Run, scored: ScoredCustomer, past: Sequence[PastRisk]) -> RiskByMonth:
    """The newest prediction of each month counts, but this one for its own month. `past` are oldest first.

    Predictions without a month, or whose customers are numbered, are left out.
    """
    summary, own_month = run.summary, scored.month or month_of_run(run)
    if summary is None or summary.numbered:
        return RiskByMonth()
    risks: dict[str, MonthRisk] = {}
    for one in past[-MAX_PAST:]:
        other = uow.runs.get(one.run_id)
        month = one.month or month_of_run(other)
        if month and other.sample == run.sample and not (other.summary and other.summary.numbered):
            risks[month] = MonthRisk(month, other.id, one.probability, _mean(other))
    if own_month:
        mine = MonthRisk(own_month, run.id, scored.prediction.probability, _mean(run))
        risks[own_month] = mine
    return _by_month(risks, own_month)


def _mean(run: Run) -> float | None:
    summary = run.summary
    return summary.mean_probability if summary is not None and is_drawn(summary.scored) else None


def _by_month(risks: dict[str, MonthRisk], own_month: str | None) -> RiskByMonth:
    if not risks:
        return RiskByMonth()
    by_place = {place_of(month): risk for month, risk in risks.items()}
    last = max(by_place)
    first = min(place for place in by_place if place > last - MAX_TREND_MONTHS)
    months = tuple((month_at(place), by_place.get(place)) for place in range(first, last + 1))
    names = [month for month, _ in months]
    return RiskByMonth(months, names.index(own_month) if own_month in names else None)
