"""Models: the champion and its rivals, one version in full, training a new one."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as WerkzeugResponse

from application.use_cases.submit_training import LabelledCheck
from domain.account import Permission
from domain.economics import ThresholdStrategy
from domain.errors import Conflict, InvalidInput
from domain.model import ModelStage
from domain.run import RunState
from domain.training import TrainingId
from entrypoints.web import formats
from entrypoints.web.access import address, allow, desk, person
from entrypoints.web.forms import show_error
from entrypoints.web.htmx import go, redirected, render_page, wants_fragment
from entrypoints.web.markdown import render_markdown
from entrypoints.web.models import charts, figures
from entrypoints.web.models.forms import ChampionDateForm, ThresholdForm, TrainForm
from entrypoints.web.models.progress import steps_of

area = Blueprint("models", __name__)

REASON_MOST = 500


@area.get("/models")
@allow(Permission.READ)
def index() -> Response:
    view, day = desk().list_models(by=person()), ChampionDateForm(request.args)
    day.validate()
    then = None
    if day.on.data is not None:
        midnight = datetime.combine(day.on.data, time.min, ZoneInfo(formats.policy().time_zone))
        then = desk().champion_at(midnight + timedelta(days=1), by=person())
    return render_page("models/index.html", view=view, figures=figures, asked=None, day=day, then=then)


@area.get("/models/<version>")
@allow(Permission.READ)
def show(version: str) -> Response:
    return _version_page(version)


@area.post("/models/<version>/promote")
@allow(Permission.PROMOTE)
def promote(version: str) -> Response | WerkzeugResponse:
    insist, why = bool(request.form.get("insist")), request.form.get("why", "").strip()[:REASON_MOST]
    if insist and not why:
        return _version_page(version, status=422, problem="Say why: the log keeps your reason with the promotion.")
    try:
        promoted = desk().promote_model(version, by=person(), insist=insist, why=why, address=address())
    except Conflict as refused:
        return _version_page(version, status=409, problem=str(refused))
    flash(f"{promoted.name} is the champion now. New predictions use it; earlier ones keep the model they began with.")
    return redirect(url_for("models.show", version=version), code=303)


@area.post("/models/<version>/threshold")
@allow(Permission.PROMOTE)
def threshold(version: str) -> Response | WerkzeugResponse:
    form = ThresholdForm()
    if not form.validate():
        return _version_page(version, status=422, form=form)
    try:
        changed = desk().change_threshold(
            version, ThresholdStrategy(form.strategy.data), by=person(), target=form.share, address=address()
        )
    except InvalidInput as refused:
        show_error(form, refused)
        return _version_page(version, status=422, form=form)
    flash(
        f"The threshold of {changed.name} is {formats.percent(changed.threshold)} now. New predictions are labelled by "
        "it; earlier ones keep the one they began with."
    )
    return redirect(url_for("models.show", version=version), code=303)


@area.get("/models/<version>/card")
@allow(Permission.READ)
def card(version: str) -> Response:
    """The model card: as a page to print, or as Markdown to keep beside other documents."""
    view = desk().open_model(version, by=person())
    if request.args.get("format") != "md":
        return render_page("models/card.html", view=view, model=view.model, figures=figures)
    response = render_markdown("models/card.md", view=view, model=view.model, figures=figures)
    response.headers["Content-Disposition"] = f'attachment; filename="model-card-{view.model.id}.md"'
    return response


def _version_page(
    version: str, *, status: int = 200, problem: str | None = None, form: ThresholdForm | None = None
) -> Response:
    view = desk().open_model(version, by=person())
    return render_page(
        "models/show.html",
        status=status,
        view=view,
        model=view.model,
        figures=figures,
        charts=charts.charts_of(view.model),
        strategy_words=_strategy_words,
        economics=formats.policy().economics,
        problem=problem,
        threshold_form=form or ThresholdForm(data={"strategy": view.model.threshold_strategy}),
        asked=version if problem and view.model.stage is not ModelStage.CHAMPION else None,
    )


def _strategy_words(strategy: str) -> str:
    """How a threshold was chosen; a strategy of a later release keeps its own name."""
    try:
        return ThresholdStrategy(strategy).words
    except ValueError:
        return strategy.capitalize()


@area.get("/models/new")
@allow(Permission.TRAIN)
def new() -> Response:
    return _train_page(TrainForm(formdata=None))


@area.post("/models/new/check")
@allow(Permission.TRAIN)
def check() -> Response:
    """What a training would take the chosen file for; nothing is stored."""
    form = TrainForm()
    file = _chosen_file()
    if file is None or not form.validate():
        return _train_page(form)
    try:
        found = desk().check_labelled(file.stream, form.request(), by=person())
    except InvalidInput as refused:
        show_error(form, refused)
        return _train_page(form, status=422)
    if found.problem is not None:
        show_error(form, found.problem)
    return _train_page(form, found, file_name=file.filename or "", status=422 if found.problem else 200)


@area.post("/models/new")
@allow(Permission.TRAIN)
def train() -> Response:
    form = TrainForm()
    file = _chosen_file()
    if file is None:
        form.form_errors.append("Choose a customer file first.")
    if not form.validate() or file is None:
        return _train_page(form, status=422)
    try:
        found = desk().check_labelled(file.stream, form.request(), by=person())
        if found.problem is not None and not (found.rows_seen and form.look_further.data):
            show_error(form, found.problem)
            return _train_page(form, found, file_name=file.filename or "", status=422)
        file.stream.seek(0)
        training = desk().submit_training(
            file.stream,
            file.filename or "",
            form.final_request(),
            by=person(),
            promote=bool(form.promote.data),
            address=address(),
        )
    except InvalidInput as refused:
        show_error(form, refused)
        return _train_page(form, status=422)
    return go(url_for("models.training", training_id=training.id))


def _chosen_file() -> FileStorage | None:
    file = request.files.get("file")
    return file if file is not None and file.filename else None


def _train_page(
    form: TrainForm, found: LabelledCheck | None = None, *, file_name: str = "", status: int = 200
) -> Response:
    form.offer(found)
    return render_page(
        "models/new.html",
        fragment="training_options",
        status=status,
        form=form,
        found=found,
        recognised=found.recognised if found else None,
        file_name=file_name,
        limit=formats.policy().upload_limit,
        may_promote=person().can(Permission.PROMOTE),
    )


@area.get("/models/trainings/<training_id>")
@allow(Permission.TRAIN)
def training(training_id: str) -> Response:
    """How far a training has come; once it is done, the version that it made."""
    found = desk().view_training(TrainingId(training_id), by=person())
    if found.state is RunState.DONE and found.version is not None:
        url = url_for("models.show", version=found.version)
        return redirected(url) if wants_fragment() else go(url)
    waited = ((found.finished_at or desk().clock.now()) - (found.started_at or found.created_at)).total_seconds()
    steps, share = steps_of(found)
    return render_page(
        "models/training.html",
        fragment="training_progress",
        training=found,
        seconds=max(0.0, waited),
        steps=steps,
        share=share,
        columns=desk().offer_columns(found.id) if found.state is RunState.FAILED else (),
        place=desk().place_in_queue(found.id) if found.state is RunState.QUEUED else None,
    )


@area.post("/models/trainings/<training_id>/again")
@allow(Permission.TRAIN)
def train_again(training_id: str) -> Response:
    """Train on the kept file again, with the choices of the form where it has some."""
    started = desk().train_again(
        TrainingId(training_id),
        by=person(),
        target=request.form.get("target") or None,
        positive=request.form.get("positive") or None,
        address=address(),
    )
    return go(url_for("models.training", training_id=started.id))


@area.post("/models/trainings/<training_id>/cancel")
@allow(Permission.TRAIN)
def cancel(training_id: str) -> Response:
    desk().cancel_training(TrainingId(training_id), by=person(), address=address())
    return go(url_for("models.training", training_id=training_id))
