"""Valid domain objects for tests; every field can be given by name.

Lives (states, stages, times of use) start at their beginning; everything else is filled, so that a field that gets
lost on a round trip shows.
"""

from __future__ import annotations

from tests.builders.campaigns import a_campaign, a_campaign_plan, a_campaign_request, a_member, a_task
from tests.builders.models import (
    TRAINING_SHA256,
    a_model_version,
    a_promotion,
    a_training,
    a_training_request,
    an_evaluation,
)
from tests.builders.moments import NOON, SHA256, at
from tests.builders.people import a_link, a_login_session, a_token, an_account, an_audit_entry
from tests.builders.playbooks import a_playbook, a_policy, a_recommendation, an_action
from tests.builders.runs import (
    a_contact,
    a_finished_run,
    a_progress,
    a_question,
    a_run,
    a_summary,
    an_upload,
    contacts_in,
)
from tests.builders.schemas import a_recognition, a_schema

__all__ = [
    "NOON",
    "SHA256",
    "TRAINING_SHA256",
    "a_campaign",
    "a_campaign_plan",
    "a_campaign_request",
    "a_contact",
    "a_finished_run",
    "a_link",
    "a_login_session",
    "a_member",
    "a_model_version",
    "a_playbook",
    "a_policy",
    "a_progress",
    "a_promotion",
    "a_question",
    "a_recognition",
    "a_recommendation",
    "a_run",
    "a_schema",
    "a_summary",
    "a_task",
    "a_token",
    "a_training",
    "a_training_request",
    "an_account",
    "an_action",
    "an_audit_entry",
    "an_evaluation",
    "an_upload",
    "at",
    "contacts_in",
]
