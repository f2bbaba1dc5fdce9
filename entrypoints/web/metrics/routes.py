"""`/metrics` in Prometheus' text format."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from entrypoints.application import Application
from entrypoints.web.access import for_monitoring
from entrypoints.web.metrics import installation_metrics
from entrypoints.web.metrics.requests import RequestMetrics

area = Blueprint("metrics", __name__)
REGISTRY = "netone.metrics"


def register(app: Flask, application: Application) -> RequestMetrics:
    """Create this application's registry and the observer that counts its requests."""
    requests = RequestMetrics()
    installation_metrics.register(
        requests.registry,
        application.maintenance.measure_installation,
        installation_metrics.CachedFiles(application.maintenance.measure_files),
    )
    app.extensions[REGISTRY] = requests.registry
    return requests


@area.get("/metrics")
@for_monitoring
def metrics() -> Response:
    """Metrics of this process and of the installation."""
    return Response(generate_latest(current_app.extensions[REGISTRY]), content_type=CONTENT_TYPE_LATEST)
