"""What a customer is given about their memberships of campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.campaign import Campaign
from domain.campaign_members import CampaignEvent, EventKind, Member, Side
from domain.prediction import Reason


def membership_data(campaign: Campaign, member: Member, events: Sequence[CampaignEvent]) -> dict[str, Any]:
    """Names of colleagues are left out: they are somebody else's data."""
    return {
        "campaign": campaign.name,
        "started_at": campaign.started_at.isoformat(timespec="seconds") if campaign.started_at else None,
        "left_alone_for_comparison": member.side is Side.CONTROL,
        "churn_probability": member.probability,
        "reasons": [reason_data(reason) for reason in member.reasons],
        "action": member.action_name,
        "message": member.message,
        "offer_cost": member.offer_cost,
        "expected_gain": member.expected_gain,
        "monthly_revenue": member.monthly_revenue,
        "status": member.status.value,
        "outcome": member.outcome.value,
        "left_on": member.outcome_on.isoformat() if member.outcome_on else None,
        "due": member.due.isoformat() if member.due else None,
        "paused_until": member.paused_until.isoformat() if member.paused_until else None,
        "note": member.note,
        "history": [
            {"at": event.at.isoformat(timespec="seconds"), "what": event.kind.value, "after": _said(event)}
            for event in reversed(events)
        ],
    }


def _said(event: CampaignEvent) -> str:
    return "" if event.kind is EventKind.ASSIGNED else event.after


def reason_data(reason: Reason) -> dict[str, Any]:
    return {"attribute": reason.attribute, "value": reason.value, "contribution": reason.contribution}
