"""Health checks for monitoring systems: liveness and readiness."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response

from entrypoints.web.access import application, public

area = Blueprint("health", __name__)


@area.get("/healthz")
@public
def healthz() -> Response:
    return jsonify(status="ok")


@area.get("/readyz")
@public
def readyz() -> Response:
    """Ready if the database answers and its schema is current. Also reports whether a worker is running."""
    current = application().maintenance.database_is_current()
    body = jsonify(
        status="ready" if current else "not ready", database=current, worker=application().jobs.worker_lives()
    )
    return make_response(body, 200 if current else 503)
