"""Versions of the playbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from adapters.persistence.json_documents import from_json, to_json
from adapters.persistence.statements import add_rows
from adapters.persistence.tables.installation_tables import playbooks
from domain.errors import NotFound
from domain.playbook import Action, Playbook
from domain.playbook_versions import OVERTAKEN, PlaybookVersion


@dataclass(frozen=True, slots=True)
class SqlPlaybooks:
    """Playbooks in the table `playbooks`. A stored version never changes."""

    connection: Connection

    def latest(self) -> Playbook:
        """Raises NotFound if the table is empty, without even the seeded version."""
        row = self.connection.execute(select(playbooks).order_by(playbooks.c.version.desc()).limit(1)).first()
        return _to_version(row).playbook

    def get(self, version: int) -> Playbook:
        return self.version(version).playbook

    def version(self, number: int) -> PlaybookVersion:
        return _to_version(self.connection.execute(select(playbooks).where(playbooks.c.version == number)).first())

    def versions(self) -> Sequence[PlaybookVersion]:
        rows = self.connection.execute(select(playbooks).order_by(playbooks.c.version.desc()))
        return [_to_version(row) for row in rows]

    def add(self, version: PlaybookVersion) -> None:
        """Raises Conflict if the version exists."""
        row = {
            "version": version.number,
            "actions": to_json(version.playbook.actions),
            "by": version.by,
            "note": version.note,
            "at": version.at,
        }
        add_rows(
            self.connection,
            playbooks,
            [row],
            clash=OVERTAKEN,
        )


def _to_version(row: Any) -> PlaybookVersion:
    if row is None:
        raise NotFound("There is no such version of the playbook.")
    return PlaybookVersion(Playbook(row.version, from_json(tuple[Action, ...], row.actions)), row.by, row.note, row.at)
