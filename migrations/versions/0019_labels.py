"""Stores with a model version how its label was made, where the file had none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model_versions", sa.Column("label", sa.Text))


def downgrade() -> None:
    op.drop_column("model_versions", "label")
