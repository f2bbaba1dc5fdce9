"""Stores who saved a version of the playbook, when and why, and the channel of each action.

Actions of earlier versions have no channel. Most of them are calls; letters and bills are announced by e-mail, a bonus
by SMS. The channel does not enter any figure of an earlier prediction.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
SEEDED_BY = "The product"
CHANNELS = {
    "security-backup-bundle": "email",
    "device-protection": "email",
    "automatic-payment": "email",
    "streaming-bundle": "app",
    "data-and-roaming": "app",
    "paperless-help": "letter",
    "top-up-bonus": "sms",
}


def upgrade() -> None:
    op.add_column("playbooks", sa.Column("by", sa.Text, nullable=False, server_default=SEEDED_BY))
    op.add_column("playbooks", sa.Column("note", sa.Text, nullable=False, server_default=""))
    op.add_column("playbooks", sa.Column("at", MOMENT))
    with op.batch_alter_table("playbooks") as table:
        table.alter_column("by", server_default=None)
        table.alter_column("note", server_default=None)
    _set_channels()


def downgrade() -> None:
    op.drop_column("playbooks", "at")
    op.drop_column("playbooks", "note")
    op.drop_column("playbooks", "by")


def _set_channels() -> None:
    table = sa.table("playbooks", sa.column("version", sa.Integer), sa.column("actions", sa.Text))
    connection = op.get_bind()
    for row in connection.execute(sa.select(table)).all():
        actions = json.loads(row.actions)
        for action in actions:
            action.setdefault("channel", CHANNELS.get(action["id"], "phone"))
        text = json.dumps(actions, ensure_ascii=False, separators=(",", ":"))
        connection.execute(table.update().where(table.c.version == row.version).values(actions=text))
