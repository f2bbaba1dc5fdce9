"""Stores which customers must not be contacted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.create_table(
        "do_not_contact",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("id_folded", sa.Text, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_index("ix_do_not_contact_since_customer_id", "do_not_contact", ["since", "customer_id"])


def downgrade() -> None:
    op.drop_table("do_not_contact")
