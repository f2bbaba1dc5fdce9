"""For whatever watches the machine: alive, and ready to serve."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response

from entrypoints.web.access import desk, public

area = Blueprint("health", __name__)


@area.get("/healthz")
@public
def healthz() -> Response:
    return jsonify(status="ok")


@area.get("/readyz")
@public
def readyz() -> Response:
    """Ready once the database answers and is current; says whether a worker lives."""
    current = desk().database_is_current()
    body = jsonify(status="ready" if current else "not ready", database=current, worker=desk().worker_lives())
    return make_response(body, 200 if current else 503)
