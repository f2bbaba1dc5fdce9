"""Make labels: files without a column of who left are chosen, looked at, and become a training file or a model."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, flash, request, url_for

from application.use_cases.labels.labelling import LabellingView
from domain.account import Permission
from domain.csv_text import restyled_file
from domain.errors import Conflict, DomainError, InvalidInput, NotFound, StorageProblem
from domain.label_choice import LabelChoice
from domain.label_columns import LABEL
from domain.label_rule import DAYS, HORIZONS, LabelSource
from domain.labelling import LabelStep
from domain.model import Algorithm, Effort
from domain.presence import Fate, Returning
from entrypoints.web import formats
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.charts.leavers import leavers_by_inactivity, leavers_by_month
from entrypoints.web.downloads import CSV, csv_style
from entrypoints.web.errors import status_of
from entrypoints.web.htmx import go, render_page
from entrypoints.web.labels.again import add_routes
from entrypoints.web.labels.progress import next_page
from entrypoints.web.predictions.attachments import attachment

area = Blueprint("labels", __name__)
add_routes(area)

RETURNING = {
    Returning.LEFT: "count as left",
    Returning.STAYED: "count as stayed",
    Returning.OUT: "are left out",
}
MAX_BUTTONS = 6
"""Answers up to which each has a button."""
SOURCES = {
    "": "Detect it",
    LabelSource.MONTHS: "Missing in a later file",
    LabelSource.STATUS: "A status column",
    LabelSource.INACTIVE: "A date of last activity",
    LabelSource.ENDED: "An end date",
}


@area.get("/models/labels")
@allow(Permission.TRAIN)
def index() -> Response:
    """The address holds horizon and treatment, which need no other look at the files.

    While a worker is busy, the page asks for its part again; once the worker has started a training, it leads there.
    """
    view = application().labels.labelling.view(by=person())
    if "waiting" in request.args and not view.busy:
        return go(next_page(view))
    return _page(view)


def _page(view: LabellingView, *, problem: str = "", status: int = 200) -> Response:
    check = view.finding.check
    if check is not None:
        check = check.at(_horizon(), _returning())
    written = view.has_file and check is not None and check.rule == (view.finding.check or check).rule
    return render_page(
        "labels/index.html",
        fragment="labelling",
        status=status,
        view=view,
        order=view.order,
        finding=view.finding,
        check=check,
        written=written,
        as_list=_answers(view) > MAX_BUTTONS,
        problem=problem or view.finding.problem or (view.task.error if view.task else "") or "",
        returning=RETURNING,
        sources=SOURCES,
        fates=Fate,
        horizons=HORIZONS,
        offered_days=DAYS,
        label_name=LABEL,
        algorithms=Algorithm,
        efforts=Effort,
        missing=application().models.missing_algorithms(),
        by_month=leavers_by_month(check) if check else None,
        by_days=leavers_by_inactivity(check) if check else None,
        limit=formats.policy().upload_limit,
    )


def _answers(view: LabellingView) -> int:
    """How many answers the question has that has to be answered first."""
    return len(view.finding.question.choices) if view.finding.question else 0


def _again(error: DomainError) -> Response:
    view = application().labels.labelling.view(by=person())
    status = 422 if isinstance(error, InvalidInput) else status_of(error)
    return _page(view, problem=str(error), status=status)


@area.post("/models/labels/files")
@allow(Permission.TRAIN)
def add_files() -> Response:
    """Receive files and look at them."""
    files = [(file.stream, file.filename) for file in request.files.getlist("file") if file.filename]
    try:
        if not files:
            raise InvalidInput("Choose at least one file first.", field="file")
        application().labels.labelling.add_files([(s, str(name)) for s, name in files], by=actor())
    except StorageProblem:
        raise
    except (InvalidInput, Conflict) as error:
        return _again(error)
    return go(url_for("labels.index"))


@area.post("/models/labels/uploads")
@allow(Permission.TRAIN)
def add_uploads() -> Response:
    try:
        application().labels.labelling.add_uploads(request.form.getlist("upload"), by=actor())
    except (InvalidInput, Conflict, NotFound) as error:
        return _again(error)
    return go(url_for("labels.index"))


@area.post("/models/labels/remove")
@allow(Permission.TRAIN)
def remove() -> Response:
    try:
        application().labels.labelling.remove(request.form.get("upload", ""), by=actor())
    except (InvalidInput, Conflict) as error:
        return _again(error)
    return go(url_for("labels.index"))


@area.post("/models/labels/answer")
@allow(Permission.TRAIN)
def answer() -> Response:
    try:
        application().labels.labelling.answer(request.form.getlist("answer"), by=actor())
    except (InvalidInput, Conflict) as error:
        return _again(error)
    return go(url_for("labels.index"))


@area.post("/models/labels/choose")
@allow(Permission.TRAIN)
def choose() -> Response:
    """Look at the files again, with another choice of what counts as having left."""
    try:
        application().labels.labelling.choose(_other_choice(), by=actor())
    except (InvalidInput, Conflict) as error:
        return _again(error)
    return go(url_for("labels.index"))


@area.post("/models/labels/make")
@allow(Permission.TRAIN)
def make() -> Response:
    """Write the training file, or train on it."""
    form = request.form
    try:
        view = application().labels.labelling.view(by=person())
        step = LabelStep.TRAIN if form.get("then") == "train" else LabelStep.FILE
        application().labels.labelling.make(
            step,
            _with(view.order.choice),
            accept=form.get("accept") == "yes",
            by=actor(),
            algorithm=Algorithm(form.get("algorithm", Algorithm.XGBOOST)),
            effort=Effort(form.get("effort", Effort.NORMAL)),
        )
    except ValueError:
        return _again(InvalidInput("Choose from the lists."))
    except (InvalidInput, Conflict) as error:
        return _again(error)
    return go(next_page(application().labels.labelling.view(by=person())))


@area.post("/models/labels/stop")
@allow(Permission.TRAIN)
def stop() -> Response:
    application().labels.labelling.stop(by=actor())
    return go(url_for("labels.index"))


@area.post("/models/labels/start-over")
@allow(Permission.TRAIN)
def start_over() -> Response:
    try:
        application().labels.labelling.start_over(by=actor())
    except Conflict as error:
        return _again(error)
    flash("The files were deleted. Earlier uploads are unchanged.")
    return go(url_for("labels.index"))


@area.get("/models/labels/file.csv")
@allow(Permission.TRAIN)
def file() -> Response:
    path, name = application().labels.labelling.training_file(by=actor())
    response = Response(restyled_file(path, csv_style()), content_type=CSV)
    response.headers["Content-Disposition"] = attachment(name)
    return response


def _horizon() -> int:
    """Months, 0 where the request does not say it."""
    return request.values.get("horizon", 0, type=int)


def _returning() -> Returning:
    text = request.values.get("returning", "")
    return Returning(text) if text in set(Returning) else Returning.LEFT


def _with(choice: LabelChoice) -> LabelChoice:
    """The choice with the horizon and the treatment of the request."""
    return LabelChoice(
        choice.source,
        _horizon() if _horizon() in HORIZONS else choice.horizon,
        _returning(),
        choice.column,
        choice.values,
        choice.seen,
        choice.days,
        choice.as_of,
    )


def _other_choice() -> LabelChoice:
    form = request.form
    source = form.get("source", "")
    days = form.get("days", type=int)
    as_of = form.get("as_of", "").strip()
    if source and source not in set(LabelSource):
        raise InvalidInput("Choose from the list what says who left.")
    if as_of:
        try:
            date.fromisoformat(as_of)
        except ValueError as error:
            raise InvalidInput("Enter the day as 2026-11-30.") from error
    column = form.get("column", "").strip()
    needs_column = source in (LabelSource.STATUS, LabelSource.ENDED, LabelSource.INACTIVE)
    return LabelChoice(
        LabelSource(source) if source else None,
        column=(column or None) if needs_column else None,
        days=days or None,
        as_of=as_of,
    )
