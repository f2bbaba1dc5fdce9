"""The history of predictions: find, compare, rename, share and delete them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from jinja2_fragments.flask import render_block
from werkzeug.wrappers import Response as WerkzeugResponse

from application.queries import RunQuery
from domain.account import Permission
from domain.errors import InvalidInput, NotFound
from domain.file_names import stem_of
from domain.formats import NO_CURRENCY
from domain.run import Run, RunId
from domain.shift import moved_words
from entrypoints.web import formats
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.charts.drift import drift_bars
from entrypoints.web.downloads import csv_file, csv_style
from entrypoints.web.formats import plural
from entrypoints.web.history.view import PERIODS, SIZES, STATES, HistoryView
from entrypoints.web.htmx import go, render_page, wants_fragment
from entrypoints.web.risk_split import shown_base
from entrypoints.web.undo import flash_deletion, toast_of

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
    """The page, or only its table for htmx. A page number past the end shows the last page."""
    listed = application().predictions.open_history(view.query(application().now()), by=person())
    last_page = max(1, -(-listed.page.total // view.size))
    if view.page > last_page:
        return _listed(replace(view, page=last_page))
    return render_page(
        "history/index.html",
        fragment="run_table",
        view=view,
        listed=listed,
        everything=None if wants_fragment() else _everything(),
        last_page=last_page,
        models=listed.models,
        bytes_kept=listed.bytes_kept,
        states=STATES,
        periods=PERIODS,
        sizes=SIZES,
        in_place=False,
    )


@dataclass(frozen=True, slots=True)
class Everything:
    """Totals over all runs that the user may see. `since` is a month such as "May 2026", "" if there are no runs."""

    predictions: int
    customers: int
    since: str


def _everything() -> Everything:
    page = application().predictions.list_runs(RunQuery(sort="created", descending=False, limit=1), by=person()).page
    since = f"{formats.local(page.runs[0].created_at):%B %Y}" if page.runs else ""
    return Everything(page.total, page.customers, since)


@area.get("/<run_id>/row")
@allow(Permission.READ)
def row(run_id: str) -> Response:
    """One row, which htmx polls while its run is in progress. A deleted or inaccessible run's row is removed."""
    try:
        run = application().predictions.view_run(RunId(run_id), by=person())
    except NotFound:
        return Response("", 404, {"HX-Retarget": "this"})
    owners = {run.run.owner: run.owner_name}
    return render_page("history/_row.html", run=run.run, owners=owners)


# ── Changing one ──────────────────────────────────────────────────────


@area.get("/<run_id>/rename")
@allow(Permission.PREDICT)
def ask_name(run_id: str) -> Response:
    return _dialog("rename_dialog", [RunId(run_id)])


@area.post("/<run_id>/rename")
@allow(Permission.PREDICT)
def rename(run_id: str) -> Response:
    name = request.form.get("name", "")
    try:
        run = application().predictions.rename_run(RunId(run_id), name, by=actor())
    except InvalidInput as error:
        return _dialog("rename_dialog", [RunId(run_id)], error=str(error), name=name)
    return _changed(f"Renamed to “{run.file_name}”.")


@area.post("/<run_id>/share")
@allow(Permission.PREDICT)
def share(run_id: str) -> Response:
    """Share a prediction with the team, or make it private again."""
    shared = request.form.get("shared") == "yes"
    run = application().predictions.share_run(RunId(run_id), shared=shared, by=actor())
    words = "is shared with the team" if shared else "is private again"
    return _changed(f"“{run.file_name}” {words}.")


# ── Deleting ──────────────────────────────────────────────────────────


@area.get("/delete")
@allow(Permission.PREDICT)
def ask_delete() -> Response:
    return _dialog("delete_dialog", _chosen())


@area.post("/delete")
@allow(Permission.PREDICT)
def delete() -> Response:
    deletion = application().predictions.delete_with_undo(_chosen(), by=actor())
    answer = _changed_in_place(toast_of(deletion))
    if answer is None:
        flash_deletion(deletion)
        return go(HistoryView.read(request.form).url())
    return answer


