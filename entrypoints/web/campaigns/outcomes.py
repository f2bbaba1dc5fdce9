"""Pages of a campaign's outcomes: what is known, a later prediction, and a list. Members appear as counts only."""

from __future__ import annotations

from flask import Response, abort, flash, request, url_for

from application.use_cases.campaigns.outcome_list import ListCheck
from application.use_cases.campaigns.view_outcomes import OutcomesView
from domain.account import Permission
from domain.campaign import CampaignId, CampaignState
from domain.campaign_members import Outcome
from domain.errors import Conflict, DomainError, FileRefused, InvalidInput, NotFound, StorageProblem
from domain.file_format import FormatChoice
from domain.outcome_list import RowProblem
from domain.question import Question, Subject
from domain.run import RunId
from domain.task import TaskId
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.campaigns.area import area
from entrypoints.web.campaigns.forms import OutcomeListForm, PredictionForm
from entrypoints.web.campaigns.list_url import ListUrl
from entrypoints.web.campaigns.members import day_of
from entrypoints.web.campaigns.problem_rows import csv_of
from entrypoints.web.campaigns.words import STATES
from entrypoints.web.form_errors import show_error
from entrypoints.web.formats import plural
from entrypoints.web.htmx import go, redirected, render_page, wants_fragment

LISTED = (RowProblem.CONTRADICTING, RowProblem.UNREADABLE, RowProblem.DOUBLED, RowProblem.UNMATCHED)
"""Problems in the order in which the page shows them."""


@area.get("/<campaign_id>/outcomes")
@allow(Permission.READ)
def outcomes(campaign_id: str) -> Response:
    """While a worker is busy, the page asks for its part again; when it is done, for the whole page."""
    view = application().campaign_outcomes.view(CampaignId(campaign_id), by=person())
    if view.campaign.state is CampaignState.DRAFT:
        return go(url_for("campaigns.show", campaign_id=campaign_id))
    if wants_fragment() and not view.busy:
        return redirected(url_for("campaigns.outcomes", campaign_id=campaign_id))
    return _page(view)


def _again(campaign_id: str, error: DomainError, form: PredictionForm | OutcomeListForm) -> Response:
    """The page with the error at its form."""
    view = application().campaign_outcomes.view(CampaignId(campaign_id), by=person())
    return _page(view, form, status=show_error(form, error))


def _page(view: OutcomesView, form: PredictionForm | OutcomeListForm | None = None, *, status: int = 200) -> Response:
    return render_page(
        "campaigns/outcomes.html",
        fragment="looking",
        view=view,
        campaign=view.campaign,
        states=STATES,
        chosen=request.form.get("run") or (view.shown.run.id if view.shown and view.shown.run else ""),
        later=form if isinstance(form, PredictionForm) else PredictionForm(),
        take=form if isinstance(form, OutcomeListForm) else OutcomeListForm(),
        status=status,
    )


@area.post("/<campaign_id>/outcomes/prediction")
@allow(Permission.PREDICT)
def look_into_prediction(campaign_id: str) -> Response:
    """Ask a worker for what a later prediction says."""
    form = PredictionForm()
    try:
        application().campaign_outcomes.later_prediction.check(
            CampaignId(campaign_id), RunId(request.form.get("run", "")), based_on=_based_on(), by=actor()
        )
    except (InvalidInput, Conflict) as error:
        return _again(campaign_id, error, form)
    return go(url_for("campaigns.outcomes", campaign_id=campaign_id))


@area.post("/<campaign_id>/outcomes/prediction/store")
@allow(Permission.PREDICT)
def store_prediction(campaign_id: str) -> Response:
    """Ask a worker to record what was shown, and to close the campaign if that was chosen."""
    form = PredictionForm()
    try:
        application().campaign_outcomes.later_prediction.store(
            CampaignId(campaign_id),
            TaskId(request.form.get("task", "")),
            close=_closes(),
            based_on=_based_on(),
            by=actor(),
        )
    except (InvalidInput, Conflict) as error:
        return _again(campaign_id, error, form)
    return go(url_for("campaigns.outcomes", campaign_id=campaign_id))


@area.post("/<campaign_id>/outcomes/list")
@allow(Permission.PREDICT)
def check_list(campaign_id: str) -> Response:
    """What an uploaded list says. Nothing is stored yet."""
    form, file = OutcomeListForm(), request.files.get("file")
    try:
        if file is None or not file.filename:
            raise FileRefused("Choose a file with ids and outcomes first.")
        check = application().campaign_outcomes.lists.check(
            CampaignId(campaign_id), file.stream, file.filename, by=person()
        )
    except (StorageProblem, NotFound):
        raise
    except DomainError as error:
        return _again(campaign_id, error, form)
    return _check_page(check)


