"""Stores what a task found, where it changes nothing by itself: what a later file says about a campaign's members."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("result", sa.Text))


def downgrade() -> None:
    op.drop_column("tasks", "result")