@area.post("/undo")
@allow(Permission.PREDICT)
def undo() -> Response:
    """Restore the predictions that were deleted together."""
    runs = application().predictions.undo_deletion(request.form.get("batch", ""), by=actor())
    flash(f"“{runs[0].file_name}” is back." if len(runs) == 1 else f"{plural(len(runs), 'prediction')} are back.")
    return go(url_for("history.index"))


def _chosen() -> list[RunId]:
    """The ids of the ticked runs without duplicates."""
    chosen = list(dict.fromkeys(request.values.getlist("run")))
    if not chosen:
        raise InvalidInput("Tick at least one prediction first.")
    return [RunId(run_id) for run_id in chosen[:1000]]


def _dialog(block: str, run_ids: list[RunId], *, error: str = "", name: str | None = None) -> Response:
    """A confirmation about runs: a dialog for htmx, otherwise a separate page."""
    changeable = application().predictions.view_changeable_runs(run_ids, by=person())
    response = render_page(
        "history/dialogs.html",
        fragment=block,
        status=422 if error else 200,
        asks=block,
        question=_question(block, changeable.runs),
        in_place=wants_fragment(),
        runs=changeable.runs,
        error=error,
        name=changeable.runs[0].file_name if name is None else name,
        bytes_kept=changeable.bytes_kept,
    )
    response.headers["HX-Retarget"] = "#dialogs"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def _question(block: str, runs: Sequence[Run]) -> str:
    if block == "rename_dialog":
        return f"Rename “{runs[0].file_name}”"
    return f"Delete “{runs[0].file_name}”?" if len(runs) == 1 else f"Delete {plural(len(runs), 'prediction')}?"


CLOSED = '<div id="dialogs" hx-swap-oob="innerHTML"></div>'


def _changed(words: str) -> Response:
    """The response after a change: the same view of the table, the summary above it, no dialog, and a message."""
    answer = _changed_in_place({"text": words})
    if answer is None:
        flash(words)
        return go(HistoryView.read(request.form).url())
    return answer


def _changed_in_place(message: dict[str, Any]) -> Response | None:
    """The same for htmx; None without it, and where no prediction is left, so that the page shows the message."""
    view, everything = HistoryView.read(request.form), _everything()
    if not (wants_fragment() and everything.predictions):
        return None
    response = _listed(view)
    answer = render_block("history/index.html", "history_answer", everything=everything, in_place=True)
    response.set_data(response.get_data(as_text=True) + answer + CLOSED)
    response.headers["HX-Trigger-After-Swap"] = json.dumps({"toast": message})
    return response


# ── Comparing ─────────────────────────────────────────────────────────


@area.get("/compare")
@allow(Permission.READ)
def compare() -> Response | WerkzeugResponse:
    """Compare two predictions. The list sends the ticked ones as `run`; this redirects to a URL with a and b."""
    ticked = request.args.getlist("run")
    if len(ticked) == 2:
        return go(url_for("history.compare", a=ticked[0], b=ticked[1]))
    first, second = request.args.get("a", ""), request.args.get("b", "")
    if not first or not second:
        raise InvalidInput("Choose exactly two predictions in the history to compare.")
    comparison = application().predictions.compare_runs(RunId(first), RunId(second), by=person())
    change = application().predictions.explain_base_change(RunId(first), RunId(second), by=person())
    return render_page(
        "history/compare.html",
        comparison=comparison,
        change=change,
        changed=shown_base(change, application().formats_of(comparison.policy.currency)),
        a=first,
        b=second,
        drift_moved=moved_words([own.state for own in comparison.drift], application().formats_of(NO_CURRENCY)),
        drift=drift_bars([(own.attribute, own.psi, own.state) for own in comparison.drift]),
    )


@area.get("/compare/why.csv")
@allow(Permission.READ)
def why_csv() -> Response:
    """The split of the change of the mean risk between runs a and b."""
    first, second = RunId(request.args.get("a", "")), RunId(request.args.get("b", ""))
    later, pieces = application().predictions.export_base_change(first, second, by=person(), style=csv_style())
    return csv_file(pieces, "why-changed", stem_of(later.file_name))
