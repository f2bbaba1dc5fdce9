"""Versions of the playbook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from adapters.persistence.json_documents import from_json, to_json
from adapters.persistence.statements import add_rows
from adapters.persistence.tables.installation_tables import playbooks
from domain.errors import NotFound
from domain.playbook import Action, Playbook


@dataclass(frozen=True, slots=True)
class SqlPlaybooks:
    """Playbooks in the table `playbooks`. A stored version never changes."""

    connection: Connection

    def latest(self) -> Playbook:
        """Raises NotFound if the table is empty, without even the seeded version."""
        row = self.connection.execute(select(playbooks).order_by(playbooks.c.version.desc()).limit(1)).first()
        return _to_playbook(row)

    def get(self, version: int) -> Playbook:
        return _to_playbook(self.connection.execute(select(playbooks).where(playbooks.c.version == version)).first())

    def add(self, playbook: Playbook) -> None:
        """Raises Conflict if the version exists."""
        row = {"version": playbook.version, "actions": to_json(playbook.actions)}
        add_rows(
            self.connection,
            playbooks,
            [row],
            clash="Someone else changed the playbook in the meantime. Reload it and try again.",
        )


def _to_playbook(row: Any) -> Playbook:
    if row is None:
        raise NotFound("There is no such version of the playbook.")
    return Playbook(row.version, from_json(tuple[Action, ...], row.actions))
