"""The printed report: made by a worker while the page shows that it is, or fetched at one go by a program."""

from __future__ import annotations

import time

from flask import Blueprint, Response, request, send_file, url_for

from application.ports.shelf import KeptReport, ReportOrder, ReportState
from application.use_cases.reports import PDF_CUSTOMERS
from domain.account import Permission
from domain.errors import Conflict, InvalidInput, NotFound
from domain.run import RunId
from entrypoints.web import access
from entrypoints.web.access import allow, desk, person
from entrypoints.web.htmx import go, render_page, wants_fragment
from entrypoints.web.predictions.attachments import attachment, stem
from entrypoints.web.predictions.queries import Address, query_from

area = Blueprint("reports", __name__, url_prefix="/predictions")

PATIENCE = 60.0
"""Seconds that a direct download waits for a worker before it makes the report itself."""
GIVE_UP = 180.0
LOOK_EVERY = 0.2


@area.get("/<run_id>/export.pdf")
@allow(Permission.READ)
def pdf(run_id: str) -> Response:
    """The report itself, as a program or a browser without scripts asks for it."""
    kept = _made(_ordered(run_id))
    if kept.state is ReportState.FAILED:
        raise InvalidInput(kept.problem)
    return _sent(kept)


@area.post("/<run_id>/report")
@allow(Permission.READ)
def order(run_id: str) -> Response:
    """Queue the report of the page's filter and threshold, and show that it is being made."""
    if not wants_fragment():
        run = desk().view_run(RunId(run_id), by=person()).run
        asked = request.query_string.decode("ascii", "ignore")
        return go(url_for("reports.pdf", run_id=run.id) + (f"?{asked}" if asked else ""))
    return _progress(desk().view_report(*_key(_ordered(run_id)), by=person()))


@area.get("/<run_id>/report/<report_id>")
@allow(Permission.READ)
def progress(run_id: str, report_id: str) -> Response:
    """What is new since the page last heard; nothing is swapped, and nothing read out again, where nothing is."""
    kept = desk().view_report(RunId(run_id), report_id, by=person())
    return Response(status=204) if _shown(kept) == request.args.get("seen") else _progress(kept)


@area.get("/<run_id>/report/<report_id>.pdf")
@allow(Permission.READ)
def file(run_id: str, report_id: str) -> Response:
    kept = desk().view_report(RunId(run_id), report_id, by=person())
    if kept.state is not ReportState.DONE:
        raise NotFound("This report is not made yet.")
    return _sent(kept)


def _ordered(run_id: str) -> ReportOrder:
    view = desk().view_run(RunId(run_id), by=person())
    return desk().order_report(
        view.run.id,
        query_from(request, threshold=view.run.threshold),
        by=person(),
        customers=request.args.get("customers", PDF_CUSTOMERS, type=int),
        address=access.address(),
    )


def _key(asked: ReportOrder) -> tuple[RunId, str]:
    return asked.run_id, asked.id


def _made(asked: ReportOrder) -> KeptReport:
    """Once it is made: by a worker, or right here where none lives or all are busy. Raises Conflict in the end."""
    began = time.monotonic()
    while True:
        kept = desk().view_report(*_key(asked), by=person())
        waited = time.monotonic() - began
        if kept.state.ended:
            return kept
        if kept.state is ReportState.WAITING and (waited > PATIENCE or not desk().worker_lives()):
            desk().make_report(*_key(asked))
        elif waited > GIVE_UP:
            raise Conflict("The report is still being made. Ask for it again in a minute.")
        else:
            time.sleep(LOOK_EVERY)


def _shown(kept: KeptReport) -> str:
    """The report's state, or "stuck" where nobody seems to be making it."""
    waited = (desk().clock.now() - kept.order.at).total_seconds()
    stuck = not kept.state.ended and (waited > GIVE_UP or not desk().worker_lives())
    return "stuck" if stuck else kept.state.value


def _progress(kept: KeptReport) -> Response:
    asked, shown = kept.order, _shown(kept)
    view = desk().view_run(asked.run_id, by=person())
    return render_page(
        "predictions/report.html",
        state=shown,
        problem=kept.problem,
        poll=url_for("reports.progress", run_id=asked.run_id, report_id=asked.id, seen=shown),
        file=url_for("reports.file", run_id=asked.run_id, report_id=asked.id),
        direct=Address(asked.run_id, asked.query, view.run.threshold).export(
            "reports.pdf", customers=str(asked.customers)
        ),
    )


def _sent(kept: KeptReport) -> Response:
    view = desk().view_run(kept.order.run_id, by=person())
    response = send_file(desk().shelf.path(kept.order), mimetype="application/pdf", max_age=0)
    response.headers["Content-Disposition"] = attachment(f"{stem(view.run.file_name)}-churn.pdf")
    return response
