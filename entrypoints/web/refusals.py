"""Refused requests find their way into the audit log, whichever part of the site refused them."""

from __future__ import annotations

from flask import Flask, Response, g, request

from application.use_cases.refusals import Refusal
from entrypoints.observability.logs import get_logger
from entrypoints.web import access
from entrypoints.web.access import desk

log = get_logger("netone.refusals")


def register(app: Flask) -> None:
    app.after_request(_record)


def mark(kind: Refusal) -> None:
    """This request was refused; it is recorded once it is answered."""
    g.refusal = kind


def _record(response: Response) -> Response:
    kind: Refusal | None = g.get("refusal", Refusal.THROTTLED if response.status_code == 429 else None)
    if kind is not None:
        try:
            desk().note_refusal(kind, by=access.me(), address=access.address(), place=request.endpoint or "")
        except Exception as error:
            log.warning("a refusal could not be recorded", exc_info=error)
    return response
