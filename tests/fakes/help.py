"""Help pages in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from application.ports.help import HelpPages, Picture
from domain.errors import NotFound
from domain.help_pages import HelpGroup, HelpPage, Section


def a_help_page(
    slug: str = "read-a-result", title: str = "Read a result", text: str = "The answer comes first."
) -> HelpPage:
    return HelpPage(slug, title, "What it says.", f"<p>{text}</p>", (Section(title, "", text, 1),))


@dataclass
class FakeHelpPages:
    """Fulfils HelpPages."""

    listed: tuple[HelpGroup, ...] = (HelpGroup("Tasks", (a_help_page(),)),)
    pictures: dict[str, Picture] = field(default_factory=lambda: {"result.webp": Picture(b"RIFF", "image/webp", "1")})

    def groups(self) -> tuple[HelpGroup, ...]:
        return self.listed

    def picture(self, name: str) -> Picture:
        if name not in self.pictures:
            raise NotFound("This picture does not exist.")
        return self.pictures[name]


_: type[HelpPages] = FakeHelpPages
