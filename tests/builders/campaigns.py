"""Campaigns, members and tasks for tests."""

from __future__ import annotations

from typing import Any

from domain.allocation import Limits, Worth
from domain.campaign import Campaign, CampaignId, CampaignPlan, CampaignRequest, Excluded, PlannedAction, PlannedContact
from domain.campaign_members import Arm, Member, Side
from domain.customer_query import CustomerQuery
from domain.prediction import Reason
from domain.run import RunId
from domain.task import Task, TaskId, TaskKind
from tests.builders.moments import at


def a_campaign_request(**given: Any) -> CampaignRequest:
    values: dict[str, Any] = {
        "query": CustomerQuery(0.5),
        "limits": Limits(customers=100, contacts={"phone": 50}, offers=1_000.0),
    }
    return CampaignRequest(**(values | given))


def a_campaign(**given: Any) -> Campaign:
    values: dict[str, Any] = {
        "id": CampaignId("campaign-1"),
        "name": "Spring calls",
        "owner": "person-1",
        "run_id": RunId("run-1"),
        "run_name": "customers.csv",
        "request": a_campaign_request(),
        "key": "0123456789abcdef",
        "created_at": at(),
    }
    return Campaign(**(values | given))


def a_campaign_plan(**given: Any) -> CampaignPlan:
    values: dict[str, Any] = {
        "matching": 300,
        "excluded": ((Excluded.DO_NOT_CONTACT, 7), (Excluded.NO_ACTION, 90)),
        "actions": (PlannedAction("call", "Call", "phone", 90, 10, 450.0, 90.0, 1_800.0),),
        "churn": 0.4,
        "gain": 2_000.0,
        "bound": 2_001.0,
        "worth": Worth(3.0, {"phone": 5.0}, 0.5),
        "playbook_version": 2,
        "model_version": "v3",
        "fingerprint": "f" * 64,
        "planned_at": at(minutes=1),
        "first": (PlannedContact(41, "Call", 42.5),),
    }
    return CampaignPlan(**(values | given))


def a_member(number: int = 1, **given: Any) -> Member:
    values: dict[str, Any] = {
        "number": number,
        "customer_id": f"C-{number}",
        "row": number - 1,
        "side": Side.CONTACT,
        "arm": Arm.BEST,
        "action_id": "call",
        "action_name": "Call",
        "channel": "phone",
        "message": "Your contract ends soon.",
        "probability": 0.6,
        "monthly_revenue": 50.0,
        "value": 300.0,
        "offer_cost": 5.0,
        "contact_cost": 1.0,
        "save_rate": 0.3,
        "expected_gain": 40.0,
        "pause_days": 90,
        "reasons": (Reason("Contract", "Month-to-month", 0.8),),
        "fifth": 5,
        "stratum": 12,
    }
    return Member(**(values | given))


def a_task(**given: Any) -> Task:
    values: dict[str, Any] = {
        "id": TaskId("task-1"),
        "kind": TaskKind.PLAN,
        "subject": "campaign-1",
        "owner": "person-1",
        "created_at": at(),
    }
    return Task(**(values | given))
