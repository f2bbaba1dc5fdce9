"""Change the settings of the installation. The economics have their own use case and permission."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from application.ports.system import Clock
from application.use_cases.permissions import NewUnitOfWork, note
from domain.account import Permission
from domain.actor import Actor
from domain.errors import InvalidInput
from domain.policy import UNKNOWN_CURRENCY, InstallationPolicy
from domain.recommendation import Economics

Settings = TypeVar("Settings", InstallationPolicy, Economics)


@dataclass(frozen=True, slots=True)
class ChangeSettings:
    """Changes all settings except the economics, which have their own use case and permission.

    Raises InvalidInput for a new currency that is not in ISO 4217. A currency that is already stored is accepted.
    """

    new_uow: NewUnitOfWork
    clock: Clock
    is_currency_known: Callable[[str], bool]

    def __call__(self, policy: InstallationPolicy, *, by: Actor) -> InstallationPolicy:
        by.account.must_be_able_to(Permission.ADMINISTER)
        with self.new_uow() as uow:
            old = uow.policies.get()
            new = replace(policy, economics=old.economics)
            self.must_know(new.currency, stored=old.currency)
            if new != old:
                uow.policies.save(new)
                note(uow, self.clock, by, "changed settings", _changed(old, new))
                uow.commit()
        return new

    def must_know(self, currency: str, *, stored: str) -> None:
        """Raises InvalidInput for a currency that is neither stored nor in ISO 4217."""
        if currency != stored and not self.is_currency_known(currency):
            raise InvalidInput(UNKNOWN_CURRENCY.format(currency), field="currency")


@dataclass(frozen=True, slots=True)
class ChangeEconomics:
    """Changes the value of a customer and the costs of retention.

    Later predictions use them; earlier ones don't change.
    """

    new_uow: NewUnitOfWork
    clock: Clock

    def __call__(self, economics: Economics, *, by: Actor) -> InstallationPolicy:
        by.account.must_be_able_to(Permission.SET_ECONOMICS)
        with self.new_uow() as uow:
            old = uow.policies.get()
            new = replace(old, economics=economics)
            if new != old:
                uow.policies.save(new)
                note(uow, self.clock, by, "changed economics", _changed(old.economics, economics))
                uow.commit()
        return new


def _changed(old: Settings, new: Settings) -> str:
    """The settings that differ, each with the old and the new value."""
    names = [field.name for field in fields(old)]
    return "; ".join(
        f"{name.replace('_', ' ')}: {getattr(old, name)} → {getattr(new, name)}"
        for name in names
        if getattr(old, name) != getattr(new, name)
    )[:500]
