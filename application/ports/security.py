"""Passwords and secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.errors import Busy


class PasswordHasher(Protocol):
    """Slow, salted hashes."""

    def hash(self, password: str) -> str: ...
    def verify(self, password: str, hashed: str | None) -> bool:
        """False for None too, after the same work, so that unknown emails cost what known ones cost."""

    def is_outdated(self, hashed: str) -> bool:
        """Whether it was made with less work than one made now."""


@dataclass(frozen=True, slots=True)
class Strength:
    """zxcvbn's score from 0 (guessed at once) to 4, and its advice in one sentence."""

    score: int
    advice: str


class MeterBusy(Busy):
    """Another password is being measured, and few may wait for their turn."""

    def __init__(self) -> None:
        super().__init__("Another password is being checked right now. Nothing was changed. Please try again.")


class PasswordMeter(Protocol):
    def measure(self, password: str, *, personal: tuple[str, ...], patience: float = 0.0) -> Strength:
        """Takes a bounded time for any password. Raises MeterBusy if its turn does not come in `patience` seconds."""


class BreachedPasswords(Protocol):
    """Passwords that are known from data breaches."""

    @property
    def configured(self) -> bool:
        """Whether this installation has a list."""

    def includes(self, password: str) -> bool:
        """False for every password where there is no list."""


class HourlyTally(Protocol):
    """Counts within the hour, a limited number of different things. Kept in memory, per process."""

    def count(self, key: str, *, at: datetime) -> int | None:
        """How often the key was counted in this hour, this time included; None for a new key beyond the limit.

        A key in parentheses is always counted: it stands for all the others.
        """


class Pace(Protocol):
    """Limits how often one address may ask for expensive work. Kept in memory, per process."""

    def wait(self, address: str) -> int:
        """Counts one request. 0: go on. Otherwise the seconds to wait, and nothing is counted."""


class Secrets(Protocol):
    """Random secrets and what is kept of them."""

    def new_token(self) -> str: ...
    def digest(self, token: str) -> str:
        """SHA-256 as hex: all that is stored of a token."""


class TimeCodes(Protocol):
    """Codes of authenticator apps (RFC 6238: SHA-1, 6 digits, 30 seconds).

    A key is derived from a stored seed and the installation's secret, so that the database alone reveals no key.
    """

    def key_mark(self) -> str:
        """Identifies the installation's secret without revealing it. Seeds made under another mark have no use."""

    def new_seed(self) -> str: ...
    def key(self, seed: str) -> str:
        """The key of 160 bits in base 32, for people to type."""

    def uri(self, seed: str, *, email: str) -> str:
        """The otpauth:// address that a QR code holds."""

    def matching_step(self, seed: str, code: str, *, steps: Sequence[int]) -> int | None:
        """The step among these whose code this is. Every step is compared, each in constant time."""


class RecoveryCodes(Protocol):
    def new_code(self) -> str:
        """28 random characters of the domain's alphabet, 140 bits, without hyphens."""


class QrCodes(Protocol):
    def svg(self, text: str) -> str:
        """An <svg> element with a white quiet zone, no style attribute, no script, scaled by CSS."""


class EmailRules(Protocol):
    def normalised(self, email: str) -> str:
        """The address trimmed and in lower case. Raises InvalidInput (field "email") with what is wrong. No DNS."""
