"""Words of campaigns on pages."""

from __future__ import annotations

from domain.campaign import CampaignState
from domain.customer_query import CustomerQuery
from domain.playbook import Channel, Playbook
from domain.recommendation import LEAVE_ALONE
from entrypoints.web.predictions.result_url import filter_words, reasons_words

STATES = {
    CampaignState.DRAFT: ("Draft", ""),
    CampaignState.RUNNING: ("Running", "ok"),
    CampaignState.MEASURING: ("Waiting for outcomes", "medium"),
    CampaignState.CLOSED: ("Closed", ""),
}
"""Words and pill of each state."""


def channel_words(channel: str) -> str:
    return Channel(channel).words


def selection_words(query: CustomerQuery, playbook: Playbook) -> tuple[str, ...]:
    """The filters of a result page that choose the customers, each in words; empty: all customers."""
    words = []
    if query.likely is not None:
        words.append("Likely to leave" if query.likely else "Staying")
    if query.worth_contacting is not None:
        words.append("Worth contacting" if query.worth_contacting else "Not worth contacting")
    words += [f"{band.value.capitalize()} risk" for band in query.bands]
    if query.action is not None:
        action = playbook.action(query.action)
        name = "Leave alone" if query.action == LEAVE_ALONE else action.name if action else query.action
        words.append(f"Recommended: {name}")
    words += [filter_words(own) for own in query.attributes]
    words += [reasons_words(query.reasons)] if query.reasons else []
    if query.search:
        words.append("Found by a search")
    return tuple(words)
