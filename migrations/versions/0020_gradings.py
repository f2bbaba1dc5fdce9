"""Stores the gradings of earlier predictions, and which later runs could grade them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.create_table(
        "gradings",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("model_version", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_run", sa.String(64)),
        sa.Column("grading", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_gradings_run_id_runs", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["by_run"], ["runs.id"], name="fk_gradings_by_run_runs", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_gradings"),
        sa.UniqueConstraint("run_id", name="uq_gradings_run_id"),
    )
    op.create_index("ix_gradings_month", "gradings", ["month"])
    op.create_index("ix_gradings_by_run", "gradings", ["by_run"])
    op.create_index("ix_gradings_model_version", "gradings", ["model_version"])
    op.create_table(
        "grading_offers",
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("by_run", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("possible", sa.Boolean, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_grading_offers_run_id_runs", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["by_run"], ["runs.id"], name="fk_grading_offers_by_run_runs", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "by_run", name="pk_grading_offers"),
    )
    op.create_index("ix_grading_offers_by_run", "grading_offers", ["by_run"])


def downgrade() -> None:
    op.drop_table("grading_offers")
    op.drop_table("gradings")
