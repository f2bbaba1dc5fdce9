"""Indices from which a campaign's list is filtered, sorted and counted without reading members that are not shown."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLE = "campaign_members"
LISTED, BY_RISK = ["number", "probability"], ["probability", "number"]
FILTERS = ["status", "action_id", "channel", "assigned_to", "due"]


def upgrade() -> None:
    op.drop_index("ix_campaign_members_campaign_id_status_number", TABLE)
    op.drop_index("ix_campaign_members_assigned_to_campaign_id_status", TABLE)
    op.drop_index("ix_campaign_members_customer_id", TABLE)
    op.create_index("ix_campaign_members_customer_id_campaign_id_side", TABLE, ["customer_id", "campaign_id", "side"])
    op.create_index("ix_campaign_members_listed", TABLE, ["campaign_id", "side", *LISTED, *FILTERS])
    op.create_index("ix_campaign_members_by_risk", TABLE, ["campaign_id", "side", *BY_RISK, *FILTERS])
    op.create_index(
        "ix_campaign_members_assigned_to_campaign_id_side_status_due",
        TABLE,
        ["assigned_to", "campaign_id", "side", "status", "due"],
    )


def downgrade() -> None:
    op.drop_index("ix_campaign_members_assigned_to_campaign_id_side_status_due", TABLE)
    op.drop_index("ix_campaign_members_by_risk", TABLE)
    op.drop_index("ix_campaign_members_listed", TABLE)
    op.drop_index("ix_campaign_members_customer_id_campaign_id_side", TABLE)
    op.create_index("ix_campaign_members_customer_id", TABLE, ["customer_id"])
    op.create_index("ix_campaign_members_campaign_id_status_number", TABLE, ["campaign_id", "status", "number"])
    op.create_index(
        "ix_campaign_members_assigned_to_campaign_id_status", TABLE, ["assigned_to", "campaign_id", "status"]
    )
