"""Stand-ins for hashing, the clock and ids: fast, and the same on every run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from application.ports.security import (
    BreachedPasswords,
    EmailRules,
    Pace,
    PasswordHasher,
    PasswordMeter,
    QrCodes,
    RecoveryCodes,
    Secrets,
    Strength,
    TimeCodes,
)
from application.ports.system import Clock, Ids
from domain.errors import InvalidInput


class PlainHasher:
    """Keeps passwords readable. Salts by counting, so that equal passwords have different hashes."""

    def __init__(self) -> None:
        self.made = 0

    def hash(self, password: str) -> str:
        self.made += 1
        return f"plain:{self.made}:{password}"

    def verify(self, password: str, hashed: str | None) -> bool:
        return hashed is not None and hashed.startswith("plain:") and hashed.split(":", 2)[-1] == password

    def is_outdated(self, hashed: str) -> bool:
        return hashed.startswith("plain:old:")


class LengthMeter:
    """Longer is stronger: a point for every four characters."""

    def measure(self, password: str, *, personal: tuple[str, ...], patience: float = 0.0) -> Strength:
        score = min(4, len(password) // 4)
        return Strength(score, "" if score >= 3 else "Add another word or two.")


class ListedPasswords:
    """Breached passwords in memory."""

    def __init__(self, *passwords: str) -> None:
        self._passwords = frozenset(passwords)

    @property
    def configured(self) -> bool:
        return bool(self._passwords)

    def includes(self, password: str) -> bool:
        return password in self._passwords


class CountedPace:
    """Lets each address make `allowed` requests, then asks for a second's wait."""

    def __init__(self, allowed: int = 1_000_000) -> None:
        self._allowed = allowed
        self._counted: dict[str, int] = {}

    def wait(self, address: str) -> int:
        if self._counted.get(address, 0) >= self._allowed:
            return 1
        self._counted[address] = self._counted.get(address, 0) + 1
        return 0


class CountedSecrets:
    """Tokens that count up."""

    def __init__(self) -> None:
        self.made = 0

    def new_token(self) -> str:
        self.made += 1
        return f"token-{self.made}-{'x' * 32}"

    def digest(self, token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()


class ReadableTimeCodes:
    """The code of a step is its last six digits, plus one for each character of the seed."""

    def __init__(self, mark: str = "mark-1") -> None:
        self.mark, self.made = mark, 0

    def key_mark(self) -> str:
        return self.mark

    def new_seed(self) -> str:
        self.made += 1
        return "s" * self.made

    def key(self, seed: str) -> str:
        return f"{len(seed):A>32}"

    def uri(self, seed: str, *, email: str) -> str:
        return f"otpauth://totp/{email}?secret={self.key(seed)}"

    def code(self, seed: str, step: int) -> str:
        return f"{(step + len(seed)) % 1_000_000:06d}"

    def matching_step(self, seed: str, code: str, *, steps: Sequence[int]) -> int | None:
        return next((step for step in steps if self.code(seed, step) == code), None)


class CountedRecoveryCodes:
    """Codes that count up."""

    def __init__(self) -> None:
        self.made = 0

    def new_code(self) -> str:
        self.made += 1
        return f"{self.made:028d}"


class WrittenQrCodes:
    """An <svg> that holds the text itself."""

    def svg(self, text: str) -> str:
        return f"<svg><title>{escape(text)}</title></svg>"


class SimpleEmailRules:
    """Something, an @, and something with a dot."""

    def normalised(self, email: str) -> str:
        name, sign, domain = email.strip().lower().partition("@")
        if not sign:
            raise InvalidInput("An email address has an @, as in name@company.com.", field="email")
        if not name or "." not in domain.strip(".") or " " in email.strip():
            raise InvalidInput("The part after @ needs a dot, as in name@company.com.", field="email")
        return f"{name}@{domain}"


class FixedClock:
    """Stands still until it is moved. `set` is what a person does to a clock: monotonic time does not notice."""

    def __init__(self, now: datetime = datetime(2026, 11, 2, 12, 0, 0, 123456, tzinfo=UTC)) -> None:
        self._now = now
        self._elapsed = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._elapsed

    def move(self, **step: float) -> datetime:
        """Ahead by a timedelta's arguments, such as `minutes=5`; the new time."""
        self._now += timedelta(**step)
        self._elapsed += timedelta(**step).total_seconds()
        return self._now

    def set(self, now: datetime) -> None:
        self._now = now


class CountedIds:
    """Ids in the form of a UUIDv7 that count up."""

    def __init__(self) -> None:
        self.made = 0

    def new(self) -> str:
        self.made += 1
        return f"019a0000-0000-7000-8000-{self.made:012d}"


if TYPE_CHECKING:
    _hasher: PasswordHasher = PlainHasher()
    _meter: PasswordMeter = LengthMeter()
    _breached: BreachedPasswords = ListedPasswords()
    _pace: Pace = CountedPace()
    _secrets: Secrets = CountedSecrets()
    _time_codes: TimeCodes = ReadableTimeCodes()
    _recovery_codes: RecoveryCodes = CountedRecoveryCodes()
    _qr_codes: QrCodes = WrittenQrCodes()
    _emails: EmailRules = SimpleEmailRules()
    _clock: Clock = FixedClock()
    _ids: Ids = CountedIds()
