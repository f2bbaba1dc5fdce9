"""Adds a report to runs that stopped because of their file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("stopped", sa.Text))


def downgrade() -> None:
    op.drop_column("runs", "stopped")
