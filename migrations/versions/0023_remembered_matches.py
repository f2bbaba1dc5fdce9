"""Stores matches of columns that people confirmed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.create_table(
        "remembered_matches",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("header", sa.Text, nullable=False),
        sa.Column("attribute", sa.Text, nullable=False),
        sa.Column("confirmed_by", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("used", sa.Integer, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_remembered_matches"),
    )
    op.create_index("ix_remembered_matches_at", "remembered_matches", ["at"])


def downgrade() -> None:
    op.drop_table("remembered_matches")
