"""Help: pages in groups, and the search over their headings and text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.errors import NotFound

MAX_HITS = 20
MAX_WORDS = 8
"""Words of a search that count; further words are ignored."""
EXCERPT = 160
"""About how many characters of a section a hit shows."""
GLOSSARY = "glossary"
"""The slug of the page whose sections are terms."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the plain text below it, up to the next heading. The first section has the page's title."""

    title: str
    anchor: str
    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class HelpPage:
    """`body` is HTML without the page's title. `slug` is the last part of its URL."""

    slug: str
    title: str
    summary: str
    body: str
    sections: tuple[Section, ...]

    @property
    def contents(self) -> tuple[Section, ...]:
        """The headings of the table of contents."""
        return tuple(section for section in self.sections[1:] if section.level == 2)


@dataclass(frozen=True, slots=True)
class HelpGroup:
    title: str
    pages: tuple[HelpPage, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an excerpt; `found` if it is a searched word."""

    text: str
    found: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A section that has all words of a search."""

    page: HelpPage
    section: Section
    excerpt: tuple[Piece, ...]

    @property
    def is_page(self) -> bool:
        return self.section is self.page.sections[0]


def page_of(groups: Iterable[HelpGroup], slug: str) -> tuple[HelpGroup, HelpPage]:
    """Raises NotFound."""
    for group in groups:
        for page in group.pages:
            if page.slug == slug:
                return group, page
    raise NotFound("This help page does not exist.")


def find(groups: Iterable[HelpGroup], text: str, *, limit: int = MAX_HITS) -> tuple[Hit, ...]:
    """Sections that have every word at the beginning of a word, in any case. Titles come first, then earlier groups."""
    words = [word.casefold() for word in re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text)][:MAX_WORDS]
    if not words:
        return ()
    scored = []
    for place, page in enumerate(page for group in groups for page in group.pages):
        for number, section in enumerate(page.sections):
            score = _score(words, page, section)
            if score:
                scored.append((-score, place, number, page, section))
    scored.sort(key=lambda row: row[:3])
    return tuple(Hit(page, section, excerpt(section.text, words)) for *_, page, section in scored[:limit])


def _score(words: list[str], page: HelpPage, section: Section) -> int:
    """0 unless all words occur. A whole title counts most, so that a term of the glossary comes first."""
    title, above, text = section.title.casefold(), page.title.casefold(), section.text.casefold()
    score = 0
    for word in words:
        starts = re.compile(rf"(?<!\w){re.escape(word)}")
        in_title, in_text = bool(starts.search(title)), len(starts.findall(text))
        if not in_title and not in_text and not starts.search(above):
            return 0
        score += 20 * in_title + min(in_text, 3)
    if not any(word in title or word in text for word in words):
        return 0  # only the page's title: its first section shows it
    return score + 40 * (title == " ".join(words))


def excerpt(text: str, words: list[str]) -> tuple[Piece, ...]:
    """The text around the first word that occurs, cut between words."""
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(word)}" for word in words), re.IGNORECASE)
    first = pattern.search(text)
    middle = first.start() if first else 0
    begin = max(0, middle - EXCERPT // 3)
    if begin:
        begin = text.rfind(" ", 0, begin) + 1
    end = begin + EXCERPT
    if end < len(text):
        end = max(text.rfind(" ", 0, end), middle + 1)
    shown = text[begin:end]
    pieces = [Piece("…")] if begin else []
    place = 0
    for match in pattern.finditer(shown):
        pieces += [Piece(shown[place : match.start()]), Piece(match.group(), found=True)]
        place = match.end()
    pieces += [Piece(shown[place:])] + ([Piece("…")] if end < len(text) else [])
    return tuple(piece for piece in pieces if piece.text)
