"""Markdown to the body of a help page. HTML in the source is shown as text and never becomes markup."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token
from PIL import Image

from domain.help_pages import GLOSSARY, Section

SHOWN_CELLS = 2
"""Columns of the glossary's tables that the help shows. The third names a module of the program."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads. `content`: of a picture. `outside`: another site."""

    url: str
    outside: bool = False
    content: bytes = b""


Resolve = Callable[[str], Target | None]


@dataclass(frozen=True, slots=True)
class Rendered:
    title: str
    body: str
    sections: tuple[Section, ...]


@dataclass(slots=True)
class _Found:
    """A section while its text is collected."""

    title: str
    anchor: str
    level: int
    texts: list[str] = field(default_factory=list)

    def section(self) -> Section:
        return Section(self.title, self.anchor, " ".join(" ".join(self.texts).split()), self.level)


def render(source: str, *, slug: str, resolve: Resolve) -> Rendered:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(source)
    title = _text(tokens[1])
    tokens = tokens[3:]  # the head of the page shows the title
    for token in tokens:
        for child in token.children or []:
            _lead(child, resolve)
        if token.children:
            token.children = _without_marks(token.children)
    if slug == GLOSSARY:
        tokens = _as_terms(tokens)
    sections = _sections(title, tokens, terms=slug == GLOSSARY)
    body = parser.renderer.render(_in_frames(tokens), parser.options, {})
    return Rendered(title, body, sections)


def anchor_of(title: str) -> str:
    """As GitHub makes it from a heading."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def _text(token: Token) -> str:
    """The words of an inline token, without its marks."""
    return "".join(_plain(child) for child in token.children or [])


def _plain(token: Token) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return " "
    return _text(token) if token.type == "image" else token.content


def _lead(token: Token, resolve: Resolve) -> None:
    """Resolve the target of a link or a picture. A link without a target in the help is marked to be left out."""
    if token.type == "link_open":
        target = resolve(str(token.attrGet("href")))
        if target is None:
            token.meta["left_out"] = True
            return
        token.attrSet("href", target.url)
        if target.outside:
            token.attrSet("rel", "noopener noreferrer")
    elif token.type == "image":
        target = resolve(str(token.attrGet("src")))
        if target is None or target.outside:
            token.meta["left_out"] = True
            return
        token.attrSet("src", target.url)
        width, height = Image.open(io.BytesIO(target.content)).size
        token.attrs.update({"width": width, "height": height, "loading": "lazy"})


def _without_marks(children: Sequence[Token]) -> list[Token]:
    """Without links and pictures that lead out of the help; the words of a link stay."""
    kept, open_links = list[Token](), list[bool]()
    for token in children:
        left_out = bool(token.meta.get("left_out"))
        if token.type == "link_open":
            open_links.append(left_out)
        elif token.type == "link_close":
            left_out = open_links.pop()
        if not left_out:
            kept.append(token)
    return kept


def _as_terms(tokens: Sequence[Token]) -> list[Token]:
    """Each row of the glossary gets its term as id; the column of modules is left out."""
    kept, cell = list[Token](), 0
    for place, token in enumerate(tokens):
        if token.type == "tr_open":
            cell = 0
            if tokens[place + 1].type == "td_open":
                token.attrSet("id", anchor_of(_text(tokens[place + 2])))
        if token.type in ("th_open", "td_open"):
            cell += 1
        if cell <= SHOWN_CELLS or token.type in ("tr_close", "thead_close", "tbody_close", "table_close"):
            kept.append(token)
        if token.type == "tr_close":
            cell = 0
    return kept


def _sections(title: str, tokens: Sequence[Token], *, terms: bool) -> tuple[Section, ...]:
    """Gives headings their anchors, and collects what a search reads."""
    found = [_Found(title, "", 1)]
    anchors: dict[str, int] = {}
    in_head, in_name = False, False
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            name = _text(tokens[place + 1])
            token.attrSet("id", _unique(anchor_of(name), anchors))
            found.append(_Found(name, str(token.attrGet("id")), int(token.tag[1])))
            in_name = True
        elif token.type == "tr_open" and terms and token.attrGet("id"):
            found.append(_Found(_text(tokens[place + 2]), str(token.attrGet("id")), 3))
            in_name = True
        elif token.type in ("thead_open", "thead_close"):
            in_head = token.type == "thead_open"
        elif token.type == "inline" and in_name:
            in_name = False
        elif token.type == "inline" and not (terms and in_head):
            found[-1].texts.append(_text(token))
        elif token.type == "fence":
            found[-1].texts.append(token.content)
    return tuple(own.section() for own in found)


def _unique(anchor: str, known: dict[str, int]) -> str:
    known[anchor] = known.get(anchor, -1) + 1
    return f"{anchor}-{known[anchor]}" if known[anchor] else anchor


def _in_frames(tokens: Iterable[Token]) -> list[Token]:
    """Tables and code in a box that scrolls sideways while the page does not, by keyboard too."""
    framed = list[Token]()
    for token in tokens:
        if token.type == "table_open":
            token.attrSet("class", "tbl tbl-tight")
            framed.append(_html('<div class="prose-box" tabindex="0" role="group" aria-label="Table">'))
        if token.type == "fence":
            framed.append(_html('<div class="prose-box" tabindex="0" role="group" aria-label="Example">'))
        framed.append(token)
        if token.type in ("table_close", "fence"):
            framed.append(_html("</div>"))
    return framed


def _html(text: str) -> Token:
    token = Token("html_block", "", 0)
    token.content = text
    return token
