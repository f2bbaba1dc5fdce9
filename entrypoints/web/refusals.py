"""Records rejected requests in the audit log."""

from __future__ import annotations

from flask import Flask, Response, g, request

from application.use_cases.administration.refused_requests import Refusal
from entrypoints.observability.logs import get_logger
from entrypoints.web import access
from entrypoints.web.access import application

log = get_logger("netone.refusals")


def register(app: Flask) -> None:
    app.after_request(_record)


def mark(kind: Refusal) -> None:
    """Mark this request as rejected; it is recorded after the response."""
    g.refusal = kind


def _record(response: Response) -> Response:
    kind: Refusal | None = g.get("refusal", Refusal.THROTTLED if response.status_code == 429 else None)
    if kind is not None:
        try:
            application().accounts.note_refusal(
                kind, by=access.me(), address=access.address(), place=request.endpoint or ""
            )
        except Exception as error:
            log.warning("a rejected request could not be recorded", exc_info=error)
    return response
