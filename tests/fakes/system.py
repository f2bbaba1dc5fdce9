"""The data directory in memory."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.system import StorageUse


@dataclass
class FakeStorage:
    """Fulfils Storage; counts how often what was deleted was overwritten."""

    overwritten: int = 0

    def use(self) -> StorageUse:
        return StorageUse(0, 0, 0, 0, 0, 0, 0)

    def check_database(self) -> str | None:
        return None

    def forget_deleted(self) -> None:
        self.overwritten += 1

    def overwrite_deleted(self) -> bool:
        self.overwritten += 1
        return True
