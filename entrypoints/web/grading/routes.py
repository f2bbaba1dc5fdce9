"""Gradings: what became of a prediction, grading by a later one, withdrawing, and the list of all."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, flash, request, url_for

from domain.account import Permission
from domain.errors import Conflict, DomainError, InvalidInput
from domain.grading import GradingId
from domain.grading_choice import GradingChoice, GradingDoubtful
from domain.question import Subject
from domain.run import RunId
from domain.snapshot_month import in_words
from entrypoints.web import formats
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.downloads import csv_file, csv_style
from entrypoints.web.errors import status_of
from entrypoints.web.grading import view as pages
from entrypoints.web.htmx import go, render_page

area = Blueprint("grading", __name__)


@area.get("/gradings")
@allow(Permission.READ)
def index() -> Response:
    """All gradings that the person may see, and what the champion's months say."""
    found = application().grading.list_gradings(by=person())
    champion = application().models.find_champion(by=person())
    own = application().formats_of(formats.policy().currency)
    real = None
    if champion is not None:
        real = pages.real_months(champion, application().grading.best_before(champion.id), own)
    return render_page("grading/index.html", found=found, champion=champion, real=real, **pages.months(found, own))


@area.get("/gradings.csv")
@allow(Permission.READ)
def csv() -> Response:
    model = request.args.get("model") or None
    return csv_file(application().grading.export(by=actor(), model_version=model, style=csv_style()), "gradings")


@area.get("/predictions/<run_id>/grading")
@allow(Permission.READ)
def show(run_id: str) -> Response:
    """While a worker grades, the page asks for its progress; then it loads again."""
    if "waiting" in request.args and not application().grading.view(RunId(run_id), by=person()).busy:
        return go(url_for("grading.show", run_id=run_id))
    return _page(run_id, GradingChoice(), request.args.get("by", ""))


@area.post("/predictions/<run_id>/grading")
@allow(Permission.PREDICT)
def grade(run_id: str) -> Response:
    """Grade by the file of a later prediction. In doubt the page asks first."""
    choice, later = GradingChoice(), request.form.get("by", "")
    try:
        choice = _choice()
        application().grading.ask_grading(RunId(run_id), RunId(later), choice, by=actor())
    except GradingDoubtful as error:
        return _page(run_id, choice, later, doubts=error.reasons, status=422)
    except (InvalidInput, Conflict) as error:
        return _page(run_id, choice, later, problem=error, status=422)
    return go(url_for("grading.show", run_id=run_id))


@area.post("/gradings/<grading_id>/withdraw")
@allow(Permission.PREDICT)
def withdraw(grading_id: str) -> Response:
    run = application().grading.withdraw(GradingId(grading_id), by=actor())
    flash(f"The grading of “{run.file_name}” was withdrawn with all its figures.")
    return go(url_for("grading.show", run_id=run.id))


def _choice() -> GradingChoice:
    form = request.form
    return GradingChoice(
        month=form.get("month", "").strip(),
        by_month=form.get("by_month", "").strip(),
        column=form.get("column", "").strip(),
        values=tuple(own.strip() for own in form.get("values", "").split(",") if own.strip()),
        by_absence=bool(form.get("by_absence")),
        accept=bool(form.get("accept")),
    )


def _page(
    run_id: str,
    choice: GradingChoice,
    later: str,
    *,
    doubts: Sequence[str] = (),
    problem: DomainError | None = None,
    status: int = 200,
) -> Response:
    view = application().grading.view(RunId(run_id), by=person(), with_later=True)
    own = application().formats_of(formats.policy().currency)
    asked = problem.question.about if problem is not None and problem.question is not None else None
    return render_page(
        "grading/run.html",
        fragment="grading_progress" if "waiting" in request.args else None,
        status=status if problem is None or isinstance(problem, InvalidInput) else status_of(problem),
        run=view.run,
        choice=choice,
        later=later,
        doubts=doubts,
        problem=str(problem) if problem else view.problem,
        asks_month=asked is Subject.MONTH or view.month is None,
        asks_column=asked is Subject.LEFT,
        in_words=in_words,
        **pages.panel(view, own),
    )
