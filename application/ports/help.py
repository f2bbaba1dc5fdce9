"""The pages of the help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.help_pages import HelpGroup


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a help page. `version` changes with its content."""

    content: bytes
    media_type: str
    version: str


class HelpPages(Protocol):
    def groups(self) -> tuple[HelpGroup, ...]:
        """All pages, in the order in which they are listed."""

    def picture(self, name: str) -> Picture:
        """Raises NotFound."""
