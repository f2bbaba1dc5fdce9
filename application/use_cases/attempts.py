"""Slowing down whoever guesses: by account and by address, kept in the database, and never for more than minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from application.ports.persistence import UnitOfWork
from domain.errors import TooManyAttempts
from domain.liveness import MAX_CLOCK_AHEAD

FREE_OF_ACCOUNT = 5
"""Attempts at one account before the slowing down begins."""
FREE_OF_ADDRESS = 20
"""The same for one address, behind which a whole office may sit."""
FREE_OF_USUAL_ADDRESS = 60
"""The same for the failures of people at an address from which they usually log in, all of them together."""
WINDOW = timedelta(minutes=30)
LONGEST_WAIT = 300
"""Seconds; a person who knows the password is slowed down, never shut out."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts of one kind ("log-in", "link" …) at one account, made from one address.

    `account` is whatever is guessed at: the hash of an email or of a link's secret, or an account's id.
    `usual`: this person logged in from this address lately. Their attempts then have a limit per address of their own,
    so that failures of strangers behind the same address don't make them wait. They count as failures of the address
    all the same.
    """

    kind: str
    account: str
    address: str
    usual: bool = False

    def must_be_calm(self, uow: UnitOfWork, now: datetime) -> None:
        """Raises TooManyAttempts."""
        wait = max(
            wait_after(uow.throttle.failures(key, since=now - WINDOW), now, free=free) for key, free in self._limits
        )
        if wait > 0:
            raise TooManyAttempts(wait)

    def note(self, uow: UnitOfWork, now: datetime) -> None:
        """Count one more. Noted before it is judged, so that many at once count too."""
        for key in (self._account_key, *self._address_keys):
            uow.throttle.record(key, at=now)

    def begin(self, uow: UnitOfWork, now: datetime) -> None:
        """Raises TooManyAttempts, else counts one more."""
        self.must_be_calm(uow, now)
        self.note(uow, now)

    def succeeded(self, uow: UnitOfWork, begun: datetime) -> None:
        """Forget the attempts at this account. Of the address only this one: who has an account here could else go
        on guessing at others' by logging in to their own in between."""
        uow.throttle.clear(self._account_key)
        for key in self._address_keys:
            uow.throttle.forget(key, at=begun)

    @property
    def _account_key(self) -> str:
        return f"{self.kind} account:{self.account}"

    @property
    def _address_keys(self) -> tuple[str, ...]:
        place = neighbourhood(self.address)
        everyone = f"{self.kind} address:{place}"
        return (everyone, f"{self.kind} usual address:{place}") if self.usual else (everyone,)

    @property
    def _limits(self) -> tuple[tuple[str, int], tuple[str, int]]:
        """What is counted, and how many of it are free."""
        of_address = FREE_OF_USUAL_ADDRESS if self.usual else FREE_OF_ADDRESS
        return (self._account_key, FREE_OF_ACCOUNT), (self._address_keys[-1], of_address)


def neighbourhood(address: str) -> str:
    """The address; of IPv6 the network of 64 bits, as one machine has all of its addresses."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        return f"{IPv6Address(int(known) >> 64 << 64)}/64" if known.ipv4_mapped is None else str(known.ipv4_mapped)
    return str(known)


def wait_after(failures: Sequence[datetime], now: datetime, *, free: int = FREE_OF_ACCOUNT) -> int:
    """Seconds still to wait: none for the first failures, then 2, 4, 8 … after the latest one.

    Failures from the future are left out: they were noted while the clock was ahead, and would lock a person out.
    """
    failures = [failure for failure in failures if failure <= now + MAX_CLOCK_AHEAD]
    beyond = len(failures) - free
    if beyond < 0:
        return 0
    pause = min(LONGEST_WAIT, 2 ** min(beyond + 1, 16))
    left = (max(failures) + timedelta(seconds=pause) - now).total_seconds()
    return max(0, int(left + 0.999))
