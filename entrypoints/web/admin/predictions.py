"""All users' predictions: search them, and delete one, the ticked ones, or all by owner and age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Response, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from application.queries import RunQuery
from application.use_cases.predictions.undo import UNDO_SHOWN
from domain.account import Permission
from domain.errors import InvalidInput
from domain.run import Run, RunId
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.admin.area import area
from entrypoints.web.admin.confirmations import Question, ask
from entrypoints.web.admin.paging import Page, page_number
from entrypoints.web.admin.responses import back, done, here
from entrypoints.web.formats import plural
from entrypoints.web.htmx import render_page, wants_fragment
from entrypoints.web.undo import toast_of

A_PAGE = 25
AGES = (("30", "30 days"), ("90", "3 months"), ("180", "6 months"), ("365", "a year"))


@dataclass(frozen=True, slots=True)
class Bulk:
    """What was chosen to delete many predictions, and why none is listed; blank in a new form."""

    owner: str = ""
    age: str = ""
    problem: str = ""


@area.get("/predictions")
@allow(Permission.ADMINISTER)
def predictions() -> Response:
    return _listed(Bulk())


def _listed(bulk: Bulk) -> Response:
    named = () if bulk.problem else ("q", "owner", "age")
    filters = {key: request.args[key][:200] for key in named if request.args.get(key)}
    number = page_number()
    query = RunQuery(
        search=filters.get("q", ""),
        owner=filters.get("owner"),
        until=application().now() - timedelta(days=days) if (days := _days(filters.get("age"))) else None,
        offset=(number - 1) * A_PAGE,
        limit=A_PAGE,
    )
    history = application().predictions.list_runs(query, by=person())
    return render_page(
        "admin/predictions.html",
        fragment="admin_runs",
        status=422 if bulk.problem else 200,
        bulk=bulk,
        in_place=wants_fragment(),
        runs=history.page.runs,
        customers=history.page.customers,
        owners=application().administration.list_owners(by=person()),
        ages=AGES,
        filters=filters,
        page=Page(number, A_PAGE, history.page.total, "admin.predictions", filters),
        here=url_for("admin.predictions") if bulk.problem else here(),
    )


@area.route("/predictions/delete", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def delete_predictions() -> Response | WerkzeugResponse:
    """Delete one prediction or the ticked ones."""
    run_ids = [RunId(run_id) for run_id in request.values.getlist("run")][:1000]
    if not run_ids:
        raise InvalidInput("Tick the predictions to delete first.")
    if request.method != "POST":
        runs = application().predictions.view_changeable_runs(run_ids, by=person()).runs
        return _ask(runs, "admin.delete_predictions", tuple(("run", str(run_id)) for run_id in run_ids))
    return _deleted(run_ids)


@area.route("/predictions/delete-many", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def delete_in_bulk() -> Response | WerkzeugResponse:
    """Delete by owner, age or both: exactly the predictions that the confirmation listed, not newer ones."""
    owner, age = request.values.get("owner") or None, _days(request.values.get("age"))
    try:
        runs = application().administration.find_runs_in_bulk(by=person(), owner=owner, older_than_days=age)
        if not runs:
            raise InvalidInput("No prediction matches this owner and age.")
    except InvalidInput as refused:
        return _listed(Bulk(owner or "", str(age or ""), str(refused)))
    if request.method != "POST":
        hidden = (("owner", owner or ""), ("age", str(age or "")), ("newest", max(run.id for run in runs)))
        return _ask(runs, "admin.delete_in_bulk", hidden)
    newest = request.form.get("newest", "")
    return _deleted([run.id for run in runs if run.id <= newest])


def _days(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and 0 < int(text[:6]) <= 36_500 else None


def _ask(runs: tuple[Run, ...], endpoint: str, hidden: tuple[tuple[str, str], ...]) -> Response:
    one = len(runs) == 1
    return ask(
        Question(
            title=f"Delete {runs[0].file_name}?" if one else f"Delete {plural(len(runs), 'prediction')}?",
            words="The results, the contact lists and the uploaded files will be deleted. You can undo this for "
            f"{UNDO_SHOWN.seconds} seconds:",
            button="Delete prediction" if one else f"Delete {plural(len(runs), 'prediction')}",
            action=url_for(endpoint),
            back=back(url_for("admin.predictions")),
            part="admin_runs",
            things=tuple(run.file_name for run in runs),
            hidden=hidden,
        )
    )


def _deleted(run_ids: list[RunId]) -> Response | WerkzeugResponse:
    deletion = application().predictions.delete_with_undo(run_ids, by=actor())
    return done(toast_of(deletion), back(url_for("admin.predictions")), "admin_runs")
