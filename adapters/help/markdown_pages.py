"""Help pages from the Markdown files of `docs/`.

`guide.md` is the list: its headings are the groups, and each item links to a page and says what it is for. Links
between pages, and to pictures, stay within the help; other files of the repository become plain text.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath

from adapters.help.rendering import Target, render
from application.ports.help import HelpPages, Picture
from domain.errors import NotFound
from domain.help_pages import HelpGroup, HelpPage

LIST = "guide.md"
ITEM = re.compile(r"^- \[([^\]]+)\]\(([^)\s]+)\): (.+)$")
IN_PACKAGE = Path(__file__).with_name("pages")
IN_REPOSITORY = Path(__file__).resolve().parents[2] / "docs"
PICTURES = "img"
MEDIA_TYPES = {".webp": "image/webp", ".png": "image/png", ".svg": "image/svg+xml"}


def installed_pages() -> Path:
    """The folder of the pages: copied into an installed package, `docs/` where the program runs from its repository."""
    return IN_PACKAGE if IN_PACKAGE.is_dir() else IN_REPOSITORY


@dataclass(frozen=True, slots=True)
class MarkdownPages:
    """Fulfils HelpPages. Files are read once per process."""

    folder: Path = field(default_factory=installed_pages)

    def groups(self) -> tuple[HelpGroup, ...]:
        return _read_all(self.folder)

    def picture(self, name: str) -> Picture:
        file = self.folder / PICTURES / PurePosixPath(name).name
        if file.suffix not in MEDIA_TYPES or not file.is_file():
            raise NotFound("This picture does not exist.")
        content = file.read_bytes()
        return Picture(content, MEDIA_TYPES[file.suffix], _version(content))


def _version(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


@lru_cache(maxsize=4)
def _read_all(folder: Path) -> tuple[HelpGroup, ...]:
    groups = []
    for title, items in _listed(folder):
        pages = tuple(_page(folder, name, summary) for name, summary in items)
        groups.append(HelpGroup(title, pages))
    return tuple(groups)


def _listed(folder: Path) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Groups of the list with (path below the folder, summary) of each page."""
    title, items = "", list[tuple[str, str]]()
    for line in (folder / LIST).read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            if items:
                yield title, items
            title, items = line.removeprefix("## "), []
        elif match := ITEM.match(line):
            items.append((match[2], match[3]))
    if items:
        yield title, items


def _page(folder: Path, name: str, summary: str) -> HelpPage:
    path = PurePosixPath(name)
    source = (folder / path).read_text(encoding="utf-8")
    rendered = render(source, slug=path.stem, resolve=partial(_resolve, folder, path))
    return HelpPage(path.stem, rendered.title, _first_capital(summary), rendered.body, rendered.sections)


def _first_capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _resolve(folder: Path, page: PurePosixPath, target: str) -> Target | None:
    """Where a link leads, as a URL next to the page's; None if that is not part of the help."""
    if re.match(r"https?://", target):
        return Target(target, outside=True)
    name, _, anchor = target.partition("#")
    if not name:
        return Target(f"#{anchor}")
    path = PurePosixPath(_normal(page.parent / name))
    after = f"#{anchor}" if anchor else ""
    if path.parts[:1] == ("..",):
        return None
    if path.suffix == ".md" and (folder / path).is_file():
        return Target(f"../help{after}" if path.name == LIST else f"{path.stem}{after}")
    if path.parts[:1] == (PICTURES,) and (folder / path).is_file():
        content = (folder / path).read_bytes()
        return Target(f"{path}?v={_version(content)}", content=content)
    return None


def _normal(path: PurePosixPath) -> str:
    """Without `..` where the path before allows it."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


_: type[HelpPages] = MarkdownPages
