"""Stores customer searches on the server; URLs refer to them by a key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.create_table(
        "customer_searches",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("account_id", sa.String(64), sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_customer_searches_at", "customer_searches", ["at"])
    op.create_index("ix_customer_searches_account_id_at", "customer_searches", ["account_id", "at"])


def downgrade() -> None:
    op.drop_table("customer_searches")
