"""Request metrics. Each application has a separate registry, so that one process can hold several applications."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds."""


class RequestMetrics:
    """Counts requests and their durations. Labels have few values: endpoint, method and status class."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry(auto_describe=False)
        self._requests = Counter(
            "netone_http_requests",
            "Requests answered by this process.",
            ("endpoint", "method", "status"),
            registry=self.registry,
        )
        self._durations = Histogram(
            "netone_http_request_duration_seconds",
            "Time until the answer was complete.",
            ("endpoint", "method"),
            buckets=BUCKETS,
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)

    def __call__(self, endpoint: str, method: str, status: int, seconds: float) -> None:
        self._requests.labels(endpoint, method, f"{status // 100}xx").inc()
        self._durations.labels(endpoint, method).observe(seconds)
