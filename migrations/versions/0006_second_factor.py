"""Adds a second factor for log-ins: authenticator apps, recovery codes, and log-ins that wait for a code."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    op.create_table(
        "second_factors",
        _account(primary_key=True),
        sa.Column("key_mark", sa.String(32), nullable=False),
        sa.Column("seed", sa.String(64)),
        sa.Column("enabled_at", MOMENT),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("pending_seed", sa.String(64)),
        sa.Column("pending_since", MOMENT),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(64), primary_key=True),
        _account(index=True),
        sa.Column("used_at", MOMENT),
    )
    op.create_table(
        "pending_log_ins",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        _account(index=True),
        sa.Column("created_at", MOMENT, nullable=False),
    )


def downgrade() -> None:
    for table in ("pending_log_ins", "recovery_codes", "second_factors"):
        op.drop_table(table)


def _account(*, primary_key: bool = False, index: bool | None = None) -> sa.Column[str]:
    owner = sa.ForeignKey("accounts.id", ondelete="CASCADE")
    return sa.Column("account_id", sa.String(64), owner, primary_key=primary_key, nullable=False, index=index)
