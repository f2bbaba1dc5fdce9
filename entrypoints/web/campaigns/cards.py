"""Call cards of a campaign's members: one on a page, and many to print."""

from __future__ import annotations

from flask import Response, request

from application.use_cases.campaigns.call_card import CallCard
from domain.account import Permission
from domain.campaign import CampaignId
from domain.campaign_members import MAX_NOTE, SETTABLE, CampaignEvent, EventKind, Outcome, Status
from domain.campaign_work import MAX_CARDS
from domain.errors import NotFound
from entrypoints.web import formats
from entrypoints.web.access import allow, application, person
from entrypoints.web.campaigns.area import area
from entrypoints.web.campaigns.list_url import ListUrl
from entrypoints.web.campaigns.members import day_of
from entrypoints.web.campaigns.words import channel_words
from entrypoints.web.htmx import render_page
from entrypoints.web.predictions.searching import search_of


def _address(campaign_id: str) -> ListUrl:
    searched = search_of(request.args)
    return ListUrl.read(CampaignId(campaign_id), request.args, person(), search=searched.text, search_key=searched.key)


@area.get("/<campaign_id>/members/<int:number>")
@allow(Permission.READ)
def card(campaign_id: str, number: int) -> Response:
    """Why this customer, what to say and what to offer, with one-click results; `print` for paper."""
    address = _address(campaign_id)
    opened = application().campaign_lists.open_card(address.campaign_id, number, address.query, by=person())
    if "print" in request.args:
        return _printed((opened,), address)
    return render_page(
        "campaigns/card.html",
        card=opened,
        context=opened.context,
        campaign=opened.context.campaign,
        row=opened.row,
        member=opened.member,
        address=address,
        settable=SETTABLE,
        asks=request.args.get("ask") == "opted_out",
        longest=MAX_NOTE,
        outcomes=tuple(Outcome),
        records=opened.context.may_direct and opened.context.campaign.takes_outcomes,
        channel_words=channel_words,
        history=[(event, event_words(event)) for event in opened.events],
    )


@area.get("/<campaign_id>/cards")
@allow(Permission.READ)
def print_cards(campaign_id: str) -> Response:
    """The cards of the list's customers who are still to be contacted, for paper."""
    address = _address(campaign_id)
    cards = application().campaign_lists.open_card.printed(address.campaign_id, address.query, by=person())
    if not cards:
        raise NotFound("Nobody on this list is still to be contacted, so there is no card to print.")
    return _printed(cards, address)


def _printed(cards: tuple[CallCard, ...], address: ListUrl) -> Response:
    return render_page(
        "campaigns/cards.html",
        cards=cards,
        campaign=cards[0].context.campaign,
        names=cards[0].context.names,
        address=address,
        results=[status for status in SETTABLE if status is not Status.TO_CONTACT],
        most=MAX_CARDS,
        channel_words=channel_words,
    )


def event_words(event: CampaignEvent) -> str:
    """What happened to a member, in words: "Reached", "Due on 30 Nov 2026", "Assigned to Shop North"."""
    after = event.after
    if event.kind is EventKind.STATUS:
        return Status(after).words
    if event.kind is EventKind.UNDONE:
        return f"“{Status(event.before).words}” was undone"
    if event.kind is EventKind.NOTE:
        return f"Note: {after}" if after else "Note removed"
    if event.kind is EventKind.DUE:
        day = day_of(after)
        return f"Due on {formats.day(day)}" if day else "Due date removed"
    if event.kind is EventKind.ASSIGNED:
        return f"Assigned to {after}" if after else "Assigned to nobody"
    if event.kind is EventKind.OUTCOME:
        return f"Outcome: {after}"
    return f"{event.kind.value.replace('_', ' ').capitalize()} {after}".strip()
