"""Looking back at predictions: find, compare, rename, share, delete."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from flask import Blueprint, Response, flash, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from application.ports.persistence import RunQuery
from application.use_cases.access import run_changed_by
from domain.account import Permission
from domain.errors import InvalidInput, NotFound
from domain.run import Run, RunId
from domain.shift import shift_state
from entrypoints.web import access, formats
from entrypoints.web.access import allow, desk, person
from entrypoints.web.drift import drift_bars
from entrypoints.web.history.view import PERIODS, SIZES, STATES, HistoryView
from entrypoints.web.htmx import go, render_block, render_page, wants_fragment

area = Blueprint("history", __name__, url_prefix="/history")


# ── The list ──────────────────────────────────────────────────────────


@area.get("")
@allow(Permission.READ)
def index() -> Response:
    view = HistoryView.read(request.args)
    response = _listed(view)
    if wants_fragment():
        response.headers["HX-Push-Url"] = view.url()
    return response


def _listed(view: HistoryView) -> Response:
    """The page, or to htmx its table alone. A page past the end shows the last one."""
    listed = desk().list_runs(view.query(desk().clock.now()), by=person())
    last_page = max(1, -(-listed.page.total // view.size))
    if view.page > last_page:
        return _listed(replace(view, page=last_page))
    with desk().new_reading() as uow:
        models = uow.models.all()
    return render_page(
        "history/index.html",
        fragment="run_table",
        view=view,
        listed=listed,
        everything=None if wants_fragment() else _everything(),
        last_page=last_page,
        models=models,
        bytes_kept=sum(run.file_bytes + desk().results.size(run.id) for run in listed.page.runs),
        states=STATES,
        periods=PERIODS,
        sizes=SIZES,
        in_place=False,
    )


@dataclass(frozen=True, slots=True)
class Everything:
    """All that a person may see, for the sentence on top. `since` is a month in words, "" where there is nothing."""

    predictions: int
    customers: int
    since: str


def _everything() -> Everything:
    page = desk().list_runs(RunQuery(sort="created", descending=False, limit=1), by=person()).page
    since = f"{formats.local(page.runs[0].created_at):%B %Y}" if page.runs else ""
    return Everything(page.total, page.customers, since)


@area.get("/<run_id>/row")
@allow(Permission.READ)
def row(run_id: str) -> Response:
    """One row, asked for again while its run is under way. One that is gone, or a stranger's, is taken out."""
    try:
        run = desk().view_run(RunId(run_id), by=person())
    except NotFound:
        return Response("", 404, {"HX-Retarget": "this"})
    owners = {run.run.owner: run.owner_name}
    return render_page("history/_row.html", run=run.run, owners=owners)


# ── Changing one ──────────────────────────────────────────────────────


@area.get("/<run_id>/rename")
@allow(Permission.PREDICT)
def ask_name(run_id: str) -> Response:
    return _dialog("rename_dialog", [_changeable(run_id)])


@area.post("/<run_id>/rename")
@allow(Permission.PREDICT)
def rename(run_id: str) -> Response:
    name = request.form.get("name", "")
    try:
        run = desk().rename_run(RunId(run_id), name, by=person(), address=access.address())
    except InvalidInput as error:
        return _dialog("rename_dialog", [_changeable(run_id)], error=str(error), name=name)
    return _changed(f"Renamed to “{run.file_name}”.")


@area.post("/<run_id>/share")
@allow(Permission.PREDICT)
def share(run_id: str) -> Response:
    """Show a prediction to the whole team, or keep it to oneself again."""
    shared = request.form.get("shared") == "yes"
    run = desk().share_run(RunId(run_id), shared=shared, by=person(), address=access.address())
    words = "is shared with the team" if shared else "is private again"
    return _changed(f"“{run.file_name}” {words}.")


# ── Deleting ──────────────────────────────────────────────────────────


@area.get("/delete")
@allow(Permission.PREDICT)
def ask_delete() -> Response:
    return _dialog("delete_dialog", [_changeable(run_id) for run_id in _chosen()])


@area.post("/delete")
@allow(Permission.PREDICT)
def delete() -> Response:
    runs = desk().delete_runs([RunId(run_id) for run_id in _chosen()], by=person(), address=access.address())
    return _changed(f"“{runs[0].file_name}” is deleted." if len(runs) == 1 else f"{len(runs)} predictions are deleted.")


def _chosen() -> list[str]:
    """The ticked runs, each once."""
    chosen = list(dict.fromkeys(request.values.getlist("run")))
    if not chosen:
        raise InvalidInput("Tick at least one prediction first.")
    return chosen[:1000]


def _changeable(run_id: str) -> Run:
    with desk().new_reading() as uow:
        return run_changed_by(uow, RunId(run_id), person())


def _dialog(block: str, runs: list[Run], *, error: str = "", name: str | None = None) -> Response:
    """A question about runs: opened in place by htmx, a page of its own without."""
    response = render_page(
        "history/dialogs.html",
        fragment=block,
        status=422 if error else 200,
        asks=block,
        in_place=wants_fragment(),
        runs=runs,
        error=error,
        name=runs[0].file_name if name is None else name,
        bytes_kept=sum(run.file_bytes + desk().results.size(run.id) for run in runs),
    )
    response.headers["HX-Retarget"] = "#dialogs"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


CLOSED = '<div id="dialogs" hx-swap-oob="innerHTML"></div>'


def _changed(words: str) -> Response:
    """After a change: the table as it was looked at, the sentence on top, no dialog, and a short message."""
    view, everything = HistoryView.read(request.form), _everything()
    if not (wants_fragment() and everything.predictions):
        flash(words)
        return go(view.url())
    response = _listed(view)
    answer = render_block("history/index.html", "history_answer", everything=everything, in_place=True)
    response.set_data(response.get_data(as_text=True) + answer + CLOSED)
    response.headers["HX-Trigger-After-Swap"] = json.dumps({"toast": {"text": words}})
    return response


# ── Comparing ─────────────────────────────────────────────────────────


@area.get("/compare")
@allow(Permission.READ)
def compare() -> Response | WerkzeugResponse:
    """Two predictions side by side. The list sends the ticked ones as `run`; the address that stays has a and b."""
    ticked = request.args.getlist("run")
    if len(ticked) == 2:
        return go(url_for("history.compare", a=ticked[0], b=ticked[1]))
    first, second = request.args.get("a", ""), request.args.get("b", "")
    if not first or not second:
        raise InvalidInput("Choose exactly two predictions in the history to compare.")
    comparison = desk().compare_runs(RunId(first), RunId(second), by=person())
    return render_page(
        "history/compare.html",
        comparison=comparison,
        a=first,
        b=second,
        drift=drift_bars([(own.attribute, own.psi) for own in comparison.drift]),
        drift_state=shift_state,
    )
