"""The list of a campaign: its page, and changes of one member in its row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Response, abort, flash, request

from application.use_cases.campaigns.open_list import ListContext
from application.use_cases.campaigns.work_member import WorkedMember
from domain.account import Permission
from domain.campaign import CampaignId
from domain.campaign_members import MAX_NOTE, SETTABLE, Member, Status
from domain.errors import Conflict, DomainError, InvalidInput
from domain.prediction import Reason, band_of
from domain.wording import reason_phrase
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.campaigns.area import area
from entrypoints.web.campaigns.list_url import MINE, ListUrl
from entrypoints.web.campaigns.words import STATES, channel_words
from entrypoints.web.errors import status_of
from entrypoints.web.htmx import go, redirected, render_page, wants_fragment
from entrypoints.web.predictions.searching import Searched, search_of

IN_PLACE = ("member_table", "list_answer")
"""Blocks of the page that a filter, or a change of a member, refreshes."""
CHANGED = "member-changed"
"""The event by which the page above the list asks for its figures again."""


@area.get("/mine")
@allow(Permission.READ)
def mine() -> Response:
    """The running campaigns that have members on this person's list."""
    return render_page("campaigns/mine.html", lists=application().campaign_lists.open_my_lists(by=person()))


def list_page(campaign_id: CampaignId) -> Response:
    """The list at the query of the address. An address with a search text is replaced by one with the search's key."""
    searched = search_of(request.args)
    address = _address(campaign_id, request.args, searched)
    if "q" in request.args and not wants_fragment():
        return go(address.to())
    target = request.headers.get("HX-Target", "")
    if wants_fragment() and target not in IN_PLACE:  # the poll of a plan, after the campaign was started
        application().campaign_lists.open_list.head(campaign_id, by=person())
        return redirected(address.to())
    if wants_fragment() and target == "list_answer":
        head = application().campaign_lists.open_list.head(campaign_id, by=person(), own=address.whose == MINE)
        return render_page("campaigns/list.html", fragment="list_answer", head=head, address=address)
    return _listed(address, searched)


@area.post("/<campaign_id>/search")
@allow(Permission.READ)
def search(campaign_id: str) -> Response:
    """Apply filters and a search. The text is sent in the body because it may be a customer's id."""
    searched = search_of(request.form)
    address = _address(CampaignId(campaign_id), request.form, searched)
    response = _listed(address, searched)
    if not wants_fragment():
        return go(address.to())
    response.headers["HX-Push-Url"] = address.to()
    return response


def _address(campaign_id: CampaignId, args: Any, searched: Searched | None = None) -> ListUrl:
    searched = searched or search_of(args)
    return ListUrl.read(campaign_id, args, person(), search=searched.text, search_key=searched.key)


def _listed(address: ListUrl, searched: Searched) -> Response:
    work = application().campaign_lists.open_list(address.campaign_id, address.query, by=person())
    target = request.headers.get("HX-Target", "")
    context = work.head.context
    plan = context.campaign.plan
    return render_page(
        "campaigns/list.html",
        fragment=target,
        work=work,
        head=work.head,
        page=work.page,
        address=address,
        searched=searched,
        states=STATES,
        settable=SETTABLE,
        actions=plan.actions if plan else (),
        channels=sorted({action.channel for action in plan.actions}) if plan else (),
        channel_words=channel_words,
        **row_words(context),
    )


def row_words(context: ListContext) -> dict[str, Any]:
    """What a row of the list needs besides its member."""
    formats = application().formats_of(context.policy.currency)
    known: dict[tuple[str, object], str] = {}

    def phrase(reason: Reason) -> str:
        key = (reason.attribute, reason.value)
        if key not in known:
            known[key] = reason_phrase(reason, context.schema, formats)
        return known[key]

    def reasons(member: Member) -> list[str]:
        return [phrase(reason) for reason in member.reasons if reason.raises]

    return {
        "context": context,
        "campaign": context.campaign,
        "phrases": reasons,
        "band": lambda probability: band_of(probability, context.policy.bands).value,
        "today": context.policy.today(application().now()),
        "undoable": False,
        "asks": False,
        "problem": "",
    }


