"""Pages of campaigns: the list, a new one with its plan, and moving one from stage to stage."""

from __future__ import annotations

from flask import Response, abort, flash, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from application.use_cases.campaigns.membership import NoListYet
from application.use_cases.campaigns.read_campaigns import CampaignView, NewCampaignView
from domain.account import Permission
from domain.campaign import CampaignId, CampaignState
from domain.campaign_words import gap_sentence, groups_sentence, power_sentence, worth_sentences
from domain.campaign_work import progress_of
from domain.customer_query import CustomerQuery
from domain.errors import Conflict, DomainError, InvalidInput
from domain.prediction import band_of
from domain.run import Run, RunId
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.campaigns.area import area
from entrypoints.web.campaigns.forms import CampaignForm, new_form, shown
from entrypoints.web.campaigns.members import list_page
from entrypoints.web.campaigns.words import STATES, channel_words, selection_words
from entrypoints.web.charts.effects import forest_of_campaigns
from entrypoints.web.form_errors import renew, show_error
from entrypoints.web.formats import policy
from entrypoints.web.htmx import go, redirected, render_page, wants_fragment
from entrypoints.web.predictions.result_url import query_from
from entrypoints.web.predictions.searching import text_searched

SHOWN_AT_ONCE = 25
"""Customers of a draft that its page shows before one asks for more."""
CHANGED = "The limits in the form are not those of the plan. Press “Work it out again” first, then start."


@area.get("")
@allow(Permission.READ)
def index() -> Response:
    rows = application().campaigns.list_campaigns(by=person())
    closed = [
        (row.campaign, url_for("campaigns.effect", campaign_id=row.campaign.id)) for row in rows if row.campaign.effect
    ]
    forest = forest_of_campaigns(closed, application().formats_of(policy().currency)) if closed else None
    return render_page("campaigns/index.html", rows=rows, states=STATES, forest=forest)


@area.route("/new", methods=["GET", "POST"])
@allow(Permission.PREDICT)
def new() -> Response | WerkzeugResponse:
    """The query parameters are those of a result page, and `run`; they stay in the address of the form."""
    view = application().campaigns.view_new_campaign(_run_id(), by=person())
    if view.run is None:
        return render_page("campaigns/new.html", fragment="new_campaign", view=view, form=None, query=None, chosen=())
    query = _query(view.run)
    form = CampaignForm(data=new_form(view.playbook, _default_name(view.run)))
    if not form.is_submitted():
        return _new(view, form, query)
    if not form.validate():
        return _new(view, form, query, 422)
    try:
        campaign = application().campaigns.draft_campaign(
            view.run.id, form.request(query), name=form.name.data or "", by=actor()
        )
    except InvalidInput as error:
        return _new(view, form, query, show_error(form, error))
    return go(url_for("campaigns.show", campaign_id=campaign.id))


@area.get("/groups")
@allow(Permission.PREDICT)
def groups() -> Response:
    """How many of so many members are contacted and left alone, while the form is being filled in."""
    form = CampaignForm(request.args, meta={"csrf": False})
    return render_page("campaigns/_groups.html", groups=groups_of(form))


def groups_of(form: CampaignForm) -> str:
    """The groups as far as the form says them."""
    if not form.has_groups:
        return ""
    return groups_sentence(form.customers.data, form.control_share, application().formats_of(policy().currency))


def _run_id() -> RunId | None:
    run = request.args.get("run", "")
    return RunId(run) if run else None


def _query(run: Run) -> CustomerQuery:
    return query_from(
        request.args, threshold=run.threshold, default_sort="risk", search=text_searched(request.args), limit=0
    )


def _default_name(run: Run) -> str:
    return f"Campaign for {run.file_name}"[:100]


def _new(view: NewCampaignView, form: CampaignForm, query: CustomerQuery, status: int = 200) -> Response:
    form.label_channels()
    return render_page(
        "campaigns/new.html",
        fragment="new_campaign",
        view=view,
        form=form,
        groups=groups_of(form),
        query=query,
        chosen=selection_words(query, view.playbook),
        status=status,
    )


@area.get("/<campaign_id>")
@allow(Permission.READ)
def show(campaign_id: str) -> Response:
    """The list that is worked, or the plan of a draft.

    While a worker plans, the page asks for its part again; then for the whole page, whose forms name the new version.
    """
    try:
        return list_page(CampaignId(campaign_id))
    except NoListYet:
        view = application().campaigns.open_campaign(CampaignId(campaign_id), by=person())
    if wants_fragment() and not view.busy:
        return redirected(url_for("campaigns.show", campaign_id=campaign_id))
    return draft_page(view)


def draft_page(view: CampaignView, form: CampaignForm | None = None, status: int = 200) -> Response:
    """A campaign that is being planned: its form, and what the plan chooses."""
    campaign = view.campaign
    playbook = application().campaigns.view_new_campaign(None, by=person()).playbook
    form = form or CampaignForm(formdata=None, data=shown(campaign.request, playbook, campaign.name, campaign.version))
    form.label_channels()
    formats = application().formats_of(view.policy.currency)
    plan = campaign.plan
    contacts = () if view.busy else application().campaigns.draft_contacts(view)
    return render_page(
        "campaigns/draft.html",
        fragment="plan",
        view=view,
        campaign=campaign,
        plan=plan,
        form=form,
        groups=groups_of(form),
        chosen=selection_words(campaign.request.query, playbook),
        contacts=contacts[:SHOWN_AT_ONCE],
        more=contacts[SHOWN_AT_ONCE:],
        band=lambda probability: band_of(probability, view.policy.bands).value,
        power=power_sentence(plan, formats) if plan else "",
        worth=worth_sentences(plan, campaign.request, formats) if plan else (),
        gap=gap_sentence(plan, formats) if plan else "",
        channel_words=channel_words,
        unplanned=status != 200,
        status=status,
    )


