"""Metrics of the whole installation, read from the database and the data directory at each scrape."""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from application.ports.persistence import JobTotal
from application.ports.system import StorageUse
from application.use_cases.monitoring import InstallationFigures

SIZES_CACHED = 60.0
"""Seconds for which the sizes of directories are not measured again."""
NEVER = float("nan")
"""The age of a sign of life that never came."""


class CachedSizes:
    """Sizes of the data directory, measured at most once a minute, in a thread of its own from the second time on."""

    def __init__(self, measure: Callable[[], StorageUse], clock: Callable[[], float] = time.monotonic) -> None:
        self._measure, self._clock = measure, clock
        self._lock = threading.Lock()
        self._last: tuple[float, StorageUse] | None = None
        self._refreshing = False

    def __call__(self) -> StorageUse:
        with self._lock:
            last = self._last
            start = last is not None and self._clock() - last[0] >= SIZES_CACHED and not self._refreshing
            self._refreshing = self._refreshing or start
        if last is None:
            return self._refresh()
        if start:
            threading.Thread(target=self._refresh, name="sizes", daemon=True).start()
        return last[1]

    def _refresh(self) -> StorageUse:
        try:
            found = self._measure()
            with self._lock:
                self._last = (self._clock(), found)
            return found
        finally:
            with self._lock:
                self._refreshing = False


class InstallationMetrics(Collector):
    """Everything that is not counted in this process: every web process gives the same figures."""

    def __init__(self, measure: Callable[[], InstallationFigures], sizes: Callable[[], StorageUse]) -> None:
        self._measure, self._sizes = measure, sizes
        self._build = _build()

    def collect(self) -> Iterator[Metric]:
        yield self._build
        figures = self._measure()
        yield from _queue(figures)
        yield from _jobs(figures.totals)
        yield from _storage(self._sizes())


def register(
    registry: CollectorRegistry, measure: Callable[[], InstallationFigures], sizes: Callable[[], StorageUse]
) -> None:
    registry.register(InstallationMetrics(measure, sizes))


def _build() -> Metric:
    build = GaugeMetricFamily("netone_build_info", "Versions; always 1.", labels=("version", "python"))
    build.add_metric((_version(), platform.python_version()), 1)
    return build


def _version() -> str:
    try:
        return version("netone-churn")
    except PackageNotFoundError:
        return "unknown"


def _queue(figures: InstallationFigures) -> Iterator[Metric]:
    depth = GaugeMetricFamily("netone_queue_jobs", "Unfinished jobs.", labels=("kind", "state"))
    for (kind, state), count in figures.unfinished.items():
        depth.add_metric((kind, state), count)
    yield depth
    yield GaugeMetricFamily(
        "netone_queue_oldest_waiting_seconds", "Age of the oldest queued job.", value=figures.oldest_waiting
    )
    seen = NEVER if figures.worker_seen is None else figures.worker_seen
    yield GaugeMetricFamily("netone_worker_last_seen_seconds", "Time since a worker's sign of life.", value=seen)


def _jobs(totals: Sequence[JobTotal]) -> Iterator[Metric]:
    durations = SummaryMetricFamily(
        "netone_jobs_duration_seconds", "Ended jobs and the time they took.", labels=("kind", "outcome")
    )
    for total in totals:
        durations.add_metric((total.kind, total.outcome), count_value=total.jobs, sum_value=total.seconds)
    yield durations
    yield CounterMetricFamily("netone_rows_scored", "Customers scored.", value=sum(total.rows for total in totals))
    yield CounterMetricFamily(
        "netone_rows_rejected", "Rows that could not be read.", value=sum(total.rejected for total in totals)
    )


def _storage(use: StorageUse) -> Iterator[Metric]:
    sizes = GaugeMetricFamily("netone_storage_bytes", "Bytes in the data directory.", labels=("kind",))
    for part in fields(use):
        if not part.name.startswith("disk_"):
            sizes.add_metric((part.name,), getattr(use, part.name))
    yield sizes
    yield GaugeMetricFamily("netone_disk_free_bytes", "Free bytes on the data directory's disk.", value=use.disk_free)
    yield GaugeMetricFamily("netone_disk_size_bytes", "Size of that disk.", value=use.disk_total)
