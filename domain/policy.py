"""The installation's settings. They are stored in the database and changed in the admin area."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain.account import RegistrationPolicy, Role
from domain.economics import DEFAULT_STRATEGY, ThresholdStrategy
from domain.prediction import BandLimits
from domain.recommendation import Economics

UNKNOWN_CURRENCY = "{} is not the code of a currency. Enter a code of ISO 4217, such as USD."


@dataclass(frozen=True, slots=True)
class Place:
    """Where an installation is used: the code of its currency, and its time zone."""

    currency: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class InstallationPolicy:
    """Sizes are in bytes, retention in days (None keeps for ever). `contact_list_rows` bounds a run's contact list.

    People whose role is among `second_factor_roles` need a second factor to log in.
    """

    currency: str = "USD"
    time_zone: str = "Africa/Harare"
    economics: Economics = field(default_factory=Economics)
    bands: BandLimits = field(default_factory=BandLimits)
    registration: RegistrationPolicy = RegistrationPolicy.OPEN
    allowed_domains: tuple[str, ...] = ()
    retention_days: int | None = None
    contact_list_rows: int = 10_000
    upload_limit: int = 2 * 1024**3
    threshold_strategy: ThresholdStrategy = DEFAULT_STRATEGY
    threshold_target: float | None = None
    second_factor_roles: tuple[Role, ...] = ()

    def __post_init__(self) -> None:
        if not (len(self.currency) == 3 and self.currency.isalpha() and self.currency.isupper()):
            raise ValueError("a currency is three capital letters, such as USD")
        try:
            ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{self.time_zone!r} is not a time zone, such as Africa/Harare") from error
        if self.retention_days is not None and self.retention_days < 1:
            raise ValueError("a retention period is at least one day")
        if self.contact_list_rows < 1 or self.upload_limit < 1024:
            raise ValueError("the contact list holds at least one row and an upload at least one kilobyte")

    def at(self, place: Place) -> InstallationPolicy:
        """The policy with another currency and time zone. Raises ValueError for what is neither."""
        return replace(self, currency=place.currency, time_zone=place.time_zone)

    def today(self, now: datetime) -> date:
        """The date in the installation's time zone."""
        return self.local(now).date()

    def local(self, moment: datetime) -> datetime:
        """The moment in the installation's time zone."""
        return moment.astimezone(ZoneInfo(self.time_zone))
