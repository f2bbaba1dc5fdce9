"""Plain words first: what only analysts say is in one fold per page, and the fold holds every figure."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from application.ports.runs import RunQuery
from bench.ports import ports_of
from domain.account import Role
from tests.integration.web.conftest import Browser, Office, furnished
from tests.integration.web.test_insights_pages import _train_and_score

JARGON = re.compile(
    r"log-odds|\bodds\b|\bPSI\b|boosting|splines?\b|\bfolds?\b|held[- ]out|\bSHAP\b|standard error|overfitting"
    r"|by heart|log-loss|\bBrier\b|recalibrat|\bNUL\b|bootstrap|\bPlatt\b|baseline|cross-valid",
    re.IGNORECASE,
)
VOID = {
    "area",
    "base",
    "br",
    "col",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "track",
    "wbr",
    "use",
    "path",
    "rect",
}


class Words(HTMLParser):
    """The words of a page within its main part, inside the fold for analysts and outside it."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.inside: list[str] = []
        self.outside: list[str] = []
        self.folds = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            kind = "fold" if given.get("id") == "for-analysts" else tag
            self.folds += kind == "fold"
            self.open.append((tag, kind))
        for name in ("aria-label", "title"):
            self._say(given.get(name) or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or tag not in [own for own, _ in self.open]:
            return
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        self._say(data)

    def _say(self, text: str) -> None:
        kinds = [kind for _, kind in self.open]
        if text.strip() and "main" in kinds and not {"script", "template"} & set(kinds):
            (self.inside if "fold" in kinds else self.outside).append(text)


def words_of(page: str) -> Words:
    words = Words()
    words.feed(page)
    return words


@pytest.fixture(scope="module")
def with_a_run(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnished(installed, tmp_path_factory.mktemp("plain") / "data", _train_and_score)


@pytest.fixture
def scored(new_office: Callable[..., Office], with_a_run: Path) -> tuple[Browser, str]:
    office = new_office(copy_of=with_a_run)
    with ports_of(office.application).new_reading() as uow:
        (run,) = uow.runs.find(RunQuery()).runs
    return office.browser(Role.ANALYST), str(run.id)


PAGES = {
    "/predictions/{run}": ("PSI", "Learned from|learns in one|boosting"),
    "/predictions/{run}/customers/1": ("log-odds", "SHAP"),
    "/insights?run={run}": ("log-odds", "PSI"),
    "/models": ("Log-loss", "method|cross-validation"),
    "/models/v1": ("Log-loss", "Brier score", "ROC curve", "Seed", "log-odds"),
    "/models/v1/card": ("Log-loss", "Brier score", "SHA-256"),
    "/models/new": (),
    "/predictions/new": (),
    "/dashboard": (),
    "/history": (),
    "/campaigns": (),
    "/models/labels": (),
    "/models/train-again": (),
    "/models/matches": (),
    "/history/compare?a={run}&b={run}": (),
    "/notifications": (),
}


@pytest.mark.parametrize("address", PAGES)
def test_a_page_has_plain_words_and_one_fold_for_analysts(scored: tuple[Browser, str], address: str) -> None:
    browser, run = scored
    words = words_of(browser.get(address.format(run=run)).get_data(as_text=True))

    assert {match.group() for text in words.outside for match in JARGON.finditer(text)} == set()
    assert words.folds == bool(PAGES[address])
    for figure in PAGES[address]:
        assert re.search(figure, " ".join(words.inside)), f"{figure} is lost"


def test_jargon_outside_the_fold_is_found() -> None:
    page = (
        "<main><p>In log-odds<br>here</p><details id='for-analysts'><p>PSI</p></details>"
        "<b title='folds'>x</b></main>SHAP"
    )
    words = words_of(page)
    assert words.inside == ["PSI"]
    assert [match for text in words.outside for match in JARGON.findall(text)] == ["log-odds", "folds"]


def test_another_attribute_changes_its_figures_in_the_fold_too(scored: tuple[Browser, str]) -> None:
    browser, run = scored
    part = browser.htmx(f"/insights/attribute?run={run}&attribute=Contract").get_data(as_text=True)
    assert '<section class="panel" id="contribution" hx-swap-oob="true">' in part
    page = browser.get(f"/insights?run={run}&attribute=Contract").get_data(as_text=True)
    assert page.count('id="contribution"') == 1
    assert "hx-swap-oob" not in page[page.index('id="contribution"') - 40 : page.index('id="contribution"') + 80]
