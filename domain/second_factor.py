"""Second factor: time-based codes, recovery codes, and which roles need one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.account import AccountId, Role

CODE_DIGITS = 6
STEP = timedelta(seconds=30)
MAX_DRIFT_STEPS = 1
"""A code of the step before or after the present one is accepted too."""
MAX_REPORTED_DRIFT_STEPS = 40
"""While a phone is set up, a code from up to 20 minutes away names the difference between the two clocks."""
ENROLMENT_VALID = timedelta(minutes=30)
"""How long a key that was shown waits for its first code."""
PENDING_LOG_IN_VALID = timedelta(minutes=5)
"""How long a correct password waits for the code."""

RECOVERY_CODES = 10
RECOVERY_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's 32 characters: without i, l, o and u, which are misread."""
RECOVERY_LENGTH = 28
"""140 bits. From 112 bits on, a fast hash is safe; a shorter code would need a slow hash."""
RECOVERY_GROUP = 4
_MISREAD = str.maketrans({"i": "1", "l": "1", "o": "0"})


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """A person's authenticator app. The key is derived from `seed` and the installation's secret; it is not stored.

    `key_mark` identifies that secret. `last_step` is the time step of the latest code that was accepted. A new phone
    waits in `pending_seed` for its first code while the old one still works.
    """

    account_id: AccountId
    key_mark: str
    seed: str | None = None
    enabled_at: datetime | None = None
    last_step: int = 0
    pending_seed: str | None = None
    pending_since: datetime | None = None

    def __post_init__(self) -> None:
        if (self.seed is None) != (self.enabled_at is None):
            raise ValueError("a second factor is enabled together with its seed")
        if (self.pending_seed is None) != (self.pending_since is None):
            raise ValueError("a seed is pending since some time")

    @property
    def enabled(self) -> bool:
        return self.seed is not None

    def waiting_seed(self, now: datetime) -> str | None:
        """The seed whose first code is awaited; None where there is none or it waited too long."""
        if self.pending_since is None or now - self.pending_since > ENROLMENT_VALID:
            return None
        return self.pending_seed

    def begun(self, seed: str, key_mark: str, *, now: datetime) -> SecondFactor:
        """With a new seed that waits for its first code."""
        mark = self.key_mark if self.enabled else key_mark
        return replace(self, key_mark=mark, pending_seed=seed, pending_since=now)

    def confirmed(self, key_mark: str, *, step: int, now: datetime) -> SecondFactor:
        """The pending seed is in use from now on; its first code counts as used."""
        return SecondFactor(self.account_id, key_mark, self.pending_seed, now, last_step=step)


@dataclass(frozen=True, slots=True)
class PendingLogIn:
    """A correct password that waits for the code. It opens nothing; only a hash of its secret is stored."""

    token_hash: str
    account_id: AccountId
    created_at: datetime

    def expired(self, now: datetime) -> bool:
        return not timedelta(0) <= now - self.created_at <= PENDING_LOG_IN_VALID


def needs_second_factor(role: Role, roles: Collection[Role]) -> bool:
    """Whether the installation's policy asks people with this role for a second factor."""
    return role in roles


def time_step(at: datetime) -> int:
    """The number of 30-second steps since 1970 (RFC 6238, section 4.2)."""
    return int(at.timestamp()) // int(STEP.total_seconds())


def accepted_steps(now: datetime, *, last_step: int) -> tuple[int, ...]:
    """The steps whose codes are accepted: around the present one, and after the last one used.

    A last step from the future means that this machine's clock was set back. It is ignored, because otherwise no code
    would be accepted until the clock has caught up.
    """
    present = time_step(now)
    around = range(present - MAX_DRIFT_STEPS, present + MAX_DRIFT_STEPS + 1)
    used = last_step if last_step in around else 0
    return tuple(step for step in around if step > used)


def reported_steps(now: datetime) -> tuple[int, ...]:
    """The steps that are searched to find the difference between two clocks."""
    present = time_step(now)
    return tuple(range(present - MAX_REPORTED_DRIFT_STEPS, present + MAX_REPORTED_DRIFT_STEPS + 1))


def drift_in_words(step: int, now: datetime) -> str:
    """How far the phone's clock is from this machine's, such as "about 4 minutes behind this machine's clock"."""
    seconds = (step - time_step(now)) * int(STEP.total_seconds())
    minutes = max(1, round(abs(seconds) / 60))
    side = "ahead of" if seconds > 0 else "behind"
    return f"about {minutes} minute{'' if minutes == 1 else 's'} {side} this machine's clock"


def code_digits(given: str) -> str | None:
    """The six digits of a typed code, with spaces ignored; None for anything else."""
    digits = "".join(given.split())
    return digits if len(digits) == CODE_DIGITS and digits.isascii() and digits.isdigit() else None


def normalised_recovery_code(given: str) -> str | None:
    """A typed recovery code without its hyphens, misread letters corrected; None where it cannot be one."""
    plain = "".join(c for c in given.lower() if c not in "- \t\r\n").translate(_MISREAD)
    fits = len(plain) == RECOVERY_LENGTH and all(c in RECOVERY_ALPHABET for c in plain)
    return plain if fits else None


def shown_recovery_code(plain: str) -> str:
    """In groups, as people read and type it."""
    return "-".join(plain[i : i + RECOVERY_GROUP] for i in range(0, len(plain), RECOVERY_GROUP))


def shown_key(key: str) -> str:
    """A base-32 key in groups of four, to be typed into an app that cannot scan."""
    return " ".join(key[i : i + 4] for i in range(0, len(key), 4))
