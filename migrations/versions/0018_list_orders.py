"""Indices in the orders of due date and status, and totals of members by channel and risk fifth."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

MEMBERS, TOTALS = "campaign_members", "campaign_totals"
KEYS = ("campaign_id", "side", "arm", "action_id", "channel", "fifth", "status", "outcome")
EARLIER_KEYS = tuple(key for key in KEYS if key not in ("channel", "fifth"))
SUMS = ("contact_cost", "offer_cost", "expected_gain", "value")
FILTERS = ("status", "action_id", "channel", "assigned_to", "due")
TYPES: dict[str, Any] = {"campaign_id": sa.String(64), "action_id": sa.Text(), "fifth": sa.Integer()}


def upgrade() -> None:
    for name in ("listed", "by_risk"):
        op.drop_index(f"ix_campaign_members_{name}", MEMBERS)
    create_index("listed", "number")
    create_index("by_risk", "probability DESC", "number")
    create_index("by_due", "due", "number")
    create_index("by_status", "status", "number")
    count_by(KEYS)


def downgrade() -> None:
    for name in ("listed", "by_risk", "by_due", "by_status"):
        op.drop_index(f"ix_campaign_members_{name}", MEMBERS)
    create_index("listed", "number", "probability")
    create_index("by_risk", "probability", "number")
    count_by(EARLIER_KEYS)


def create_index(name: str, *places: str) -> None:
    filters = (own for own in FILTERS if own not in places)
    op.create_index(f"ix_campaign_members_{name}", MEMBERS, ["campaign_id", "side", *map(sa.text, places), *filters])


def count_by(keys: tuple[str, ...]) -> None:
    """Make the totals again from the members, which are never changed here."""
    op.drop_table(TOTALS)
    op.create_table(
        TOTALS,
        *(sa.Column(key, TYPES.get(key, sa.String(16)), nullable=False) for key in keys),
        sa.Column("members", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Float(53), nullable=False) for name in SUMS),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name="fk_campaign_totals_campaign_id_campaigns", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(*keys, name="pk_campaign_totals"),
    )
    members = sa.table(MEMBERS, *map(sa.column, (*keys, *SUMS)))
    totals = sa.table(TOTALS, *map(sa.column, (*keys, "members", *SUMS)))
    own = [members.c[key] for key in keys]
    counted = sa.select(*own, sa.func.count(), *(sa.func.sum(members.c[name]) for name in SUMS)).group_by(*own)
    op.execute(sa.insert(totals).from_select([*keys, "members", *SUMS], counted))
