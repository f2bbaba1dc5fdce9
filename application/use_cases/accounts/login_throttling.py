"""Login throttling per account and per IP address, stored in the database. Delays never exceed MAX_WAIT."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address

from application.ports.unit_of_work import UnitOfWork
from domain.errors import TooManyAttempts
from domain.throttling import FREE_OF_ACCOUNT, FREE_OF_ADDRESS, FREE_OF_USUAL_ADDRESS, WINDOW, wait_after


@dataclass(frozen=True, slots=True)
class Attempts:
    """Attempts of one kind ("log-in", "link" …) at one account, made from one IP address.

    `account` is what an attacker would try to guess: the hash of an email or of a link's secret, or an account's id.
    `usual` means that this person has recently logged in from this address. Their attempts then have a separate limit
    per address, so that failures of other people at the same address don't delay them. Their failures still count
    towards the address's common limit.
    """

    kind: str
    account: str
    address: str
    usual: bool = False

    def check_throttle(self, uow: UnitOfWork, now: datetime) -> None:
        """Raises TooManyAttempts if the account or the address has to wait. Records nothing."""
        wait = max(
            wait_after(uow.throttle.failures(key, since=now - WINDOW), now, free=free) for key, free in self._limits
        )
        if wait > 0:
            raise TooManyAttempts(wait)

    def note(self, uow: UnitOfWork, now: datetime) -> None:
        """Record one attempt. Call it before the attempt is checked, so that concurrent attempts count too."""
        for key in (self._account_key, *self._address_keys):
            uow.throttle.record(key, at=now)

    def begin(self, uow: UnitOfWork, now: datetime) -> None:
        """Record one attempt.

        Raises TooManyAttempts, and records nothing, if the account or the address has to wait.
        """
        self.check_throttle(uow, now)
        self.note(uow, now)

    def succeeded(self, uow: UnitOfWork, begun: datetime) -> None:
        """Delete all recorded attempts at this account, and this one attempt from the address's.

        Other attempts from the address stay. Otherwise the owner of an account could log in between guesses at other
        accounts, and would never have to wait.
        """
        uow.throttle.clear(self._account_key)
        for key in self._address_keys:
            uow.throttle.forget(key, at=begun)

    @property
    def _account_key(self) -> str:
        return f"{self.kind} account:{self.account}"

    @property
    def _address_keys(self) -> tuple[str, ...]:
        place = client_network(self.address)
        everyone = f"{self.kind} address:{place}"
        return (everyone, f"{self.kind} usual address:{place}") if self.usual else (everyone,)

    @property
    def _limits(self) -> tuple[tuple[str, int], tuple[str, int]]:
        """The two keys that are counted, each with its number of attempts without a delay."""
        of_address = FREE_OF_USUAL_ADDRESS if self.usual else FREE_OF_ADDRESS
        return (self._account_key, FREE_OF_ACCOUNT), (self._address_keys[-1], of_address)


def client_network(address: str) -> str:
    """The IPv4 address, or the /64 network of an IPv6 address: one machine can use all addresses of that network."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        return f"{IPv6Address(int(known) >> 64 << 64)}/64" if known.ipv4_mapped is None else str(known.ipv4_mapped)
    return str(known)