def _row(worked: WorkedMember, address: ListUrl, *, status: int = 200, **changed: Any) -> Response:
    """The row alone, in place of the one that is there."""
    words = row_words(worked.context) | {"undoable": worked.undoable} | changed
    response = render_page("campaigns/_row.html", status=status, row=worked.row, address=address, **words)
    response.headers["HX-Retarget"] = f"#member-{worked.row.member.number}"
    response.headers["HX-Reswap"] = "outerHTML"
    return response


@area.get("/<campaign_id>/members/<int:number>/row")
@allow(Permission.READ)
def row(campaign_id: str, number: int) -> Response:
    """The row as it is stored, after a person decided against a change."""
    address = _address(CampaignId(campaign_id), request.args)
    worked = _stored(address, number)
    return _row(worked, address) if wants_fragment() else go(address.to("campaigns.card", number=number))


def _stored(address: ListUrl, number: int) -> WorkedMember:
    return application().campaign_lists.view_member(address.campaign_id, number, by=person())


@area.post("/<campaign_id>/members/<int:number>/status")
@allow(Permission.PREDICT)
def mark(campaign_id: str, number: int) -> Response:
    """Set a status. Opting out is asked again first, because it cannot be undone."""
    text = request.form.get("status", "")
    status = Status(text) if text in SETTABLE else abort(400)
    address = _address(CampaignId(campaign_id), request.args)
    if status is Status.OPTED_OUT and request.form.get("confirmed") != "yes":
        return _ask(address, number)
    return _changed(
        address,
        number,
        lambda: application().campaign_lists.mark_member(
            address.campaign_id, number, status, version=_version(), by=actor()
        ),
    )


def _ask(address: ListUrl, number: int) -> Response:
    worked = _stored(address, number)
    if not wants_fragment():
        return go(address.to("campaigns.card", number=number, ask="opted_out"))
    return _row(worked, address, asks=True)


@area.post("/<campaign_id>/members/<int:number>/undo")
@allow(Permission.PREDICT)
def undo(campaign_id: str, number: int) -> Response:
    address = _address(CampaignId(campaign_id), request.args)
    return _changed(
        address,
        number,
        lambda: application().campaign_lists.undo_status(address.campaign_id, number, version=_version(), by=actor()),
    )


@area.route("/<campaign_id>/members/<int:number>/note", methods=["GET", "POST"])
@allow(Permission.PREDICT)
def note(campaign_id: str, number: int) -> Response:
    """A dialog over the list; the card has the same form."""
    address = _address(CampaignId(campaign_id), request.args)
    if request.method == "POST":
        text = request.form.get("note", "")
        return _changed(
            address,
            number,
            lambda: application().campaign_lists.note_member(
                address.campaign_id, number, text, version=_version(), by=actor()
            ),
        )
    member = _stored(address, number).row.member
    if not wants_fragment():
        return go(address.to("campaigns.card", number=number))
    return render_page("campaigns/note.html", member=member, address=address, longest=MAX_NOTE)


@area.post("/<campaign_id>/members/<int:number>/due")
@allow(Permission.PREDICT)
def due(campaign_id: str, number: int) -> Response:
    address = _address(CampaignId(campaign_id), request.args)
    day = day_of(request.form.get("due", ""))
    return _changed(
        address,
        number,
        lambda: application().campaign_lists.note_member.due(
            address.campaign_id, number, day, version=_version(), by=actor()
        ),
    )


def day_of(text: str) -> date | None:
    """Raises InvalidInput for a text that is no date."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput("Write the date as year-month-day, such as 2026-11-30.", field="due") from error


def _changed(address: ListUrl, number: int, change: Callable[[], WorkedMember]) -> Response:
    """The row, or the card for a plain form, after a change; where it failed, as it is stored, with the reason."""
    try:
        worked = change()
    except (Conflict, InvalidInput) as error:
        return _failed(address, number, error)
    if not wants_fragment():
        flash(f"Saved: {worked.row.member.status.words}.")
        return go(address.to("campaigns.card", number=number))
    response = _row(worked, address)
    response.headers["HX-Trigger"] = CHANGED
    return response


def _failed(address: ListUrl, number: int, error: DomainError) -> Response:
    if not wants_fragment():
        flash(str(error), "error")
        return go(address.to("campaigns.card", number=number))
    response = _row(_stored(address, number), address, status=status_of(error), problem=str(error))
    response.headers["HX-Trigger"] = CHANGED
    return response


def _version() -> int:
    version = request.form.get("version", type=int)
    return version if version is not None else abort(400)
