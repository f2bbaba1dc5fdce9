"""Adds the installation's id, pending deletions of files, and hashes of files.

This migration does not write the installation's id. The program writes it when it first opens the database with its
data directory, because several processes can migrate at once and a directory with an id keeps it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("installation_id", sa.String(64), nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_installation"),
    )
    op.create_table(
        "pending_deletions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("parts", sa.Text, nullable=False),
        sa.Column("due", MOMENT, nullable=False),
        sa.Column("until", MOMENT),
        sa.Column("unless_listed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pending_deletions"),
    )
    op.create_index("ix_pending_deletions_subject", "pending_deletions", ["subject"])
    op.create_index("ix_pending_deletions_due", "pending_deletions", ["due"])
    op.create_table(
        "file_hashes",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", "sha256", name="pk_file_hashes"),
    )


def downgrade() -> None:
    op.drop_table("file_hashes")
    op.drop_table("pending_deletions")
    op.drop_table("installation")
