"""The dashboard, and adding or removing the sample data."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request, url_for

from domain.account import Permission
from domain.run import RunSummary
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.charts.drivers import DriverBars, driver_bars
from entrypoints.web.dashboard.page import DRIVERS, Page, State, page_of
from entrypoints.web.grading import view as graded
from entrypoints.web.htmx import go, render_page, wants_fragment

area = Blueprint("dashboard", __name__, url_prefix="/dashboard")


@area.get("")
@allow(Permission.READ)
def show() -> Response:
    return _shown(_page())


def _page() -> Page:
    view = application().insights.open_dashboard(by=person())
    return page_of(view, application().formats_of(view.policy.currency), by=person(), now=application().now())


def _shown(page: Page, fragment: str = "dashboard_body") -> Response:
    written = application().formats_of(page.view.policy.currency)
    latest = graded.latest(application().grading.list_gradings(by=person()), written)
    missing = application().folders.missing(by=person())
    return render_page(
        "dashboard/show.html", fragment=fragment, page=page, driver_bars=_driver_bars, missing=missing, **latest
    )


def _driver_bars(summary: RunSummary) -> DriverBars:
    return driver_bars(summary.drivers[:DRIVERS], value="Share of all influence")


@area.get("/progress")
@allow(Permission.READ)
def progress() -> Response:
    """The progress of running jobs, which htmx polls; once a job has ended, the whole dashboard."""
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
    """Queue the sample data and show its progress."""
    application().predictions.start_sample(by=actor())
    return _shown(_page()) if wants_fragment() else go(url_for("dashboard.show"))


@area.post("/sample/remove")
@allow(Permission.PREDICT)
def remove_sample() -> Response:
    application().predictions.remove_sample(by=actor())
    flash("The sample data was removed.")
    return go(url_for("dashboard.show"))
