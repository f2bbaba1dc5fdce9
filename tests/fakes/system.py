"""The data directory in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from application.ports.system import StorageUse
from domain.installation import Contents, InstallationId


@dataclass
class FakeStorage:
    """Fulfils Storage; counts how often what was deleted was overwritten."""

    overwritten: int = 0

    def use(self) -> StorageUse:
        return StorageUse(0, 0, 0, 0, 0, 0, 0, 0)

    def keep_reserve(self) -> None:
        """A fake disk is never full."""

    def check_database(self) -> str | None:
        return None

    def forget_deleted(self) -> None:
        self.overwritten += 1

    def overwrite_deleted(self) -> bool:
        self.overwritten += 1
        return True


@dataclass
class FakeDirectory:
    """Fulfils DataDirectory."""

    held: Contents = field(default_factory=Contents)
    noted: int = 0

    def installation(self) -> InstallationId | None:
        return self.held.installation

    def contents(self) -> Contents:
        return self.held

    def give(self, installation: InstallationId, *, replace: bool = False) -> InstallationId:
        if self.held.installation is None or replace:
            self.held = Contents(installation, self.held.files, self.held.models)
        return self.held.installation or installation

    def mark(self) -> int:
        return self.noted

    def raise_mark(self, sequence: int) -> None:
        self.noted = max(self.noted, sequence)
