"""Adds a person's choices about the file format to a run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("written", sa.Text))


def downgrade() -> None:
    op.drop_column("runs", "written")
