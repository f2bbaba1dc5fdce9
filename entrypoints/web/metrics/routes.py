"""`/metrics` in Prometheus' text format."""

from __future__ import annotations

from flask import Blueprint, Flask, Response, current_app
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from entrypoints.desk import Desk
from entrypoints.web.access import for_monitoring
from entrypoints.web.metrics import installation
from entrypoints.web.metrics.requests import RequestMetrics

area = Blueprint("metrics", __name__)
REGISTRY = "netone.metrics"


def register(app: Flask, desk: Desk) -> RequestMetrics:
    """A registry for this application, and what counts its requests."""
    requests = RequestMetrics()
    installation.register(requests.registry, desk.measure_installation, installation.CachedFiles(desk.measure_files))
    app.extensions[REGISTRY] = requests.registry
    return requests


@area.get("/metrics")
@for_monitoring
def metrics() -> Response:
    """Figures of this process and of the installation."""
    return Response(generate_latest(current_app.extensions[REGISTRY]), content_type=CONTENT_TYPE_LATEST)
