"""Tables of campaigns, their members and events, and of tasks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from adapters.persistence.tables.metadata import Moment, id_column, metadata

# The run is not a foreign key: a campaign outlives it.
campaigns = Table(
    "campaigns",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("run_id", String(64), nullable=False, index=True),
    Column("run_name", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("key", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("state", String(16), nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("sample", Boolean, nullable=False),
    Column("plan", Text),
    Column("started_at", Moment),
    Column("measuring_at", Moment),
    Column("closed_at", Moment),
    Column("closes_on", Date),
    Column("effect", Text),
    Column("version", Integer, nullable=False),
    Index(None, "created_at", "id"),
)

# `active`: the campaign holds its customers, so that they are in no other one. An erased member has the id "".
campaign_members = Table(
    "campaign_members",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("customer_id", Text, nullable=False),
    Column("row", BigInteger),
    Column("side", String(16), nullable=False),
    Column("arm", String(16), nullable=False),
    Column("action_id", Text, nullable=False),
    Column("action_name", Text, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("message", Text, nullable=False),
    Column("probability", Float(53), nullable=False),
    Column("monthly_revenue", Float(53)),
    Column("value", Float(53), nullable=False),
    Column("offer_cost", Float(53), nullable=False),
    Column("contact_cost", Float(53), nullable=False),
    Column("save_rate", Float(53), nullable=False),
    Column("expected_gain", Float(53), nullable=False),
    Column("pause_days", Integer, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("fifth", Integer, nullable=False),
    Column("stratum", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("outcome_on", Date),
    Column("assigned_to", String(64)),
    Column("due", Date),
    Column("note", Text, nullable=False),
    Column("contacted_at", Moment),
    Column("paused_until", Date),
    Column("active", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Index(None, "customer_id", "campaign_id", "side"),
    Index(None, "assigned_to", "campaign_id", "side", "status", "due"),
    Index(None, "paused_until"),
)
# Every filter and order of the list reads one of these indices alone.
_FILTERS = ("status", "action_id", "channel", "assigned_to", "due")
_PLACES: dict[str, tuple[ColumnElement[Any], ...]] = {
    "listed": (campaign_members.c.number,),
    "by_risk": (campaign_members.c.probability.desc(), campaign_members.c.number),
    "by_due": (campaign_members.c.due, campaign_members.c.number),
    "by_status": (campaign_members.c.status, campaign_members.c.number),
}
for _name, _place in _PLACES.items():
    Index(
        f"ix_campaign_members_{_name}",
        campaign_members.c.campaign_id,
        campaign_members.c.side,
        *_place,
        *(campaign_members.c[name] for name in _FILTERS if name != _name.removeprefix("by_")),
    )
Index(
    "uq_campaign_members_one_campaign",
    campaign_members.c.customer_id,
    unique=True,
    sqlite_where=campaign_members.c.active,
    postgresql_where=campaign_members.c.active,
)

# Kept equal to the members in every transaction, so that no page has to count them.
campaign_totals = Table(
    "campaign_totals",
    metadata,
    Column("campaign_id", ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True),
    Column("side", String(16), primary_key=True),
    Column("arm", String(16), primary_key=True),
    Column("action_id", Text, primary_key=True),
    Column("channel", String(16), primary_key=True),
    Column("fifth", Integer, primary_key=True, autoincrement=False),
    Column("status", String(16), primary_key=True),
    Column("outcome", String(16), primary_key=True),
    Column("members", Integer, nullable=False),
    Column("contact_cost", Float(53), nullable=False),
    Column("offer_cost", Float(53), nullable=False),
    Column("expected_gain", Float(53), nullable=False),
    Column("value", Float(53), nullable=False),
)

# A trigger rejects changes. Entries of a member are deleted when the customer is erased.
campaign_events = Table(
    "campaign_events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("campaign_id", ForeignKey("campaigns.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Index(None, "campaign_id", "number", "id"),
)

tasks = Table(
    "tasks",
    metadata,
    id_column(),
    Column("kind", String(16), nullable=False),
    Column("subject", String(64), nullable=False, index=True),
    Column("argument", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    Column("heartbeat_at", Moment),
    Column("worker", Text),
    Column("progress", Text, nullable=False),
    Column("error", Text),
    Column("cancel_requested", Boolean, nullable=False),
    Column("result", Text),
)
