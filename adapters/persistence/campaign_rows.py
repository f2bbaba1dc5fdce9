"""Campaigns, members and events as rows of their tables."""

from __future__ import annotations

from typing import Any

from adapters.persistence.json_documents import from_json, to_json
from domain.campaign import Campaign, CampaignId, CampaignPlan, CampaignRequest, CampaignState
from domain.campaign_effect import CampaignEffect
from domain.campaign_members import Arm, CampaignEvent, EventKind, Member, Outcome, Side, Status
from domain.prediction import Reason
from domain.run import RunId

Reasons = tuple[Reason, ...]


def campaign_row(campaign: Campaign) -> dict[str, Any]:
    return {
        "id": campaign.id,
        "name": campaign.name,
        "owner": campaign.owner,
        "run_id": campaign.run_id,
        "run_name": campaign.run_name,
        "request": to_json(campaign.request),
        "key": campaign.key,
        "created_at": campaign.created_at,
        "state": campaign.state.value,
        "shared": campaign.shared,
        "sample": campaign.sample,
        "plan": to_json(campaign.plan) if campaign.plan is not None else None,
        "started_at": campaign.started_at,
        "measuring_at": campaign.measuring_at,
        "closed_at": campaign.closed_at,
        "closes_on": campaign.closes_on,
        "effect": to_json(campaign.effect) if campaign.effect is not None else None,
        "version": campaign.version,
    }


def to_campaign(row: Any) -> Campaign:
    return Campaign(
        id=CampaignId(row.id),
        name=row.name,
        owner=row.owner,
        run_id=RunId(row.run_id),
        run_name=row.run_name,
        request=from_json(CampaignRequest, row.request),
        key=row.key,
        created_at=row.created_at,
        state=CampaignState(row.state),
        shared=row.shared,
        sample=row.sample,
        plan=from_json(CampaignPlan, row.plan) if row.plan is not None else None,
        started_at=row.started_at,
        measuring_at=row.measuring_at,
        closed_at=row.closed_at,
        closes_on=row.closes_on,
        effect=from_json(CampaignEffect, row.effect) if row.effect is not None else None,
        version=row.version,
    )


def member_row(member: Member) -> dict[str, Any]:
    """The columns of a member, without the campaign's id and `active`."""
    return {
        "number": member.number,
        "customer_id": member.customer_id,
        "row": member.row,
        "side": member.side.value,
        "arm": member.arm.value,
        "action_id": member.action_id,
        "action_name": member.action_name,
        "channel": member.channel,
        "message": member.message,
        "probability": member.probability,
        "monthly_revenue": member.monthly_revenue,
        "value": member.value,
        "offer_cost": member.offer_cost,
        "contact_cost": member.contact_cost,
        "save_rate": member.save_rate,
        "expected_gain": member.expected_gain,
        "pause_days": member.pause_days,
        "reasons": to_json(member.reasons),
        "fifth": member.fifth,
        "stratum": member.stratum,
        "status": member.status.value,
        "outcome": member.outcome.value,
        "outcome_on": member.outcome_on,
        "assigned_to": member.assigned_to,
        "due": member.due,
        "note": member.note,
        "contacted_at": member.contacted_at,
        "paused_until": member.paused_until,
        "version": member.version,
    }


def to_member(row: Any) -> Member:
    return Member(
        number=row.number,
        customer_id=row.customer_id,
        row=row.row,
        side=Side(row.side),
        arm=Arm(row.arm),
        action_id=row.action_id,
        action_name=row.action_name,
        channel=row.channel,
        message=row.message,
        probability=row.probability,
        monthly_revenue=row.monthly_revenue,
        value=row.value,
        offer_cost=row.offer_cost,
        contact_cost=row.contact_cost,
        save_rate=row.save_rate,
        expected_gain=row.expected_gain,
        pause_days=row.pause_days,
        reasons=from_json(Reasons, row.reasons),
        fifth=row.fifth,
        stratum=row.stratum,
        status=Status(row.status),
        outcome=Outcome(row.outcome),
        outcome_on=row.outcome_on,
        assigned_to=row.assigned_to,
        due=row.due,
        note=row.note,
        contacted_at=row.contacted_at,
        paused_until=row.paused_until,
        version=row.version,
    )


def event_row(campaign_id: str, event: CampaignEvent) -> dict[str, Any]:
    return {
        "campaign_id": campaign_id,
        "number": event.number,
        "at": event.at,
        "by": event.by,
        "kind": event.kind.value,
        "before": event.before,
        "after": event.after,
    }


def to_event(row: Any) -> CampaignEvent:
    return CampaignEvent(row.at, row.by, EventKind(row.kind), row.number, row.before, row.after)
