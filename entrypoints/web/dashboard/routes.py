"""The dashboard, and the sample data's two buttons."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request, url_for

from domain.account import Permission
from entrypoints.web.access import address, allow, desk, person
from entrypoints.web.dashboard.page import DRIVERS, Page, State, page_of
from entrypoints.web.htmx import go, render_page, wants_fragment

area = Blueprint("dashboard", __name__, url_prefix="/dashboard")


@area.get("")
@allow(Permission.READ)
def show() -> Response:
    return _shown(_page())


def _page() -> Page:
    return page_of(desk().open_dashboard(by=person()), by=person(), now=desk().clock.now())


def _shown(page: Page, fragment: str = "dashboard_body") -> Response:
    return render_page("dashboard/show.html", fragment=fragment, page=page, drivers=DRIVERS)


@area.get("/progress")
@allow(Permission.READ)
def progress() -> Response:
    """What is under way, asked for again and again; once something has ended, the whole dashboard in place."""
    page = _page()
    if request.args.get("part") == "sample":
        if page.state is State.SAMPLE_UNDER_WAY:
            return _shown(page, "sample_progress")
    elif request.args.get("under_way", type=int) == page.view.under_way:
        return _shown(page, "recent_runs")
    response = _shown(page)
    response.headers["HX-Retarget"] = "#dashboard_body"
    response.headers["HX-Reswap"] = "outerHTML"
    return response


@area.post("/sample")
@allow(Permission.PREDICT)
def start_sample() -> Response:
    """Queue twelve months of made-up customers and show how far they are."""
    desk().start_sample(by=person())
    return _shown(_page()) if wants_fragment() else go(url_for("dashboard.show"))


@area.post("/sample/remove")
@allow(Permission.PREDICT)
def remove_sample() -> Response:
    desk().remove_sample(by=person(), address=address())
    flash("The sample data is gone.")
    return go(url_for("dashboard.show"))
