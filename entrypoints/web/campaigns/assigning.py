"""Members of a list are given to people, or get a due date: the ticked ones, or all that match the filter."""

from __future__ import annotations

from flask import Response, abort, flash, request

from application.use_cases.campaigns.assign_members import Chosen
from domain.account import Permission
from domain.campaign import CampaignId
from domain.errors import Conflict, InvalidInput
from entrypoints.web import formats
from entrypoints.web.access import actor, allow, application, person
from entrypoints.web.campaigns.area import area
from entrypoints.web.campaigns.list_url import ListUrl
from entrypoints.web.campaigns.members import day_of
from entrypoints.web.htmx import go, render_page, wants_fragment
from entrypoints.web.predictions.searching import text_searched

PEOPLE, DUE = "people", "due"


@area.get("/<campaign_id>/assign")
@allow(Permission.PREDICT)
def ask(campaign_id: str) -> Response:
    """Which people, or which day: a dialog over the list, or a separate page."""
    what = request.args.get("what", PEOPLE)
    return _ask(_address(campaign_id), what if what in (PEOPLE, DUE) else PEOPLE)


def _address(campaign_id: str) -> ListUrl:
    search = text_searched(request.args)
    key = request.args.get("s", "")
    return ListUrl.read(CampaignId(campaign_id), request.args, person(), search=search, search_key=key)


def _ask(address: ListUrl, what: str, problem: str = "") -> Response:
    numbers = _ticked()
    work = application().campaign_lists.open_list(address.campaign_id, address.query, by=person())
    return render_page(
        "campaigns/assign.html",
        fragment="ask",
        status=422 if problem else 200,
        what=what,
        question="Assign customers" if what == PEOPLE else "Set a due date",
        in_place=wants_fragment(),
        campaign=work.head.context.campaign,
        workers=work.workers,
        address=address,
        numbers=numbers,
        count=len(numbers) if numbers else work.page.total,
        problem=problem,
    )


@area.post("/<campaign_id>/assign")
@allow(Permission.PREDICT)
def assign(campaign_id: str) -> Response:
    address = _address(campaign_id)
    people = request.form.getlist("person")
    try:
        if not people:
            raise InvalidInput("Choose at least one person, or nobody.", field="person")
        given = [] if "nobody" in people else people
        changed = application().campaign_lists.assign_members(address.campaign_id, _chosen(address), given, by=actor())
    except InvalidInput as error:
        return _ask(address, PEOPLE, str(error))
    except Conflict as error:
        flash(str(error), "error")
        return go(address.to())
    flash(f"{formats.plural(changed, 'customer')} {'was' if changed == 1 else 'were'} assigned.")
    return go(address.to())


@area.post("/<campaign_id>/due")
@allow(Permission.PREDICT)
def set_due(campaign_id: str) -> Response:
    address = _address(campaign_id)
    try:
        day = day_of(request.form.get("due", ""))
        changed = application().campaign_lists.assign_members.due(
            address.campaign_id, _chosen(address), day, by=actor()
        )
    except InvalidInput as error:
        return _ask(address, DUE, str(error))
    except Conflict as error:
        flash(str(error), "error")
        return go(address.to())
    words = f"due on {formats.day(day)}" if day else "without a due date"
    flash(f"{formats.plural(changed, 'customer')} {'is' if changed == 1 else 'are'} {words} now.")
    return go(address.to())


def _ticked() -> tuple[int, ...]:
    texts = request.values.getlist("member")
    return tuple(int(text) if text.isdecimal() and len(text) < 10 else abort(400) for text in texts)


def _chosen(address: ListUrl) -> Chosen:
    return Chosen(address.query, _ticked() or None)
