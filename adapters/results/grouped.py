"""The part of the store of scored customers that groups a run's customers and counts their reasons."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from adapters.results.files.damage import reports_damage
from adapters.results.reading.customer_groups import count_reasons, grouped
from adapters.results.reading.customer_locator import CustomerLocator
from adapters.results.reading.lru_cache import LruCache
from adapters.results.reading.stored_run import StoredRun
from domain.customer_query import CustomerGroup, CustomerQuery, Grouping
from domain.prediction import BandLimits
from domain.reason_rarity import ReasonCounts
from domain.run import RunId


class CustomerGroups(ABC):
    """The methods of ParquetResults that implement the port CustomerGroups."""

    _finder: CustomerLocator
    _reasons: LruCache

    @abstractmethod
    def _stored(self, run_id: RunId) -> StoredRun:
        """The result of a run. Raises what ParquetResults raises for one that is not there."""

    @reports_damage
    def customer_groups(
        self, run_id: RunId, query: CustomerQuery, by: Grouping, *, bands: BandLimits
    ) -> tuple[CustomerGroup, ...]:
        return grouped(self._finder.database, self._stored(run_id), query, by, bands)

    @reports_damage
    def reason_counts(self, run_id: RunId, typical: Mapping[str, float], *, bands: BandLimits) -> ReasonCounts:
        """Keeps the counts of the latest 16 runs: a few kilobytes each."""
        stored = self._stored(run_id)
        key = (stored.mark, bands, tuple(sorted(typical.items())))
        counts: ReasonCounts = self._reasons.get(key, lambda: count_reasons(stored, typical, bands))
        return counts
