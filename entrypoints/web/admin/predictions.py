"""Everyone's predictions: found, and deleted one by one, as ticked, or in bulk by owner and age."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from application.ports.persistence import RunQuery
from application.use_cases.installation import FORMER_USER, owner_names
from domain.account import Permission
from domain.errors import InvalidInput
from domain.run import Run, RunId
from entrypoints.web.access import address, allow, desk, person
from entrypoints.web.admin.answers import back, done, here
from entrypoints.web.admin.area import area
from entrypoints.web.admin.paging import Page, page_number
from entrypoints.web.admin.questions import Question, ask
from entrypoints.web.formats import plural
from entrypoints.web.htmx import render_page, wants_fragment

A_PAGE = 25
AGES = (("30", "30 days"), ("90", "3 months"), ("180", "6 months"), ("365", "a year"))


@area.get("/predictions")
@allow(Permission.ADMINISTER)
def predictions() -> Response:
    filters = {key: request.args[key][:200] for key in ("q", "owner", "age") if request.args.get(key)}
    number = page_number()
    query = RunQuery(
        search=filters.get("q", ""),
        owner=filters.get("owner"),
        until=desk().clock.now() - timedelta(days=days) if (days := _days(filters.get("age"))) else None,
        offset=(number - 1) * A_PAGE,
        limit=A_PAGE,
    )
    found = desk().list_runs(query, by=person())
    with desk().new_reading() as uow:
        owners = owner_names(uow)
    return render_page(
        "admin/predictions.html",
        fragment="admin_runs",
        in_place=wants_fragment(),
        runs=found.page.runs,
        customers=found.page.customers,
        owners=owners,
        former=FORMER_USER,
        ages=AGES,
        filters=filters,
        page=Page(number, A_PAGE, found.page.total, "admin.predictions", filters),
        here=here(),
    )


@area.route("/predictions/delete", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def delete_predictions() -> Response | WerkzeugResponse:
    """The ticked ones, or one."""
    run_ids = [RunId(run_id) for run_id in request.values.getlist("run")][:1000]
    if not run_ids:
        raise InvalidInput("Tick the predictions to delete first.")
    if request.method != "POST":
        with desk().new_reading() as uow:
            runs = tuple(uow.runs.get(run_id) for run_id in run_ids)
        return _ask(runs, "admin.delete_predictions", tuple(("run", str(run_id)) for run_id in run_ids))
    return _deleted(run_ids)


@area.route("/predictions/delete-many", methods=["GET", "POST"])
@allow(Permission.ADMINISTER)
def delete_in_bulk() -> Response | WerkzeugResponse:
    """All of one owner, all from an age on, or both: those in the question, not what came since."""
    owner, age = request.values.get("owner") or None, _days(request.values.get("age"))
    runs = desk().find_runs_in_bulk(by=person(), owner=owner, older_than_days=age)
    if request.method != "POST":
        if not runs:
            raise InvalidInput("There is no such prediction: nothing is that old, or theirs.")
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
            words="The results, the contact lists and the uploaded files go for good:",
            button="Delete prediction" if one else f"Delete {plural(len(runs), 'prediction')}",
            action=url_for(endpoint),
            back=back(url_for("admin.predictions")),
            part="admin_runs",
            things=tuple(run.file_name for run in runs),
            hidden=hidden,
        )
    )


def _deleted(run_ids: list[RunId]) -> Response | WerkzeugResponse:
    gone = desk().delete_runs(run_ids, by=person(), address=address())
    return done(f"{plural(len(gone), 'prediction')} deleted.", back(url_for("admin.predictions")), "admin_runs")
