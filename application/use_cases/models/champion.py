"""The model that scores new files."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.models import ModelRegistry
from application.use_cases.permissions import NewUnitOfWork
from domain.account import Account, Permission
from domain.model import ModelVersion


@dataclass(frozen=True, slots=True)
class FindChampion:
    """Finds the champion; None if there is no model yet."""

    new_uow: NewUnitOfWork

    def __call__(self, *, by: Account) -> ModelVersion | None:
        by.must_be_able_to(Permission.READ)
        with self.new_uow() as uow:
            return uow.models.champion()


@dataclass(frozen=True, slots=True)
class LoadChampion:
    """Loads the champion's scorer and its libraries in advance, so that the first upload does not wait for them."""

    new_uow: NewUnitOfWork
    registry: ModelRegistry

    def __call__(self) -> None:
        """Raises ModelUnreadable if the champion's files are damaged."""
        with self.new_uow() as uow:
            champion = uow.models.champion()
        if champion is not None:
            self.registry.scorer(champion.id)
