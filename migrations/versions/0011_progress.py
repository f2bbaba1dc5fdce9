"""Progress is stored as the name of a stage with `done` and `of`; it was a sentence with `rows` and `of`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WAITING, STARTING, UNKNOWN = "waiting", "starting", "unknown"
NAMES = {"Waiting for its turn": WAITING, "": STARTING}
SENTENCES = {name: sentence for sentence, name in NAMES.items()}


def upgrade() -> None:
    _rewrite("runs", _scoring)
    _rewrite("trainings", _training)


def downgrade() -> None:
    _rewrite("runs", _earlier)
    _rewrite("trainings", _earlier)


def _rewrite(name: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    table = sa.table(name, sa.column("id", sa.String), sa.column("progress", sa.Text))
    connection = op.get_bind()
    statement = table.update().where(table.c.id == sa.bindparam("row")).values(progress=sa.bindparam("text"))
    rows = connection.execute(sa.select(table.c.id, table.c.progress)).all()
    changed = [{"row": row.id, "text": json.dumps(change(json.loads(row.progress)))} for row in rows]
    if changed:
        connection.execute(statement, changed)


def _scoring(old: dict[str, Any]) -> dict[str, Any]:
    """`rows` of a scoring becomes `done`, so that a cancelled run still shows how far it was."""
    stage = NAMES.get(old.get("stage", ""), UNKNOWN)
    return {"stage": stage, "done": max(0, old.get("rows", 0)), "of": old.get("of")}


def _training(old: dict[str, Any]) -> dict[str, Any]:
    """`rows` of a training is dropped: it was the number of rows in the file, not of rows done."""
    return {"stage": NAMES.get(old.get("stage", ""), UNKNOWN), "done": 0, "of": None}


def _earlier(new: dict[str, Any]) -> dict[str, Any]:
    return {"stage": SENTENCES.get(new["stage"], ""), "rows": new["done"], "of": new["of"]}
