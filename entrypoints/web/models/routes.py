"""Models: the list of versions, one version, promotion, thresholds and training."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, redirect, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as WerkzeugResponse

from application.use_cases.files.remembered import ListedMatch
from application.use_cases.models.submit_training import LabelledCheck
from domain.account import Permission
from domain.curve_demand import Direction
from domain.economics import ThresholdStrategy
from domain.errors import Conflict, FileRefused, InvalidInput, NotFound
from domain.model import ModelStage, ModelVersion
from domain.remembered_matches import MatchId, unit_words
from domain.run import JobState
from domain.training import TrainingId, TrainingRequest
from entrypoints.web import formats
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.charts.attribute_curves import curve_chart, curve_named
from entrypoints.web.charts.quality import charts_of
from entrypoints.web.file_formats import chosen_directions, chosen_format, format_fields, when_known
from entrypoints.web.form_errors import show_error
from entrypoints.web.grading.view import RealMonths, real_months
from entrypoints.web.htmx import go, redirected, render_page, wants_fragment
from entrypoints.web.markdown import render_markdown
from entrypoints.web.models import figures
from entrypoints.web.models.forms import ChampionDateForm, ThresholdForm, TrainForm
from entrypoints.web.models.training_progress import steps_of
from entrypoints.web.sent_file import SentFile, forget_kept, keep_for_answer, sent_file

area = Blueprint("models", __name__)

MAX_REASON_LENGTH = 500


@area.get("/models")
@allow(Permission.READ)
def index() -> Response:
    view, day = application().models.list_models(by=person()), ChampionDateForm(request.args)
    day.validate()
    then = None
    if day.on.data is not None:
        midnight = datetime.combine(day.on.data, time.min, ZoneInfo(formats.policy().time_zone))
        then = application().models.champion_at(midnight + timedelta(days=1), by=person())
    return render_page("models/index.html", view=view, figures=figures, asked=None, day=day, then=then)


@area.get("/models/matches")
@allow(Permission.READ)
def matches() -> Response:
    """The matches of columns that people confirmed."""
    return _matches(application().models.list_remembered_matches(by=person()))


def _matches(found: Sequence[ListedMatch], asked: ListedMatch | None = None) -> Response:
    return render_page("models/matches.html", found=found, unit_words=unit_words, asked=asked)


@area.route("/models/matches/<match_id>/remove", methods=["GET", "POST"])
@allow(Permission.PREDICT)
def remove_match(match_id: str) -> Response | WerkzeugResponse:
    """Ask, then forget the match."""
    if request.method == "GET":
        listed = application().models.list_remembered_matches(by=person())
        own = next((one for one in listed if one.match.id == match_id), None)
        if own is None:
            raise NotFound("This match is not remembered any more.")
        person().must_be_able_to_remove_match(own.match.by)
        return _matches(listed, asked=own)
    match = application().models.remove_remembered_match(MatchId(match_id), by=actor())
    flash(f"“{match.header}” is asked about again in the next file. Earlier predictions are unchanged.")
    return redirect(url_for("models.matches"), code=303)


@area.get("/models/<version>")
@allow(Permission.READ)
def show(version: str) -> Response:
    return _version_page(version)


@area.post("/models/<version>/promote")
@allow(Permission.PROMOTE)
def promote(version: str) -> Response | WerkzeugResponse:
    force, reason = bool(request.form.get("force")), request.form.get("reason", "").strip()[:MAX_REASON_LENGTH]
    if force and not reason:
        return _version_page(version, status=422, problem="Enter a reason; it is stored in the log with the promotion.")
    try:
        promoted = application().models.promote_model(version, by=actor(), force=force, reason=reason)
    except Conflict as refused:
        return _version_page(version, status=409, problem=str(refused))
    flash(f"{promoted.name} is now the champion. New predictions use it; earlier ones keep their model.")
    return redirect(url_for("models.show", version=version), code=303)


@area.post("/models/<version>/threshold")
@allow(Permission.PROMOTE)
def threshold(version: str) -> Response | WerkzeugResponse:
    form = ThresholdForm()
    if not form.validate():
        return _version_page(version, status=422, form=form)
    try:
        changed = application().models.change_threshold(
            version, ThresholdStrategy(form.strategy.data), by=actor(), target=form.share
        )
    except InvalidInput as refused:
        show_error(form, refused)
        return _version_page(version, status=422, form=form)
    flash(
        f"The threshold of {changed.name} is {formats.percent(changed.threshold)} now. New predictions use it; "
        "earlier ones keep their threshold."
    )
    return redirect(url_for("models.show", version=version), code=303)


@area.get("/models/<version>/card")
@allow(Permission.READ)
def card(version: str) -> Response:
    """The model card as a page to print, or as Markdown."""
    view = application().models.open_model(version, by=person())
    if request.args.get("format") != "md":
        return render_page("models/card.html", view=view, model=view.model, figures=figures)
    response = render_markdown("models/card.md", view=view, model=view.model, figures=figures)
    response.headers["Content-Disposition"] = f'attachment; filename="model-card-{view.model.id}.md"'
    return response


def _version_page(
    version: str, *, status: int = 200, problem: str | None = None, form: ThresholdForm | None = None
) -> Response:
    view = application().models.open_model(version, by=person())
    curves = application().models.read_curves(view.model, by=person())
    curve = curve_named(curves, request.args.get("attribute"))
    return render_page(
        "models/show.html",
        fragment="attribute_curve" if curve and "attribute" in request.args else None,
        status=status,
        view=view,
        model=view.model,
        figures=figures,
        model_charts=charts_of(view.model),
        curves=curves,
        curve=curve,
        curve_chart=curve_chart(curve, view.model.schema) if curve else None,
        economics=formats.policy().economics,
        real=_real_months(view.model),
        problem=problem,
        threshold_form=form or ThresholdForm(data={"strategy": view.model.threshold_strategy}),
        asked=version if problem and view.model.stage is not ModelStage.CHAMPION else None,
    )


def _real_months(model: ModelVersion) -> RealMonths:
    written = application().formats_of(formats.policy().currency)
    return real_months(model, application().grading.best_before(model.id), written)


@area.get("/models/new")
@allow(Permission.TRAIN)
def new() -> Response:
    return _train_page(TrainForm(formdata=None))


@area.post("/models/new/check")
@allow(Permission.TRAIN)
def check() -> Response:
    """Show what would be detected in the chosen file. Nothing is stored."""
    form = TrainForm()
    file = _chosen_file()
    if file is None or not form.validate():
        return _train_page(form)
    try:
        training_request = _request_of(form)
        file_check = application().models.check_labelled(file.stream, training_request, by=person())
    except InvalidInput as refused:
        show_error(form, refused)
        return _train_page(form, status=422, refused=refused)
    if file_check.problem is not None:
        show_error(form, file_check.problem)
    return _train_page(form, file_check, file_name=file.filename or "", status=422 if file_check.problem else 200)


@area.post("/models/new")
@allow(Permission.TRAIN)
def train() -> Response:
    form = TrainForm()
    try:
        file = sent_file()
    except Conflict as gone:
        form.form_errors.append(str(gone))
        return _train_page(form, status=422)
    if not form.validate() or file is None:
        if file is None:
            form.form_errors.append("Choose a customer file first.")
        return _train_page(form, status=422, sent=file)
    try:
        training_request = _request_of(form)
        file_check = application().models.check_labelled(file.stream, training_request, by=person())
        if file_check.problem is not None and not (file_check.rows_seen and form.look_further.data):
            show_error(form, file_check.problem)
            return _train_page(form, file_check, file_name=file.name, status=422, sent=file)
        file.stream.seek(0)
        training = application().models.submit_training(
            file.stream,
            file.name,
            form.final_request(training_request),
            by=actor(),
            promote=bool(form.promote.data),
        )
    except InvalidInput as refused:
        show_error(form, refused)
        return _train_page(form, status=422, refused=refused, sent=file)
    forget_kept(file)
    return go(url_for("models.training", training_id=training.id))


def _request_of(form: TrainForm) -> TrainingRequest:
    """What the form asks for. Raises InvalidInput for a choice that is not offered."""
    asked = form.request(chosen_format(request.form), when_known(request.form), chosen_directions(request.form))
    form.type_demands(asked.demands)
    return asked


def _chosen_file() -> FileStorage | None:
    file = request.files.get("file")
    return file if file is not None and file.filename else None


def _train_page(
    form: TrainForm,
    file_check: LabelledCheck | None = None,
    *,
    file_name: str = "",
    status: int = 200,
    refused: InvalidInput | None = None,
    sent: SentFile | None = None,
) -> Response:
    form.offer(file_check)
    missing = application().models.missing_algorithms()
    form.mark_missing(missing)
    problem = refused or (file_check.problem if file_check else None)
    question = problem.question if problem else None
    waits = not isinstance(refused, FileRefused)
    return render_page(
        "models/new.html",
        **keep_for_answer(sent if waits else None),
        fragment="training_options",
        status=status,
        form=form,
        file_check=file_check,
        recognised=file_check.recognised if file_check else None,
        directions=Direction,
        file_name=file_name,
        limit=formats.policy().upload_limit,
        **format_fields(request.form, file_check.preview.format if file_check else None, question),
        may_promote=person().can(Permission.PROMOTE),
        missing=" ".join(missing.values()),
    )


@area.get("/models/trainings/<training_id>")
@allow(Permission.TRAIN)
def training(training_id: str) -> Response:
    """The progress of a training; redirects to the new version when it is done."""
    record = application().models.view_training(TrainingId(training_id), by=person())
    if record.state is JobState.DONE and record.version is not None:
        url = url_for("models.show", version=record.version)
        return redirected(url) if wants_fragment() else go(url)
    waited = ((record.finished_at or application().now()) - (record.started_at or record.created_at)).total_seconds()
    steps, share = steps_of(record)
    return render_page(
        "models/training.html",
        fragment="training_progress",
        training=record,
        seconds=max(0.0, waited),
        steps=steps,
        share=share,
        columns=application().models.offer_columns(record.id) if record.state is JobState.FAILED else (),
        place=application().jobs.place_in_queue(record.id) if record.state is JobState.QUEUED else None,
    )


@area.post("/models/trainings/<training_id>/again")
@allow(Permission.TRAIN)
def train_again(training_id: str) -> Response:
    """Train on the stored file again, with the answer to the training's question or with another target."""
    started = application().models.train_again(
        TrainingId(training_id),
        by=actor(),
        target=request.form.get("target") or None,
        answer=request.form.getlist("answer"),
    )
    return go(url_for("models.training", training_id=started.id))


@area.post("/models/trainings/<training_id>/cancel")
@allow(Permission.TRAIN)
def cancel(training_id: str) -> Response:
    application().models.cancel_training(TrainingId(training_id), by=actor())
    return go(url_for("models.training", training_id=training_id))
