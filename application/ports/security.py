"""Passwords and secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.errors import Busy


class PasswordHasher(Protocol):
    """Slow, salted password hashes."""

    def hash(self, password: str) -> str: ...
    def verify(self, password: str, hashed: str | None) -> bool:
        """Whether the password matches. For None it takes the same time and is False, which hides unknown emails."""

    def is_outdated(self, hashed: str) -> bool:
        """Whether the hash was made with weaker parameters than the current ones."""


@dataclass(frozen=True, slots=True)
class Strength:
    """zxcvbn's score from 0 (weakest) to 4, and its advice in one sentence."""

    score: int
    advice: str


class MeterBusy(Busy):
    """Another password is being measured, and too many requests are waiting."""

    def __init__(self) -> None:
        super().__init__("Another password is being checked right now. Nothing was changed. Please try again.")


class PasswordMeter(Protocol):
    def measure(self, password: str, *, personal: tuple[str, ...], patience: float = 0.0) -> Strength:
        """Takes a bounded time for any password. Raises MeterBusy after waiting `patience` seconds."""


class BreachedPasswords(Protocol):
    """A list of passwords known from data breaches."""

    @property
    def configured(self) -> bool:
        """Whether this installation has a list."""

    def includes(self, password: str) -> bool:
        """Whether the password is in the list; always False without a list."""


class HourlyCounter(Protocol):
    """Counts events per hour for a limited number of keys. Kept in memory, per process."""

    def count(self, key: str, *, at: datetime) -> int | None:
        """How often the key was counted in this hour, including this time; None for a new key beyond the limit.

        A key in parentheses is always counted: it is the total for keys beyond the limit.
        """


class Pace(Protocol):
    """Limits how often one IP address may request expensive work. Kept in memory, per process."""

    def wait(self, address: str) -> int:
        """Count one request. 0 means allowed. Otherwise the seconds to wait; the request is then not counted."""


class Secrets(Protocol):
    """Random tokens and their hashes."""

    def new_token(self) -> str: ...
    def digest(self, token: str) -> str:
        """SHA-256 (hex) of a token. Only this is stored."""


class TimeCodes(Protocol):
    """Codes of authenticator apps (RFC 6238: SHA-1, 6 digits, 30 seconds).

    A key is derived from a stored seed and the installation's secret, so that the database alone reveals no key.
    """

    def key_mark(self) -> str:
        """Identifies the installation's secret without revealing it. Seeds made under another mark do not work."""

    def new_seed(self) -> str: ...
    def key(self, seed: str) -> str:
        """The 160-bit key in base 32, for typing by hand."""

    def uri(self, seed: str, *, email: str) -> str:
        """The otpauth:// URI for the QR code."""

    def matching_step(self, seed: str, code: str, *, steps: Sequence[int]) -> int | None:
        """The step among `steps` that has this code; None if none has. Compares every step, each in constant time."""


class RecoveryCodes(Protocol):
    def new_code(self) -> str:
        """28 random characters of the domain's alphabet (140 bits), without hyphens."""


class QrCodes(Protocol):
    def svg(self, text: str) -> str:
        """An <svg> element with a white quiet zone, no style attribute, no script, scaled by CSS."""


class EmailRules(Protocol):
    def normalised(self, email: str) -> str:
        """The address trimmed and in lower case. Raises InvalidInput (field "email") with the reason. No DNS."""
