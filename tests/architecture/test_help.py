"""The help is complete: every document is a page, every link leads somewhere, every figure has its term."""

from __future__ import annotations

import re
from pathlib import Path

from adapters.help.markdown_pages import IN_REPOSITORY, MarkdownPages
from domain.help_pages import GLOSSARY, page_of
from entrypoints.web.help.terms import TERMS
from entrypoints.web.models.figures import KINDS

ROOT = Path(__file__).resolve().parents[2]
GROUPS = MarkdownPages(IN_REPOSITORY).groups()
PAGES = {page.slug: page for group in GROUPS for page in group.pages}
TEMPLATES = {path: path.read_text(encoding="utf-8") for path in (ROOT / "entrypoints/web/templates").rglob("*.html")}
NAMED = re.compile(r'\b(?:term=|explain\()"(\w+)"')
DOCUMENTS = {path: path.read_text(encoding="utf-8") for path in IN_REPOSITORY.rglob("*.md")}


def anchors_of(slug: str) -> set[str]:
    return set(re.findall(r'id="([^"]+)"', PAGES[slug].body))


def test_every_document_is_listed_once() -> None:
    documents = [path for path in DOCUMENTS if path.name != "guide.md"]
    listed = [page.slug for group in GROUPS for page in group.pages]
    assert sorted(listed) == sorted(path.stem for path in documents)


def test_every_link_of_a_page_leads_to_a_page_and_an_anchor() -> None:
    wrong = []
    for slug, page in PAGES.items():
        for target in re.findall(r'href="([^"]+)"', page.body):
            name, _, anchor = target.partition("#")
            if name.startswith("https://") or target == "../help":
                continue
            if (name or slug) not in PAGES or (anchor and anchor not in anchors_of(name or slug)):
                wrong.append(f"{slug}: {target}")
    assert wrong == []


def test_no_picture_is_lost() -> None:
    written = sum(len(re.findall(r"^!\[", text, re.MULTILINE)) for text in DOCUMENTS.values())
    shown = sum(page.body.count("<img ") for page in PAGES.values())
    assert shown == written >= 17


def test_every_heading_of_a_page_is_below_its_only_title() -> None:
    for path, source in DOCUMENTS.items():
        text = re.sub(r"^```.*?^```$", "", source, flags=re.MULTILINE | re.DOTALL)
        assert re.findall(r"^# ", text, re.MULTILINE) == ["# "], path.name


def test_every_figure_has_its_term_in_the_glossary() -> None:
    assert {key: anchor for key, anchor in TERMS.items() if anchor not in anchors_of(GLOSSARY)} == {}
    assert {kind.key for kind in KINDS} - TERMS.keys() == set()


def test_pages_name_only_figures_with_a_term() -> None:
    named = {term for text in TEMPLATES.values() for term in NAMED.findall(text)}
    assert named >= {"accuracy", "auc", "calibration", "expected_gain", "f1", "lift_10", "log_loss", "psi", "recall"}
    assert named - TERMS.keys() == set()


def test_a_page_is_reached_by_its_slug() -> None:
    assert page_of(GROUPS, GLOSSARY)[1].title == "Glossary"
