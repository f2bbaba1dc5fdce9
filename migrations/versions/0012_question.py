"""Stores the question about its file with a job that failed because of it.

Trainings kept their questions in the request: the values of the target among which a person chooses, and whether the
decimal mark is unclear.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("question", sa.Text))
    op.add_column("trainings", sa.Column("question", sa.Text))
    _move_questions()


def downgrade() -> None:
    op.drop_column("trainings", "question")
    op.drop_column("runs", "question")


def _move_questions() -> None:
    names = ("id", "state", "request", "error", "question")
    table = sa.table("trainings", *(sa.column(name, sa.Text) for name in names))
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(table.c.id, table.c.request, table.c.error).where(table.c.state == "failed")
    ).all()
    asked = [(row.id, _question_of(json.loads(row.request), row.error or "")) for row in rows]
    changed = [{"row": job, "text": json.dumps(question)} for job, question in asked if question is not None]
    if changed:
        statement = table.update().where(table.c.id == sa.bindparam("row")).values(question=sa.bindparam("text"))
        connection.execute(statement, changed)


def _question_of(request: dict[str, Any], error: str) -> dict[str, Any] | None:
    if request.get("decimal_unclear") and not (request.get("format_override") or {}).get("decimal"):
        choices = [{"value": ".", "words": "Decimal point"}, {"value": ",", "words": "Decimal comma"}]
        return {"about": "decimal", "text": error, "choices": choices, "column": None}
    if request.get("positive") is None and request.get("seen"):
        choices = [{"value": value, "words": value} for value in request["seen"]]
        return {"about": "positive", "text": error, "choices": choices, "column": request.get("target")}
    return None
