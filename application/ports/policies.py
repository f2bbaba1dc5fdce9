"""The installation's settings and its identity."""

from __future__ import annotations

from typing import Protocol

from domain.installation import InstallationId
from domain.policy import InstallationPolicy


class Policies(Protocol):
    """The installation's settings."""

    def get(self) -> InstallationPolicy:
        """The stored settings, or the defaults if none are stored."""

    def save(self, policy: InstallationPolicy) -> None: ...


class InstallationRecord(Protocol):
    """The id of the installation and the sequence number of the database."""

    def get(self) -> InstallationId | None: ...
    def begin(self, proposed: InstallationId) -> InstallationId:
        """The stored id. Stores and returns `proposed` if there is none."""

    def sequence(self) -> int:
        """A number that only increases; 0 at the beginning."""

    def advance(self, *, beyond: int = 0) -> int:
        """Raise the sequence by at least one, and above `beyond`. Returns the new number."""
