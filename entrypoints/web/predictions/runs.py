"""The page of a run in any state, and its actions."""

from __future__ import annotations

from flask import Response, flash, request, url_for

from domain.account import Permission
from domain.errors import InvalidInput
from domain.run import JobState, RunId
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.formats import percent
from entrypoints.web.htmx import go, render_page, wants_fragment
from entrypoints.web.predictions import mapping
from entrypoints.web.predictions.area import area
from entrypoints.web.predictions.result import asked_page, search_page
from entrypoints.web.predictions.run_progress import is_poll, progress_page
from entrypoints.web.undo import flash_deletion


@area.get("/<run_id>")
@allow(Permission.READ)
def show(run_id: str) -> Response:
    view = application().predictions.view_run(RunId(run_id), by=person())
    if view.run.state is JobState.DONE:
        return asked_page(view)
    return progress_page(view, whole=not is_poll())


@area.post("/<run_id>/search")
@allow(Permission.READ)
def search(run_id: str) -> Response:
    """Apply filters and a search. The text is sent in the body because it may be a customer's id."""
    view = application().predictions.view_run(RunId(run_id), by=person())
    return search_page(view) if view.run.state is JobState.DONE else go(url_for("predictions.show", run_id=view.run.id))


@area.post("/<run_id>/cancel")
@allow(Permission.PREDICT)
def cancel(run_id: str) -> Response:
    run = application().predictions.cancel_run(RunId(run_id), by=actor())
    return go(url_for("predictions.show", run_id=run.id))


@area.post("/<run_id>/retry")
@allow(Permission.PREDICT)
def retry(run_id: str) -> Response:
    """Score the stored upload of a failed or cancelled run again, with the answer to its question if it has one."""
    run = application().predictions.score_again(RunId(run_id), by=actor(), answer=request.form.getlist("answer"))
    return go(url_for("predictions.show", run_id=run.id))


@area.post("/<run_id>/match")
@allow(Permission.PREDICT)
def match(run_id: str) -> Response:
    """Score the stored upload again with columns that were only similar, and remember that they are the model's."""
    matches = mapping.chosen_matches(request.form)
    run = application().predictions.score_again(RunId(run_id), by=actor(), matches=matches)
    return go(url_for("predictions.show", run_id=run.id))


@area.post("/<run_id>/threshold")
@allow(Permission.PREDICT)
def threshold(run_id: str) -> Response:
    """Store the slider's threshold with the run."""
    chosen = request.form.get("threshold", type=float)
    if chosen is None:
        raise InvalidInput("A threshold is a number between 0 and 1.", field="threshold")
    run = application().predictions.set_threshold(RunId(run_id), chosen, by=actor())
    flash(f"The threshold of this prediction is now {percent(run.threshold)}.")
    return go(url_for("predictions.show", run_id=run.id))


@area.post("/<run_id>/recommend")
@allow(Permission.PREDICT)
def recommend(run_id: str) -> Response:
    """Choose the recommended actions again, with the playbook of today."""
    application().campaigns.recompute_run(RunId(run_id), by=actor())
    return go(url_for("predictions.show", run_id=run_id))


@area.get("/<run_id>/recommend")
@allow(Permission.READ)
def recommending(run_id: str) -> Response:
    """How far this is: a part of the page, which loads the page again at the end."""
    view = application().predictions.view_run(RunId(run_id), by=person())
    if view.recomputing and wants_fragment():
        return render_page("predictions/_recommend.html", view=view, run=view.run)
    return go(url_for("predictions.show", run_id=run_id))


@area.post("/<run_id>/delete")
@allow(Permission.PREDICT)
def delete(run_id: str) -> Response:
    flash_deletion(application().predictions.delete_with_undo([RunId(run_id)], by=actor()))
    return go(url_for("history.index"))
