"""Search over everything. The text is sent in a form, because it may be a customer's id and URLs end up in logs."""

from __future__ import annotations

from flask import Blueprint, Response, request

from application.use_cases.search.find_everything import MAX_LENGTH, MIN_LENGTH, Found
from domain.account import Permission
from entrypoints.web.access import allow, application, person
from entrypoints.web.htmx import render_page

area = Blueprint("search", __name__, url_prefix="/search")


@area.get("")
@allow(Permission.READ)
def page() -> Response:
    return _shown(Found())


@area.post("")
@allow(Permission.READ)
def results() -> Response:
    return _shown(application().search(request.form.get("q", ""), by=person()))


def _shown(found: Found) -> Response:
    return render_page(
        "search/results.html",
        fragment="search_hits",
        found=found,
        in_place=request.method == "POST",
        too_short=len(found.text) < MIN_LENGTH,
        max_length=MAX_LENGTH,
    )
