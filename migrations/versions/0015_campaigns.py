"""Creates the tables of campaigns, their members and events, and of tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
REFUSAL = "the history of a campaign is only ever added to"
CAMPAIGN = "fk_{}_campaign_id_campaigns"


def upgrade() -> None:
    create_campaigns()
    create_members()
    create_totals()
    create_events()
    create_tasks()
    protect_events()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER campaign_events_no_update ON campaign_events")
        op.execute("DROP FUNCTION refuse_campaign_event_change()")
    for name in ("tasks", "campaign_events", "campaign_totals", "campaign_members", "campaigns"):
        op.drop_table(name)


def create_campaigns() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("run_name", sa.Text, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("plan", sa.Text),
        sa.Column("started_at", MOMENT),
        sa.Column("measuring_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.Column("closes_on", sa.Date),
        sa.Column("effect", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_campaigns"),
    )
    op.create_index("ix_campaigns_run_id", "campaigns", ["run_id"])
    op.create_index("ix_campaigns_created_at_id", "campaigns", ["created_at", "id"])


def create_members() -> None:
    op.create_table(
        "campaign_members",
        sa.Column("campaign_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("customer_id", sa.Text, nullable=False),
        sa.Column("row", sa.BigInteger),
        sa.Column("side", sa.String(16), nullable=False),
        sa.Column("arm", sa.String(16), nullable=False),
        sa.Column("action_id", sa.Text, nullable=False),
        sa.Column("action_name", sa.Text, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("probability", sa.Float(53), nullable=False),
        sa.Column("monthly_revenue", sa.Float(53)),
        sa.Column("value", sa.Float(53), nullable=False),
        sa.Column("offer_cost", sa.Float(53), nullable=False),
        sa.Column("contact_cost", sa.Float(53), nullable=False),
        sa.Column("save_rate", sa.Float(53), nullable=False),
        sa.Column("expected_gain", sa.Float(53), nullable=False),
        sa.Column("pause_days", sa.Integer, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("fifth", sa.Integer, nullable=False),
        sa.Column("stratum", sa.Integer, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("outcome_on", sa.Date),
        sa.Column("assigned_to", sa.String(64)),
        sa.Column("due", sa.Date),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("contacted_at", MOMENT),
        sa.Column("paused_until", sa.Date),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=CAMPAIGN.format("campaign_members"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("campaign_id", "number", name="pk_campaign_members"),
    )
    op.create_index("ix_campaign_members_customer_id", "campaign_members", ["customer_id"])
    op.create_index(
        "ix_campaign_members_campaign_id_status_number", "campaign_members", ["campaign_id", "status", "number"]
    )
    op.create_index(
        "ix_campaign_members_assigned_to_campaign_id_status",
        "campaign_members",
        ["assigned_to", "campaign_id", "status"],
    )
    op.create_index("ix_campaign_members_paused_until", "campaign_members", ["paused_until"])
    active = sa.text("active")
    op.create_index(
        "uq_campaign_members_one_campaign",
        "campaign_members",
        ["customer_id"],
        unique=True,
        sqlite_where=active,
        postgresql_where=active,
    )


def create_totals() -> None:
    op.create_table(
        "campaign_totals",
        sa.Column("campaign_id", sa.String(64), nullable=False),
        sa.Column("side", sa.String(16), nullable=False),
        sa.Column("arm", sa.String(16), nullable=False),
        sa.Column("action_id", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("members", sa.Integer, nullable=False),
        sa.Column("contact_cost", sa.Float(53), nullable=False),
        sa.Column("offer_cost", sa.Float(53), nullable=False),
        sa.Column("expected_gain", sa.Float(53), nullable=False),
        sa.Column("value", sa.Float(53), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=CAMPAIGN.format("campaign_totals"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(
            "campaign_id", "side", "arm", "action_id", "status", "outcome", name="pk_campaign_totals"
        ),
    )


def create_events() -> None:
    op.create_table(
        "campaign_events",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("campaign_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=CAMPAIGN.format("campaign_events"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_events"),
    )
    op.create_index("ix_campaign_events_campaign_id_number_id", "campaign_events", ["campaign_id", "number", "id"])


def create_tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("argument", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("started_at", MOMENT),
        sa.Column("finished_at", MOMENT),
        sa.Column("heartbeat_at", MOMENT),
        sa.Column("worker", sa.Text),
        sa.Column("progress", sa.Text, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
    )
    op.create_index("ix_tasks_subject", "tasks", ["subject"])
    op.create_index("ix_tasks_state", "tasks", ["state"])


def protect_events() -> None:
    """Create a trigger that rejects every change of an event. An erased customer's events are deleted."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER campaign_events_no_update BEFORE UPDATE ON campaign_events "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
    elif op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_campaign_event_change() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
        op.execute(
            "CREATE TRIGGER campaign_events_no_update BEFORE UPDATE ON campaign_events "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_campaign_event_change()"
        )
