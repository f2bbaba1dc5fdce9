"""The data directory in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from application.ports.installation import DataDirectory
from application.ports.system import Storage, StorageUse
from domain.installation import Contents, InstallationId


@dataclass
class FakeStorage:
    """Fulfils Storage; counts how often what was deleted was overwritten."""

    overwritten: int = 0
    scratch: dict[str, datetime] = field(default_factory=dict)

    def use(self) -> StorageUse:
        return StorageUse(0, 0, 0, 0, 0, 0, 0, 0)

    def keep_reserve(self) -> None:
        """A fake disk is never full."""

    def check_database(self) -> str | None:
        return None

    def discard_scratch(self, *, before: datetime) -> int:
        old = [name for name, at in self.scratch.items() if at < before]
        for name in old:
            del self.scratch[name]
        return len(old)

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


if TYPE_CHECKING:
    _storage: Storage = FakeStorage()
    _directory: DataDirectory = FakeDirectory()
