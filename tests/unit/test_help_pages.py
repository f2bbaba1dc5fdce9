"""The search of the help, and how Markdown becomes a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.help.markdown_pages import MarkdownPages
from adapters.help.rendering import Target, anchor_of, render
from domain.errors import NotFound
from domain.help_pages import HelpGroup, HelpPage, Hit, Section, excerpt, find, page_of


def a_page(slug: str, title: str, *sections: Section, text: str = "") -> HelpPage:
    return HelpPage(slug, title, "", "", (Section(title, "", text, 1), *sections))


READ = a_page("read", "Read a result", Section("Move the threshold", "move", "The slider moves every label."))
TERMS = a_page(
    "glossary", "Glossary", Section("threshold", "threshold", "From here on a customer counts as leaving.", 3)
)
GROUPS = (HelpGroup("Tasks", (READ,)), HelpGroup("How it works", (TERMS,)))


def found(text: str) -> list[tuple[str, str]]:
    return [(hit.page.slug, hit.section.anchor) for hit in find(GROUPS, text)]


def test_a_whole_title_comes_before_a_title_with_the_word() -> None:
    assert found("Threshold") == [("glossary", "threshold"), ("read", "move")]


def test_all_words_have_to_occur_and_may_be_beginnings() -> None:
    assert found("slid labe") == [("read", "move")]
    assert found("slider customer") == []
    assert found("lider") == []


def test_a_word_of_the_pages_title_narrows_the_search() -> None:
    assert found("result slider") == [("read", "move")]
    assert found("result") == [("read", "")]


@pytest.mark.parametrize("nothing", ["", "   ", "?!", "\x00"])
def test_a_search_without_words_finds_nothing(nothing: str) -> None:
    assert found(nothing) == []


def test_marks_of_patterns_are_only_text() -> None:
    assert found(".*") == []
    assert found("threshold(") == [("glossary", "threshold"), ("read", "move")]


def test_hits_are_limited() -> None:
    many = a_page("many", "Many", *(Section(f"Part {n}", str(n), "word") for n in range(30)))
    assert len(find((HelpGroup("All", (many,)),), "word")) == 20


def test_an_excerpt_shows_the_words_in_their_surroundings() -> None:
    text = "before " * 30 + "the needle lies here " + "after " * 60
    pieces = excerpt(text, ["needle"])
    assert [piece.text for piece in pieces if piece.found] == ["needle"]
    shown = "".join(piece.text for piece in pieces)
    assert shown.startswith("…before")
    assert shown.endswith("after…")
    assert len(shown) < 180


def test_the_first_section_of_a_page_is_the_page() -> None:
    assert [Hit.is_page.fget(hit) for hit in find(GROUPS, "result")] == [True]  # type: ignore[attr-defined]


def test_an_unknown_page_is_not_found() -> None:
    assert page_of(GROUPS, "read") == (GROUPS[0], READ)
    with pytest.raises(NotFound):
        page_of(GROUPS, "nothing")


def rendered(source: str, slug: str = "page", **targets: Target) -> str:
    return render(f"# Title\n\n{source}", slug=slug, resolve=targets.get).body


def test_html_in_a_document_is_shown_as_text() -> None:
    body = rendered("<script>alert(1)</script> and <b onclick=x>bold</b>")
    assert "<script" not in body
    assert "<b " not in body
    assert "&lt;script&gt;" in body


def test_links_lead_within_the_help_or_are_only_text() -> None:
    body = rendered("[there](there.md), [code](../code.py), [**out**](out)", **{"there.md": Target("there#x")})
    assert '<a href="there#x">there</a>' in body
    assert "<a" not in body.replace('<a href="there#x">', "")
    assert "code, <strong>out</strong>" in body


def test_another_site_gets_no_hint_of_where_a_person_comes_from() -> None:
    body = rendered("[site](https://x.example)", **{"https://x.example": Target("https://x.example", outside=True)})
    assert '<a href="https://x.example" rel="noopener noreferrer">' in body


def test_a_picture_that_is_missing_is_left_out() -> None:
    assert "<img" not in rendered("![gone](img/gone.webp)")


def test_headings_have_the_anchors_of_github_and_repeated_ones_a_number() -> None:
    body = rendered("## What it *is*\n\n## What it is\n\n### F1, `x`?")
    assert 'id="what-it-is"' in body
    assert 'id="what-it-is-1"' in body
    assert 'id="f1-x"' in body
    assert anchor_of("F1, x?") == "f1-x"


GLOSSARY = "| word | meaning | module |\n|---|---|---|\n| log-odds | The logarithm. | `a/b.py` |\n"


def test_a_term_of_the_glossary_has_its_anchor_and_no_module() -> None:
    result = render(f"# Glossary\n\n{GLOSSARY}", slug="glossary", resolve={}.get)
    assert '<tr id="log-odds">' in result.body
    assert "module" not in result.body
    assert "b.py" not in result.body
    assert result.sections[1] == Section("log-odds", "log-odds", "The logarithm.", 3)
    assert "module" in rendered(GLOSSARY)


def test_the_list_gives_groups_summaries_and_pictures(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "guide.md").write_text("# G\n\n## Start\n- [A](deep/a.md): do it.\n\n## Empty\n", encoding="utf-8")
    (tmp_path / "deep" / "a.md").write_text(
        "# Do\n\n[back](../guide.md) [up](../../x.md) [self](#here)\n", encoding="utf-8"
    )
    (group,) = MarkdownPages(tmp_path).groups()
    assert (group.title, group.pages[0].slug, group.pages[0].title, group.pages[0].summary) == (
        "Start",
        "a",
        "Do",
        "Do it.",
    )
    assert group.pages[0].body == '<p><a href="../help">back</a> up <a href="#here">self</a></p>\n'
