"""Read and search the help. Everybody may: the pages contain no data of the installation."""

from __future__ import annotations

from dataclasses import dataclass

from application.ports.help import HelpPages, Picture
from domain.help_pages import MAX_HITS, HelpGroup, HelpPage, Hit, find, page_of


@dataclass(frozen=True, slots=True)
class ListHelp:
    pages: HelpPages

    def __call__(self) -> tuple[HelpGroup, ...]:
        return self.pages.groups()


@dataclass(frozen=True, slots=True)
class ReadHelp:
    pages: HelpPages

    def __call__(self, slug: str) -> tuple[HelpGroup, HelpPage]:
        """Raises NotFound."""
        return page_of(self.pages.groups(), slug)


@dataclass(frozen=True, slots=True)
class SearchHelp:
    pages: HelpPages

    def __call__(self, text: str, *, limit: int = MAX_HITS) -> tuple[Hit, ...]:
        return find(self.pages.groups(), text, limit=limit)


@dataclass(frozen=True, slots=True)
class ReadPicture:
    pages: HelpPages

    def __call__(self, name: str) -> Picture:
        """Raises NotFound."""
        return self.pages.picture(name)
