"""Reserves version numbers before a model is stored."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model_numbers", sa.Column("used", sa.Boolean, nullable=False, server_default=sa.true()))
    with op.batch_alter_table("model_numbers") as table:
        table.alter_column("used", server_default=None)


def downgrade() -> None:
    op.execute("DELETE FROM model_numbers WHERE NOT used")
    with op.batch_alter_table("model_numbers") as table:
        table.drop_column("used")