@area.post("/<campaign_id>/outcomes/list/answer")
@allow(Permission.PREDICT)
def answer_list(campaign_id: str) -> Response:
    """Read the list that was uploaded as a person says."""
    form = OutcomeListForm()
    try:
        check = application().campaign_outcomes.lists.answer(
            CampaignId(campaign_id), _sha256(), _file_name(), _choice(), by=person()
        )
    except (InvalidInput, Conflict) as error:
        return _again(campaign_id, error, form)
    return _check_page(check)


def _check_page(check: ListCheck) -> Response:
    return render_page(
        "campaigns/outcome_list.html",
        check=check,
        campaign=check.campaign,
        fields=_fields(check),
        answers=[(choice.words, _answered(check, check.question, choice.value)) for choice in check.question.choices]
        if check.question
        else [],
        problems=LISTED,
    )


def _fields(check: ListCheck, choice: FormatChoice | None = None) -> list[tuple[str, str]]:
    """The hidden fields that name the checked file, and how it is read."""
    read = choice or check.choice
    fields = {
        "sha256": check.sha256,
        "file_name": check.file_name,
        "encoding": read.encoding or "",
        "date_order": read.date_order or "",
        "based_on": str(check.campaign.version),
    }
    return list(fields.items())


def _answered(check: ListCheck, question: Question, value: str) -> list[tuple[str, str]]:
    """The same with an answer to the question."""
    if question.about not in (Subject.ENCODING, Subject.DATE_ORDER):
        raise InvalidInput(question.text, field="file")
    return _fields(check, check.choice.with_answer(question, value))


@area.post("/<campaign_id>/outcomes/list/store")
@allow(Permission.PREDICT)
def store_list(campaign_id: str) -> Response:
    form = OutcomeListForm()
    try:
        stored = application().campaign_outcomes.lists.store(
            CampaignId(campaign_id),
            _sha256(),
            _file_name(),
            _choice(),
            leave_out=request.form.get("leave_out") == "yes",
            close=_closes(),
            based_on=_based_on(),
            by=actor(),
        )
    except (InvalidInput, Conflict) as error:
        return _again(campaign_id, error, form)
    changed = plural(len(stored.changes.outcomes), "outcome")
    closed = " The campaign is closed." if stored.campaign.state is CampaignState.CLOSED else ""
    flash(f"{changed} recorded.{closed}")
    return go(url_for("campaigns.outcomes", campaign_id=campaign_id))


@area.post("/<campaign_id>/outcomes/list/rows.csv")
@allow(Permission.PREDICT)
def problem_rows(campaign_id: str) -> Response:
    """All rows of the checked list that are not simply used."""
    rows = application().campaign_outcomes.lists.problems(CampaignId(campaign_id), _sha256(), _choice(), by=person())
    response = Response(csv_of(rows), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=rows-to-check.csv"
    return response


@area.post("/<campaign_id>/outcomes/list/forget")
@allow(Permission.PREDICT)
def forget_list(campaign_id: str) -> Response:
    """Delete the checked list instead of storing it."""
    application().campaign_outcomes.lists.forget(CampaignId(campaign_id), by=person())
    flash("The file was deleted. Nothing was recorded.")
    return go(url_for("campaigns.outcomes", campaign_id=campaign_id))


@area.post("/<campaign_id>/members/<int:number>/outcome")
@allow(Permission.PREDICT)
def record_outcome(campaign_id: str, number: int) -> Response:
    """Record by hand, on the card of a contacted member, whether the customer stayed."""
    address = ListUrl.read(CampaignId(campaign_id), request.args, person())
    text, version = request.form.get("outcome", ""), request.form.get("version", 0, type=int)
    if text not in set(Outcome):
        application().campaign_lists.view_member(address.campaign_id, number, by=person())
        abort(400)
    try:
        worked = application().campaign_outcomes.record(
            address.campaign_id,
            number,
            Outcome(text),
            on=day_of(request.form.get("left_on", "")),
            version=version,
            by=actor(),
        )
        flash(f"Outcome: {worked.row.member.outcome.value}.")
    except (Conflict, InvalidInput) as error:
        flash(str(error), "error")
    return go(address.to("campaigns.card", number=number))


def _sha256() -> str:
    return request.form.get("sha256", "")


def _file_name() -> str:
    return request.form.get("file_name", "")


def _closes() -> bool:
    return request.form.get("then") == "close"


def _choice() -> FormatChoice:
    try:
        return FormatChoice(
            encoding=request.form.get("encoding") or None, date_order=request.form.get("date_order") or None
        )
    except ValueError:
        abort(400)


def _based_on() -> int:
    """The version that the person saw; 0, which no campaign has, without one."""
    return request.form.get("based_on", 0, type=int)
