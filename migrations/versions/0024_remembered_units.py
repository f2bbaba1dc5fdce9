"""Stores which unit a person said the numbers of a column are in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("remembered_matches", sa.Column("unit", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("remembered_matches") as matches:
        matches.drop_column("unit")
