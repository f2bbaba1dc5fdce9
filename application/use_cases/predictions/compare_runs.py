"""Comparison of two predictions: customers whose risk changed, new customers and missing customers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from application.ports.results import AttributeDrift, CustomerQuery, ResultStore, ScoredCustomer
from application.use_cases.permissions import NewUnitOfWork, run_seen_by
from domain.account import Account
from domain.comparison import MAX_COMPARED_CUSTOMERS, has_risen
from domain.errors import InvalidInput
from domain.policy import InstallationPolicy
from domain.prediction import RiskBand
from domain.run import JobState, Run, RunId

MOVERS = 12
DRIVERS = 10


@dataclass(frozen=True, slots=True)
class Mover:
    """A customer of both runs, before and after. Rows are the data rows in each run's file."""

    customer_id: str
    row_before: int
    row_after: int
    before: float
    after: float
    band_before: RiskBand
    band_after: RiskBand

    @property
    def change(self) -> float:
        return self.after - self.before


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

    `up` and `down` count customers of both runs whose risk changed noticeably. `transitions` counts customers of both
    by band before and band after. `partial` is true if a run has more customers than were read; new and missing
    customers are then only known among those with the highest risk.
    """

    before: Run
    after: Run
    policy: InstallationPolicy
    in_both: int
    up: int
    down: int
    newly_likely: int
    no_longer_likely: int
    new: int
    new_likely: int
    gone: int
    gone_likely: int
    transitions: dict[tuple[RiskBand, RiskBand], int]
    new_by_band: dict[RiskBand, int]
    gone_by_band: dict[RiskBand, int]
    risers: tuple[Mover, ...]
    fallers: tuple[Mover, ...]
    partial: bool
    drivers: tuple[DriverShift, ...] = ()
    """The strongest attributes of the later run first."""
    drift: tuple[AttributeDrift, ...] = ()
    """Drift from the earlier run to the later one, the largest first. Empty if there were too few customers."""

    @property
    def steady(self) -> int:
        return self.in_both - self.up - self.down

    @property
    def same_model(self) -> bool:
        return self.before.model_version == self.after.model_version


@dataclass(frozen=True, slots=True)
class _SeenCustomer:
    """The fields of a customer that the comparison needs."""

    row: int
    probability: float
    band: RiskBand
    likely: bool
    month: str


@dataclass(frozen=True, slots=True)
class CompareRuns:
    """Compares two finished runs by customer id. The older run is `before`."""

    new_uow: NewUnitOfWork
    results: ResultStore
    most: int = MAX_COMPARED_CUSTOMERS

    def __call__(self, first: RunId, second: RunId, *, by: Account) -> Comparison:
        """Raises InvalidInput for two equal runs or one without a result, RunNotFound for one that is not visible."""
        if first == second:
            raise InvalidInput("Choose two different predictions to compare.")
        with self.new_uow() as uow:
            runs = [run_seen_by(uow, run_id, by) for run_id in (first, second)]
            policy = uow.policies.get()
        for run in runs:
            if run.state is not JobState.DONE:
                raise InvalidInput(f"“{run.file_name}” has no result to compare.")
        before, after = sorted(runs, key=lambda run: (_last_month(run), run.created_at))
        return self._compared(before, after, policy)

    def _compared(self, before: Run, after: Run, policy: InstallationPolicy) -> Comparison:
        old, new = self._read(before, policy), self._read(after, policy)
        both = [key for key in new if key in old]
        moves = sorted((_mover(key, old[key], new[key]) for key in both), key=lambda mover: mover.change)
        fresh = [seen for key, seen in new.items() if key not in old]
        gone = [seen for key, seen in old.items() if key not in new]
        return Comparison(
            before=before,
            after=after,
            policy=policy,
            in_both=len(both),
            up=sum(has_risen(mover.change) for mover in moves),
            down=sum(has_risen(-mover.change) for mover in moves),
            newly_likely=sum(new[key].likely and not old[key].likely for key in both),
            no_longer_likely=sum(old[key].likely and not new[key].likely for key in both),
            new=len(fresh),
            new_likely=sum(seen.likely for seen in fresh),
            gone=len(gone),
            gone_likely=sum(seen.likely for seen in gone),
            transitions=_transitions(moves),
            new_by_band=_by_band(fresh),
            gone_by_band=_by_band(gone),
            risers=tuple(mover for mover in moves[: -MOVERS - 1 : -1] if mover.change > 0),
            fallers=tuple(mover for mover in moves[:MOVERS] if mover.change < 0),
            partial=any(run.summary is not None and run.summary.scored > self.most for run in (before, after)),
            drivers=driver_shifts(before, after),
            drift=self._drift(before, after),
        )

    def _drift(self, before: Run, after: Run) -> tuple[AttributeDrift, ...]:
        known = [own for own in self.results.drift(before.id, after.id) if own.psi is not None]
        return tuple(sorted(known, key=lambda own: -(own.psi or 0.0)))

    def _read(self, run: Run, policy: InstallationPolicy) -> dict[str, _SeenCustomer]:
        """Customers by id.

        Of several rows, the one of the latest month counts; of several in that month, the highest risk.
        """
        latest: dict[str, _SeenCustomer] = {}
        for scored in islice(self._stream(run, policy), self.most):
            key, seen = str(scored.customer.id), _seen(scored)
            if key not in latest or seen.month > latest[key].month:
                latest[key] = seen
        return latest

    def _stream(self, run: Run, policy: InstallationPolicy) -> Iterator[ScoredCustomer]:
        query = CustomerQuery(threshold=run.threshold, sort="risk")
        for chunk in self.results.stream(run.id, query, bands=policy.bands):
            yield from chunk


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


def _seen(scored: ScoredCustomer) -> _SeenCustomer:
    prediction = scored.prediction
    return _SeenCustomer(
        prediction.row, prediction.probability, prediction.band, prediction.likely_to_leave, scored.month or ""
    )


def _last_month(run: Run) -> str:
    """The latest month in a run; "" if it has none. Runs are ordered by month, not by when they were scored."""
    months = run.summary.months if run.summary else ()
    return max((month.month for month in months), default="")


def _mover(key: str, old: _SeenCustomer, new: _SeenCustomer) -> Mover:
    return Mover(key, old.row, new.row, old.probability, new.probability, old.band, new.band)


def _transitions(moves: list[Mover]) -> dict[tuple[RiskBand, RiskBand], int]:
    counts = {(old, new): 0 for old in RiskBand for new in RiskBand}
    for mover in moves:
        counts[mover.band_before, mover.band_after] += 1
    return counts


def _by_band(customers: list[_SeenCustomer]) -> dict[RiskBand, int]:
    counts = dict.fromkeys(RiskBand, 0)
    for seen in customers:
        counts[seen.band] += 1
    return counts
