"""Comparison of two predictions: customers whose risk changed, new customers and missing customers."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.results import ResultStore
from application.ports.risk_changes import RiskChanges
from application.ports.unit_of_work import UnitOfWork
from application.use_cases.permissions import NewUnitOfWork, run_seen_by
from domain.account import Account
from domain.comparison import MAX_COMPARED_CUSTOMERS, compared_threshold, comparison_order
from domain.errors import InvalidInput
from domain.policy import InstallationPolicy
from domain.run import JobState, Run, RunId
from domain.shift import AttributeDrift

MOVERS = 12
DRIVERS = 10


@dataclass(frozen=True, slots=True)
class DriverShift:
    """An attribute's share of all influence in both runs, and its drift against training (PSI) where known."""

    attribute: str
    before: float
    after: float
    drift_before: float | None
    drift_after: float | None

    @property
    def change(self) -> float:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """Comparison of two runs. `before` is the older one.

    `partial` is true if a run has more customers than were read; new and missing customers are then only known among
    those with the highest risk.
    """

    before: Run
    after: Run
    policy: InstallationPolicy
    changes: RiskChanges
    partial: bool
    drivers: tuple[DriverShift, ...] = ()
    """The strongest attributes of the later run first."""
    drift: tuple[AttributeDrift, ...] = ()
    """Drift from the earlier run to the later one, the largest first. Empty if there were too few customers."""

    @property
    def same_model(self) -> bool:
        return self.before.model_version == self.after.model_version


@dataclass(frozen=True, slots=True)
class CompareRuns:
    """Compares two finished runs by customer id. The older run is `before`."""

    new_uow: NewUnitOfWork
    results: ResultStore
    most: int = MAX_COMPARED_CUSTOMERS

    def __call__(self, first: RunId, second: RunId, *, by: Account) -> Comparison:
        """Raises InvalidInput for two equal runs or one without a result, RunNotFound for one that is not visible."""
        with self.new_uow() as uow:
            before, after = compared_runs(uow, first, second, by)
            policy = uow.policies.get()
        return self._compared(before, after, policy)

    def _compared(self, before: Run, after: Run, policy: InstallationPolicy) -> Comparison:
        threshold = compared_threshold(before, after)
        return Comparison(
            before=before,
            after=after,
            policy=policy,
            changes=self.results.risk_changes(
                before.id,
                after.id,
                thresholds=(threshold, threshold),
                bands=policy.bands,
                most=self.most,
                movers=MOVERS,
            ),
            partial=any(run.summary is not None and run.summary.scored > self.most for run in (before, after)),
            drivers=driver_shifts(before, after),
            drift=self._drift(before, after),
        )

    def _drift(self, before: Run, after: Run) -> tuple[AttributeDrift, ...]:
        known = [own for own in self.results.drift(before.id, after.id) if own.psi is not None]
        return tuple(sorted(known, key=lambda own: -(own.psi or 0.0)))


def compared_runs(uow: UnitOfWork, first: RunId, second: RunId, by: Account) -> tuple[Run, Run]:
    """Two finished runs, the earlier one first. Raises as `CompareRuns` does."""
    if first == second:
        raise InvalidInput("Choose two different predictions to compare.")
    runs = [run_seen_by(uow, run_id, by) for run_id in (first, second)]
    for run in runs:
        if run.state is not JobState.DONE:
            raise InvalidInput(f"“{run.file_name}” has no result to compare.")
    before, after = sorted(runs, key=comparison_order)
    return before, after


def driver_shifts(before: Run, after: Run) -> tuple[DriverShift, ...]:
    """Attributes that influence at least one of the runs. The share is 0 if the attribute was not in the file."""
    old, new = _shares(before), _shares(after)
    moved_before, moved_after = _drifts(before), _drifts(after)
    names = sorted({*old, *new}, key=lambda name: (-new.get(name, 0.0), -old.get(name, 0.0), name))
    return tuple(
        DriverShift(name, old.get(name, 0.0), new.get(name, 0.0), moved_before.get(name), moved_after.get(name))
        for name in names[:DRIVERS]
    )


def _shares(run: Run) -> dict[str, float]:
    return {driver.attribute: driver.share for driver in (run.summary.drivers if run.summary else ())}


def _drifts(run: Run) -> dict[str, float | None]:
    return {report.column: report.psi for report in (run.summary.columns if run.summary else ())}
