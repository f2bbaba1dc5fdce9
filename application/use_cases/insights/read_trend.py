"""The trend of churn over the predictions that an account may see. Dashboard, Insights and PDF read it here."""

from __future__ import annotations

from dataclasses import dataclass, field

from application.ports.results import ResultStore
from application.ports.runs import RunQuery
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import visible_to
from domain.account import Account
from domain.errors import ResultDamaged, ResultMissing
from domain.run import JobState, Run, RunId
from domain.trend import Trend, trend_of

TREND_RUNS = 100
"""The newest predictions among which months are looked for."""
MAX_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class SharedCustomers:
    """How many customers of one run are in a later one. Results do not change, so each pair is counted once."""

    results: ResultStore
    counted: dict[tuple[RunId, RunId], int] = field(default_factory=dict, compare=False)

    def __call__(self, before: RunId, after: RunId) -> int | None:
        """None if a result was deleted or is damaged."""
        pair = before, after
        if pair not in self.counted:
            try:
                found = self.results.follow_up(before, after, ()).found
            except (ResultMissing, ResultDamaged):
                return None
            if len(self.counted) >= MAX_REMEMBERED:
                self.counted.clear()
            self.counted[pair] = found
        return self.counted[pair]


@dataclass(frozen=True, slots=True)
class ReadTrend:
    """One point for each month of the base of `chosen`, among sample predictions or among others as it is."""

    shared: SharedCustomers

    def __call__(self, uow: UnitOfWork, chosen: Run, *, by: Account) -> Trend:
        query = RunQuery(visible_to=visible_to(by), states=(JobState.DONE,), limit=TREND_RUNS)
        page = uow.runs.find(query)
        runs = [run for run in page.runs if run.sample == chosen.sample]
        if all(run.id != chosen.id for run in runs):
            runs.append(chosen)
        return trend_of(runs, self.shared, chosen=chosen.id, older=max(0, page.total - len(page.runs)))
