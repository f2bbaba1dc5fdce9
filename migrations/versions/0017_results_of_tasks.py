"""Stores what a task found that only looks something up, such as which of a campaign's members a later file has."""

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
