"""HelpPages: the fake and the documents of the product."""

from __future__ import annotations

import pytest

from adapters.help.markdown_pages import MarkdownPages
from application.ports.help import HelpPages
from application.use_cases.help.read_help import ReadHelp, ReadPicture, SearchHelp
from domain.errors import NotFound
from tests.fakes.help import FakeHelpPages


@pytest.fixture(params=[FakeHelpPages, MarkdownPages])
def pages(request: pytest.FixtureRequest) -> HelpPages:
    made: HelpPages = request.param()
    return made


def test_pages_are_in_groups_and_begin_with_their_title(pages: HelpPages) -> None:
    groups = pages.groups()
    assert all(group.title and group.pages for group in groups)
    assert all(page.sections[0].title == page.title for group in groups for page in group.pages)


def test_a_page_is_read_and_found(pages: HelpPages) -> None:
    group, page = ReadHelp(pages)("read-a-result")
    assert page in group.pages
    assert page in [hit.page for hit in SearchHelp(pages)("read a result")]
    with pytest.raises(NotFound):
        ReadHelp(pages)("no-such-page")


def test_a_picture_has_its_type_and_its_version(pages: HelpPages) -> None:
    picture = ReadPicture(pages)("result.webp")
    assert picture.media_type == "image/webp"
    assert picture.content.startswith(b"RIFF")
    assert picture.version


@pytest.mark.parametrize("name", ["none.webp", "../guide.md", "guide.md", "..", ""])
def test_only_pictures_are_given_out(pages: HelpPages, name: str) -> None:
    with pytest.raises(NotFound):
        pages.picture(name)
