"""Stores the recognised file format and columns of an unfinished job."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("recognition", sa.Text))
    op.add_column("trainings", sa.Column("recognition", sa.Text))


def downgrade() -> None:
    op.drop_column("trainings", "recognition")
    op.drop_column("runs", "recognition")
