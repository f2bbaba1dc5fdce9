"""Pages of a campaign's outcomes: what is known, a later prediction, and a list. Members appear as counts only."""

from __future__ import annotations

from flask import Response, abort, flash, request, url_for

from application.use_cases.campaigns.view_outcomes import OutcomesView
from domain.account import Permission
from domain.campaign import CampaignId, CampaignState
from domain.campaign_members import Outcome
from domain.errors import Conflict, DomainError, FileRefused, InvalidInput, NotFound, StorageProblem
from domain.run import RunId
from domain.task import TaskId
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.campaigns.area import area
from entrypoints.web.campaigns.forms import OutcomeListForm, PredictionForm
from entrypoints.web.campaigns.list_url import ListUrl
from entrypoints.web.campaigns.members import day_of
from entrypoints.web.campaigns.outcome_checks import check_page, reading_of, sent_file
from entrypoints.web.campaigns.problem_rows import csv_of
from entrypoints.web.campaigns.words import STATES
from entrypoints.web.downloads import csv_file, csv_style
from entrypoints.web.form_errors import show_error
from entrypoints.web.formats import plural
from entrypoints.web.htmx import go, redirected, render_page, wants_fragment


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
    """What a file says that somebody sends: a list of outcomes, or all customers. Nothing is recorded yet."""
    form, file = OutcomeListForm(), request.files.get("file")
    try:
        if file is None or not file.filename:
            raise FileRefused("Choose a file first.")
        check = application().campaign_outcomes.files.check(
            CampaignId(campaign_id), file.stream, file.filename, by=person()
        )
    except (StorageProblem, NotFound):
        raise
    except DomainError as error:
        return _again(campaign_id, error, form)
    return check_page(check)


@area.post("/<campaign_id>/outcomes/upload")
@allow(Permission.PREDICT)
def check_upload(campaign_id: str) -> Response:
    """What a stored upload says that was not scored. Nothing is recorded yet."""
    form = OutcomeListForm()
    try:
        check = application().campaign_outcomes.files.check_upload(
            CampaignId(campaign_id), request.form.get("upload", ""), by=person()
        )
    except (InvalidInput, Conflict) as error:
        return _again(campaign_id, error, form)
    return check_page(check)


@area.post("/<campaign_id>/outcomes/list/answer")
@allow(Permission.PREDICT)
def answer_list(campaign_id: str) -> Response:
    """Read the file as a person says."""
    form, sent = OutcomeListForm(), sent_file()
    try:
        check = application().campaign_outcomes.files.answer(
            CampaignId(campaign_id), sent.sha256, sent.name, reading_of(), upload=sent.upload, by=person()
        )
    except (InvalidInput, Conflict) as error:
        return _again(campaign_id, error, form)
    return check_page(check)


@area.post("/<campaign_id>/outcomes/file/store")
@allow(Permission.PREDICT)
def store_file(campaign_id: str) -> Response:
    """Record what a file of customers was shown to say, and close the campaign if that was chosen."""
    try:
        campaign = application().campaign_outcomes.files.store(
            CampaignId(campaign_id),
            sent_file(),
            reading_of(),
            seen=request.form.get("seen", ""),
            close=_closes(),
            based_on=_based_on(),
            by=actor(),
        )
    except (InvalidInput, Conflict) as error:
        return _again(campaign_id, error, OutcomeListForm())
    flash("Outcomes recorded." + (" The campaign is closed." if campaign.state is CampaignState.CLOSED else ""))
    return go(url_for("campaigns.outcomes", campaign_id=campaign_id))


@area.post("/<campaign_id>/outcomes/list/store")
@allow(Permission.PREDICT)
def store_list(campaign_id: str) -> Response:
    form = OutcomeListForm()
    try:
        stored = application().campaign_outcomes.lists.store(
            CampaignId(campaign_id),
            sent_file().sha256,
            sent_file().name,
            reading_of().choice,
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
    rows = application().campaign_outcomes.lists.problems(
        CampaignId(campaign_id), sent_file().sha256, reading_of().choice, by=person()
    )
    return csv_file(csv_of(rows, csv_style()), "rows-to-check")


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


def _closes() -> bool:
    return request.form.get("then") == "close"


def _based_on() -> int:
    """The version that the person saw; 0, which no campaign has, without one."""
    return request.form.get("based_on", 0, type=int)
