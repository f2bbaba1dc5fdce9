"""The installation's settings."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from adapters.persistence.json_documents import from_json, to_json
from adapters.persistence.statements import add_rows, change_row
from adapters.persistence.tables.installation_tables import settings
from domain.policy import InstallationPolicy

ONLY_ROW = 1


@dataclass(frozen=True, slots=True)
class SqlPolicies:
    """The policy in the one row of the table `settings`."""

    connection: Connection

    def get(self) -> InstallationPolicy:
        text = self.connection.execute(select(settings.c.policy).where(settings.c.id == ONLY_ROW)).scalar()
        return InstallationPolicy() if text is None else from_json(InstallationPolicy, text)

    def save(self, policy: InstallationPolicy) -> None:
        row = {"id": ONLY_ROW, "policy": to_json(policy)}
        if not change_row(self.connection, settings, row, settings.c.id == ONLY_ROW):
            add_rows(
                self.connection,
                settings,
                [row],
                clash="Someone else changed the settings in the meantime. Reload them and try again.",
            )
