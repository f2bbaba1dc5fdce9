"""Metrics of the whole installation, read from the database and the data directory at each scrape."""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from application.queries import JobTotal, StorageUse
from application.use_cases.administration.monitoring import FileFigures, InstallationFigures

SECONDS_CACHED = 60.0
"""Seconds for which file measurements are cached."""
EXPORT_STATES = {"waiting": "queued", "making": "running"}
"""Maps states of exports to the states of other jobs."""
NEVER = float("nan")
"""The reported age if there was never a heartbeat."""


class CachedFiles:
    """Caches measurements of the data directory for a minute; all but the first run in a background thread."""

    def __init__(self, measure: Callable[[], FileFigures], clock: Callable[[], float] = time.monotonic) -> None:
        self._measure, self._clock = measure, clock
        self._lock = threading.Lock()
        self._last: tuple[float, FileFigures] | None = None
        self._refreshing = False

    def __call__(self) -> FileFigures:
        with self._lock:
            last = self._last
            start = last is not None and self._clock() - last[0] >= SECONDS_CACHED and not self._refreshing
            self._refreshing = self._refreshing or start
        if last is None:
            return self._refresh()
        if start:
            threading.Thread(target=self._refresh, name="measure-files", daemon=True).start()
        return last[1]

    def _refresh(self) -> FileFigures:
        try:
            figures = self._measure()
            with self._lock:
                self._last = (self._clock(), figures)
            return figures
        finally:
            with self._lock:
                self._refreshing = False


class InstallationMetrics(Collector):
    """Metrics that are not counted in this process; every web process reports the same values."""

    def __init__(self, measure: Callable[[], InstallationFigures], files: Callable[[], FileFigures]) -> None:
        self._measure, self._files = measure, files
        self._build = _build()

    def collect(self) -> Iterator[Metric]:
        yield self._build
        figures, files = self._measure(), self._files()
        yield from _queue(figures, files.exports)
        yield from _jobs(figures.totals)
        yield from _storage(files.storage)


def register(
    registry: CollectorRegistry, measure: Callable[[], InstallationFigures], files: Callable[[], FileFigures]
) -> None:
    registry.register(InstallationMetrics(measure, files))


def _build() -> Metric:
    build = GaugeMetricFamily("netone_build_info", "Versions; always 1.", labels=("version", "python"))
    build.add_metric((_version(), platform.python_version()), 1)
    return build


def _version() -> str:
    try:
        return version("netone-churn")
    except PackageNotFoundError:
        return "unknown"


def _queue(figures: InstallationFigures, exports: Mapping[str, int]) -> Iterator[Metric]:
    depth = GaugeMetricFamily("netone_queue_jobs", "Unfinished jobs.", labels=("kind", "state"))
    for (kind, state), count in figures.unfinished.items():
        depth.add_metric((kind, state), count)
    for state, count in exports.items():
        depth.add_metric(("export", EXPORT_STATES[state]), count)
    yield depth
    yield GaugeMetricFamily(
        "netone_queue_oldest_waiting_seconds", "Age of the oldest queued job.", value=figures.oldest_waiting
    )
    seconds_ago = NEVER if figures.worker_seen is None else figures.worker_seen
    yield GaugeMetricFamily(
        "netone_worker_last_seen_seconds", "Time since a worker's last heartbeat.", value=seconds_ago
    )


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
