"""The installation's settings, as pages and services read them."""

from __future__ import annotations

from dataclasses import dataclass

from application.use_cases.permissions import NewUnitOfWork
from domain.policy import InstallationPolicy


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """Reads the settings. Needs no permission, because every page is formatted by them."""

    new_uow: NewUnitOfWork

    def __call__(self) -> InstallationPolicy:
        with self.new_uow() as uow:
            return uow.policies.get()