@area.route("/<campaign_id>/plan", methods=["GET", "POST"])
@allow(Permission.PREDICT)
def plan(campaign_id: str) -> Response | WerkzeugResponse:
    """Change a draft, and plan it again. Reading this address leads to the draft."""
    view = application().campaigns.open_campaign(CampaignId(campaign_id), by=person())
    if request.method == "GET":
        return go(url_for("campaigns.show", campaign_id=campaign_id))
    form = CampaignForm()
    if not form.validate():
        return draft_page(view, form, 422)
    try:
        application().campaigns.draft_campaign.revise(
            view.campaign.id,
            form.request(view.campaign.request.query),
            name=form.name.data or "",
            based_on=_based_on(),
            by=actor(),
        )
    except InvalidInput as error:
        return draft_page(view, form, show_error(form, error))
    except Conflict as error:
        return _overtaken(view, form, error)
    return go(url_for("campaigns.show", campaign_id=campaign_id))


def _overtaken(view: CampaignView, form: CampaignForm, error: Conflict) -> Response:
    """The draft as it is now, with what was typed, which can be sent again."""
    now = application().campaigns.open_campaign(view.campaign.id, by=person())
    if now.campaign.state is not CampaignState.DRAFT or now.busy:
        _say(error)
        return go(url_for("campaigns.show", campaign_id=view.campaign.id))
    renew(form.based_on, now.campaign.version)
    again = Conflict(f"{error} Your limits are still in the form: “Work it out again” puts them in its place.")
    return draft_page(now, form, show_error(form, again))


@area.post("/<campaign_id>/start")
@allow(Permission.PREDICT)
def start(campaign_id: str) -> Response | WerkzeugResponse:
    """Ask, then start. A form of limits that is sent along has to be the one that was planned."""
    view = application().campaigns.open_campaign(CampaignId(campaign_id), by=person())
    form = CampaignForm()
    if form.name.name in request.form and not form.is_of(view.campaign):
        if wants_fragment():
            return _ask_start(view, CHANGED)
        form.validate()
        return draft_page(view, form, show_error(form, Conflict(CHANGED)))
    if request.form.get("confirmed") != "yes" and _can_start(view):
        return _ask_start(view)
    try:
        application().campaigns.draft_campaign.start(view.campaign.id, based_on=_based_on(), by=actor())
    except (Conflict, InvalidInput) as error:
        _say(error)
    return go(url_for("campaigns.show", campaign_id=campaign_id))


def _can_start(view: CampaignView) -> bool:
    """Whether there is a plan to ask about. Everything else is refused by the use case, with its reason."""
    planned = view.campaign.plan is not None and view.campaign.plan.contacted > 0
    return planned and view.campaign.version == _based_on() and view.campaign.state is CampaignState.DRAFT


def _ask_start(view: CampaignView, problem: str = "") -> Response:
    return render_page(
        "campaigns/start.html",
        fragment="ask",
        campaign=view.campaign,
        plan=view.campaign.plan,
        problem=problem,
        status=422 if problem else 200,
    )


@area.post("/<campaign_id>/stage")
@allow(Permission.PREDICT)
def stage(campaign_id: str) -> Response:
    """Stop contacting after a question, so that outcomes are awaited, or resume it."""
    view = application().campaigns.open_campaign(CampaignId(campaign_id), by=person())
    direct, to = application().campaigns.direct_campaign, request.form.get("to")
    if to == CampaignState.MEASURING and request.form.get("confirmed") != "yes" and view.may_direct:
        still_open = progress_of(view.totals).open
        return render_page("campaigns/stop.html", fragment="ask", campaign=view.campaign, open_count=still_open)
    try:
        if to == CampaignState.MEASURING:
            direct.measure(CampaignId(campaign_id), based_on=_based_on(), by=actor())
        elif to == CampaignState.RUNNING:
            direct.reopen(CampaignId(campaign_id), based_on=_based_on(), by=actor())
        else:
            abort(400)
    except Conflict as error:
        _say(error)
    return go(url_for("campaigns.show", campaign_id=campaign_id))


@area.post("/<campaign_id>/share")
@allow(Permission.PREDICT)
def share(campaign_id: str) -> Response:
    _must_be_seen(campaign_id)
    shared = request.form.get("shared") == "yes"
    try:
        application().campaigns.direct_campaign.share(
            CampaignId(campaign_id), shared=shared, based_on=_based_on(), by=actor()
        )
    except Conflict as error:
        _say(error)
    return go(url_for("campaigns.show", campaign_id=campaign_id))


@area.post("/<campaign_id>/delete")
@allow(Permission.PREDICT)
def delete(campaign_id: str) -> Response:
    try:
        application().campaigns.direct_campaign.delete(CampaignId(campaign_id), by=actor())
    except Conflict as error:
        _say(error)
        return go(url_for("campaigns.show", campaign_id=campaign_id))
    flash("The campaign was deleted.")
    return go(url_for("campaigns.index"))


def _must_be_seen(campaign_id: str) -> None:
    """Answer 404, before the form is read, for a campaign that the person may not see."""
    application().campaigns.open_campaign(CampaignId(campaign_id), by=person())


def _say(error: DomainError) -> None:
    flash(str(error), "error")


def _based_on() -> int:
    number = request.form.get("based_on", type=int)
    return number if number is not None else abort(400)
