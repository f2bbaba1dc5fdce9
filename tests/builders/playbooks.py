"""Playbooks, their actions, recommendations and the policy."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.playbook import Action, Channel, Comparison, Condition, Playbook
from domain.policy import InstallationPolicy
from domain.recommendation import Recommendation


def a_recommendation(**given: Any) -> Recommendation:
    filled: dict[str, Any] = {
        "action_id": "one-year-contract",
        "name": "One-year contract, 10% off",
        "message": "Take a one-year contract and pay 10% less.",
        "value": 420.6,
        "offer_cost": 84.12,
        "contact_cost": 4.0,
        "save_rate": 0.42,
        "expected_gain": 0.1 + 0.2,
    }
    return Recommendation(**(filled | given))


def an_action(**given: Any) -> Action:
    condition = Condition(("Contract", "Contract type"), Comparison.IS, ("Month-to-month",), 1.5)
    filled: dict[str, Any] = {
        "id": "one-year-contract",
        "name": "One-year contract, 10% off",
        "message": "Take a one-year contract.|Your bill drops to {reduced_bill}.",
        "answers": (condition,),
        "requires": (Condition(("tenure",), Comparison.AT_LEAST, limit=6.0),),
        "offer_fixed": 5.0,
        "offer_share": 0.1,
        "offer_months": 12.0,
        "contact_cost": 4.0,
        "save_rate": 0.42,
        "save_rate_measured": True,
        "save_rate_weight": 61.5,
        "channel": Channel.EMAIL,
        "measured_in": "Spring offer",
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2030, 12, 31),
        "pause_days": 60,
        "confirmed": True,
    }
    return Action(**(filled | given))


def a_playbook(**given: Any) -> Playbook:
    filled: dict[str, Any] = {"version": 1, "actions": (an_action(),)}
    return Playbook(**(filled | given))


def a_policy(**given: Any) -> InstallationPolicy:
    return InstallationPolicy(**given)
