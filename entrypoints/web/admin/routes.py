"""The admin area: its start, and all of its pages."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from domain.account import Permission
from domain.errors import ChurnDeskError, NotFound
from entrypoints.web.access import allow
from entrypoints.web.admin import audit, customers, health, people, predictions, settings, uploads
from entrypoints.web.admin.answers import back
from entrypoints.web.admin.area import area
from entrypoints.web.errors import domain_error, status_of
from entrypoints.web.htmx import render_page, wants_fragment

__all__ = ["area", "audit", "customers", "health", "people", "predictions", "settings", "uploads"]


@area.get("/")
@allow(Permission.ADMINISTER)
def index() -> WerkzeugResponse:
    return redirect(url_for("admin.users"), code=303)


@area.errorhandler(ChurnDeskError)
def refused(error: ChurnDeskError) -> Response:
    """Within a list the refusal comes as a dialog in its own words; everywhere else as a page."""
    if isinstance(error, NotFound) or not wants_fragment() or request.method == "GET":
        return domain_error(error)
    response = render_page(
        "admin/refused.html",
        fragment="ask",
        status=status_of(error),
        title="This cannot be done",
        words=str(error),
        back=back(url_for("admin.users")),
    )
    response.headers["HX-Retarget"] = "#ask"
    response.headers["HX-Reswap"] = "outerHTML"
    return response
