"""The part of the store of scored customers that finds the customers of one run in another one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence

from adapters.results.files.damage import reports_damage
from adapters.results.grouping.drift import drift_between
from adapters.results.reading.customer_locator import CustomerLocator
from adapters.results.reading.customer_rows import cells_of, customers_of
from adapters.results.reading.follow_up import file_rows, follow_up, run_rows
from adapters.results.reading.risk_changes import risk_changes
from adapters.results.reading.shared_customers import shared_customers
from adapters.results.reading.stored_run import StoredRun
from application.ports.columns import CustomerBatch
from application.ports.follow_up import FollowUp
from application.ports.results import ScoredCustomer
from application.ports.risk_changes import RiskChanges
from application.ports.shared_customers import SharedCustomers
from domain.prediction import BandLimits
from domain.run import RunId
from domain.shift import AttributeDrift


class ComparedResults(ABC):
    """The methods of ParquetResults that follow customers from run to run."""

    _finder: CustomerLocator

    @abstractmethod
    def _stored(self, run_id: RunId) -> StoredRun:
        """The result of a run. Raises what ParquetResults raises for one that is not there."""

    @reports_damage
    def find(self, run_id: RunId, customer_id: str, *, threshold: float, bands: BandLimits) -> ScoredCustomer | None:
        stored = self._stored(run_id)
        place = self._finder.latest_of(stored, customer_id)
        if place is None:
            return None
        cells = cells_of(stored.slice(place, place + 1))
        return customers_of(cells, stored.notes, threshold=threshold, bands=bands)[0]

    @reports_damage
    def shared_customers(self, before: RunId, after: RunId, *, most: int) -> SharedCustomers:
        return shared_customers(self._stored(before), self._stored(after), most=most)

    @reports_damage
    def risk_changes(
        self,
        before: RunId,
        after: RunId,
        *,
        thresholds: tuple[float, float],
        bands: BandLimits,
        most: int,
        movers: int,
    ) -> RiskChanges:
        runs = self._stored(before), self._stored(after)
        return risk_changes(*runs, thresholds=thresholds, bands=bands, most=most, movers=movers)

    @reports_damage
    def follow_up(
        self,
        before: RunId | None,
        after: RunId,
        customers: Sequence[str],
        *,
        on_rows: Callable[[int], None] = lambda _: None,
    ) -> FollowUp:
        return follow_up(self._earlier(before), run_rows(self._stored(after), on_rows), customers)

    @reports_damage
    def follow_into(self, before: RunId | None, after: Iterable[CustomerBatch], customers: Sequence[str]) -> FollowUp:
        return follow_up(self._earlier(before), file_rows(after), customers)

    def _earlier(self, before: RunId | None) -> StoredRun | None:
        return None if before is None else self._stored(before)

    @reports_damage
    def drift(self, before: RunId, after: RunId) -> tuple[AttributeDrift, ...]:
        return drift_between(self._stored(before), self._stored(after))
