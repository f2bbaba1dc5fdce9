"""Stores the rules of watched folders and the files that they claimed, and the folder that a prediction came from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.create_table(
        "folder_rules",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("folder_folded", sa.Text, nullable=False),
        sa.Column("then", sa.String(16), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("results", sa.Text, nullable=False),
        sa.Column("expected", sa.Text),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("by_command", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("looked_at", MOMENT),
        sa.Column("last_file_at", MOMENT),
        sa.Column("waiting", sa.Integer, nullable=False),
        sa.Column("looker", sa.Text),
        sa.Column("looker_seen_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_folder_rules"),
        sa.UniqueConstraint("folder_folded", name="uq_folder_rules_folder_folded"),
    )
    op.create_index("ix_folder_rules_owner", "folder_rules", ["owner"])
    op.create_table(
        "folder_files",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("rule_id", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("written_ns", sa.BigInteger, nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("job_id", sa.String(64)),
        sa.Column("target", sa.LargeBinary),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("settled", sa.Boolean, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["folder_rules.id"], name="fk_folder_files_rule_id_folder_rules", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_folder_files"),
        sa.UniqueConstraint("rule_id", "sha256", name="uq_folder_files_rule_id_sha256"),
    )
    op.create_index("ix_folder_files_claimed_at", "folder_files", ["claimed_at"])
    op.create_index("ix_folder_files_settled", "folder_files", ["settled"])
    op.add_column("runs", sa.Column("folder", sa.Text))


def downgrade() -> None:
    op.drop_column("runs", "folder")
    op.drop_table("folder_files")
    op.drop_table("folder_rules")
