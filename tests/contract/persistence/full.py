"""Objects with every field filled, so that a round trip tells which one is lost."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from application.ports.unit_of_work import UnitOfWork
from domain.account import RegistrationPolicy, Role
from domain.csv_style import CsvStyle
from domain.economics import ThresholdStrategy
from domain.policy import InstallationPolicy
from domain.prediction import BandLimits
from domain.recommendation import Economics
from tests import builders as a
from tests.builders import at

NewUow = Callable[[], UnitOfWork]


def check_every_field_is_filled(value: Any) -> None:
    """Fails where a field of the object, or of one within it, still has its default: its loss would not show."""
    for field in dataclasses.fields(value):
        if not field.metadata.get("stored", True):
            continue
        own = getattr(value, field.name)
        if field.default is not dataclasses.MISSING:
            assert own != field.default, f"{type(value).__name__}.{field.name} has its default"
        if field.default_factory is not dataclasses.MISSING:
            assert own != field.default_factory(), f"{type(value).__name__}.{field.name} has its default"
        if dataclasses.is_dataclass(own):
            check_every_field_is_filled(own)


def a_full_account(**given: Any) -> Any:
    times = {"last_login_at": at(minutes=1), "password_changed_at": at(minutes=2)}
    own = {"approved": False, "disabled": True, "role": Role.MANAGER, "csv_style": CsvStyle.SEMICOLON}
    return a.an_account(**(own | times | given))


def a_full_policy() -> InstallationPolicy:
    return InstallationPolicy(
        currency="ZAR",
        time_zone="Europe/Berlin",
        economics=Economics(321.5, 0.4, 6.0, 12.0, 2.0, 0.1 + 0.2),
        bands=BandLimits(0.2, 0.4, 0.6),
        registration=RegistrationPolicy.DOMAINS,
        allowed_domains=("telco.example.com", "netone.example.com"),
        retention_days=90,
        contact_list_rows=500,
        upload_limit=5_000_000,
        threshold_strategy=ThresholdStrategy.SHARE,
        threshold_target=0.15,
        second_factor_roles=(Role.ADMIN, Role.MANAGER),
    )


def with_account(uow: UnitOfWork, **given: Any) -> Any:
    account = a.an_account(**given)
    uow.accounts.add(account)
    return account
