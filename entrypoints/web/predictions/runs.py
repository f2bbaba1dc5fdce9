"""A run in any state: its page, and what can be done with it."""

from __future__ import annotations

from flask import Response, flash, request, url_for

from domain.account import Permission
from domain.errors import InvalidInput, NotFound
from domain.run import RunId, RunState
from entrypoints.web import access
from entrypoints.web.access import allow, desk, person
from entrypoints.web.htmx import go
from entrypoints.web.predictions.area import area
from entrypoints.web.predictions.progress import is_poll, progress_page
from entrypoints.web.predictions.result import asked_page, search_page


@area.get("/<run_id>")
@allow(Permission.READ)
def show(run_id: str) -> Response:
    view = desk().view_run(RunId(run_id), by=person())
    if view.run.state is RunState.DONE:
        return asked_page(view)
    return progress_page(view, whole=not is_poll())


@area.post("/<run_id>/search")
@allow(Permission.READ)
def search(run_id: str) -> Response:
    """Filters and the search field. Their text is sent in the body: it may be a customer's id."""
    view = desk().view_run(RunId(run_id), by=person())
    return search_page(view) if view.run.state is RunState.DONE else go(url_for("predictions.show", run_id=view.run.id))


@area.post("/<run_id>/cancel")
@allow(Permission.PREDICT)
def cancel(run_id: str) -> Response:
    run = desk().cancel_run(RunId(run_id), by=person(), address=access.address())
    return go(url_for("predictions.show", run_id=run.id))


@area.post("/<run_id>/retry")
@allow(Permission.PREDICT)
def retry(run_id: str) -> Response:
    """Score the kept upload of a failed or cancelled run again."""
    view = desk().view_run(RunId(run_id), by=person())
    if not view.run.state.ended:
        raise InvalidInput("This prediction is still under way.")
    path = desk().uploads.path(view.run.id)
    if not path.exists():
        raise NotFound("The uploaded file is no longer kept. Upload it again.")
    with path.open("rb") as stream:
        run = desk().submit_scoring(
            stream,
            view.run.file_name,
            by=person(),
            chosen=dict(view.run.matches),
            written=view.run.written,
            address=access.address(),
        )
    return go(url_for("predictions.show", run_id=run.id))


@area.post("/<run_id>/threshold")
@allow(Permission.PREDICT)
def threshold(run_id: str) -> Response:
    """Store the threshold of the slider with the run."""
    chosen = request.form.get("threshold", type=float)
    if chosen is None:
        raise InvalidInput("A threshold is a number between 0 and 1.", field="threshold")
    run = desk().set_threshold(RunId(run_id), chosen, by=person(), address=access.address())
    flash(f"The threshold of this prediction is now {run.threshold:.1%}.")
    return go(url_for("predictions.show", run_id=run.id))


@area.post("/<run_id>/delete")
@allow(Permission.PREDICT)
def delete(run_id: str) -> Response:
    deleted = desk().delete_runs([RunId(run_id)], by=person(), address=access.address())
    flash(f"“{deleted[0].file_name}” is deleted, with its results and its upload.")
    return go(url_for("history.index"))
