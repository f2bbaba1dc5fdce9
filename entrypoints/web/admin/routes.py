"""The admin area: its start page, and the imports that register its routes."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from domain.account import Permission
from domain.errors import DomainError, NotFound
from entrypoints.web.access import allow
from entrypoints.web.admin import audit, customer_data, folders, health, people, policy, predictions, uploads
from entrypoints.web.admin.area import area
from entrypoints.web.admin.responses import back
from entrypoints.web.errors import domain_error, status_of
from entrypoints.web.htmx import render_page, wants_fragment

__all__ = ["area", "audit", "customer_data", "folders", "health", "people", "policy", "predictions", "uploads"]


@area.get("/")
@allow(Permission.ADMINISTER)
def index() -> WerkzeugResponse:
    return redirect(url_for("admin.users"), code=303)


@area.errorhandler(DomainError)
def refused(error: DomainError) -> Response:
    """Show an error as a dialog within a list, otherwise as a page."""
    if isinstance(error, NotFound) or not wants_fragment() or request.method == "GET":
        return domain_error(error)
    response = render_page(
        "admin/refused.html",
        fragment="ask",
        status=status_of(error),
        title="This is not possible",
        words=str(error),
        back=back(url_for("admin.users")),
    )
    response.headers["HX-Retarget"] = "#ask"
    response.headers["HX-Reswap"] = "outerHTML"
    return response
