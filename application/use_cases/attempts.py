"""Slowing down whoever guesses: by account and by address, kept in the database, and never for more than minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from application.ports.persistence import UnitOfWork
from domain.errors import TooManyAttempts

FREE_OF_ACCOUNT = 5
"""Attempts at one account before the slowing down begins."""
FREE_OF_ADDRESS = 20
"""The same for one address, behind which a whole office may sit."""
WINDOW = timedelta(minutes=30)
LONGEST_WAIT = 300
"""Seconds; a person who knows the password is slowed down, never shut out."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts of one kind ("log-in", "link" …) at one account, made from one address.

    `account` is whatever is guessed at: the hash of an email or of a link's secret, or an account's id.
    """

    kind: str
    account: str
    address: str

    def must_be_calm(self, uow: UnitOfWork, now: datetime) -> None:
        """Raises TooManyAttempts."""
        wait = max(
            wait_after(uow.throttle.failures(key, since=now - WINDOW), now, free=free) for key, free in self._keys
        )
        if wait > 0:
            raise TooManyAttempts(wait)

    def note(self, uow: UnitOfWork, now: datetime) -> None:
        """Count one more. Noted before it is judged, so that many at once count too."""
        for key, _ in self._keys:
            uow.throttle.record(key, at=now)

    def begin(self, uow: UnitOfWork, now: datetime) -> None:
        """Raises TooManyAttempts, else counts one more."""
        self.must_be_calm(uow, now)
        self.note(uow, now)

    def succeeded(self, uow: UnitOfWork, begun: datetime) -> None:
        """Forget the attempts at this account. Of the address only this one: who has an account here could else go
        on guessing at others' by logging in to their own in between."""
        (account, _), (address, _) = self._keys
        uow.throttle.clear(account)
        uow.throttle.forget(address, at=begun)

    @property
    def _keys(self) -> tuple[tuple[str, int], tuple[str, int]]:
        return (
            (f"{self.kind} account:{self.account}", FREE_OF_ACCOUNT),
            (f"{self.kind} address:{neighbourhood(self.address)}", FREE_OF_ADDRESS),
        )


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
    """Seconds still to wait: none for the first failures, then 2, 4, 8 … after the latest one."""
    beyond = len(failures) - free
    if beyond < 0:
        return 0
    pause = min(LONGEST_WAIT, 2 ** min(beyond + 1, 16))
    left = (max(failures) + timedelta(seconds=pause) - now).total_seconds()
    return max(0, int(left + 0.999))
