"""Who does something, and from where."""

from __future__ import annotations

from dataclasses import dataclass

from domain.account import Account


@dataclass(frozen=True, slots=True)
class Actor:
    """The account that does something, and the IP address that it comes from. The command line has no address."""

    account: Account
    address: str = ""
    token: str = ""
    """The name of the token with which a program acts for the account; empty for the person."""
