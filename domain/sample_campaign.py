"""The campaign of the sample data. Nobody was contacted: statuses and a true effect are made up, and it says so."""

from __future__ import annotations

from domain.allocation import Limits
from domain.campaign import CampaignId, CampaignRequest
from domain.campaign_members import Outcome, Side, Status
from domain.customer_query import CustomerQuery
from domain.draw import lot

SAMPLE_NAME = "Sample campaign (made-up contacts)"
SAMPLE_SOURCE = "Sample data: contacts are made up, and so is who was kept by them"
SAMPLE_MEMBERS = 800
SAMPLE_CONTROL = 0.3
SAMPLE_SAVE_RATE = 0.4
"""Share of the contacted who would have left and stay: the true save rate, which the effect page estimates."""
ACCEPTED_ANYWAY, DECLINED, NO_ANSWER = 0.25, 0.40, 0.20
"""Shares among the other contacted; the rest was reached and has not decided."""


def sample_campaign_id(owner: str) -> CampaignId:
    """The same for every load of a person's sample data, so that there is one campaign at most."""
    return CampaignId(f"sample-{owner}")


def sample_request(threshold: float) -> CampaignRequest:
    return CampaignRequest(CustomerQuery(threshold), Limits(customers=SAMPLE_MEMBERS), control_share=SAMPLE_CONTROL)


def sample_contact(key: str, customer_id: str, side: Side, *, would_leave: bool) -> tuple[Status, Outcome]:
    """What became of a member, by two draws of the campaign's key. Controls do what the sample file says."""
    outcome = Outcome.LEFT if would_leave else Outcome.STAYED
    if side is Side.CONTROL:
        return Status.TO_CONTACT, outcome
    if would_leave and _draw(key, "kept", customer_id) < SAMPLE_SAVE_RATE:
        return Status.ACCEPTED, Outcome.STAYED
    answer = _draw(key, "answer", customer_id)
    if answer < NO_ANSWER:
        return Status.NO_ANSWER, outcome
    if answer < NO_ANSWER + DECLINED:
        return Status.DECLINED, outcome
    return (Status.ACCEPTED if answer < NO_ANSWER + DECLINED + ACCEPTED_ANYWAY else Status.REACHED), outcome


def _draw(key: str, purpose: str, customer_id: str) -> float:
    """A number in [0, 1)."""
    return lot(key, f"sample {purpose}", customer_id) / 2.0**64
