"""Help within the product, for everyone."""

from __future__ import annotations

import re

import pytest

from domain.account import Role
from tests.integration.web.conftest import Office


@pytest.mark.parametrize("role", [None, Role.VIEWER])
def test_help_lists_pages_by_task(office: Office, role: Role | None) -> None:
    page = office.browser(role).get("/help").get_data(as_text=True)
    assert '<a href="/help/read-a-result">Read a result</a>' in page
    assert page.index("Predict and read") < page.index("For developers")
    assert "New prediction</a>" not in page
    assert ('href="/history"' in page) == (role is not None)


def test_a_page_has_its_text_contents_and_pictures(office: Office) -> None:
    browser = office.browser()
    page = browser.get("/help/read-a-result").get_data(as_text=True)
    assert "<h1>Read a result</h1>" in page
    assert '<a href="#move-the-threshold">Move the threshold</a>' in page
    picture = re.search(r'<img src="(img/result\.webp\?v=\w+)"', page)
    assert picture
    answer = browser.get(f"/help/{picture[1]}")
    assert answer.mimetype == "image/webp"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers


def test_an_old_picture_is_not_kept_for_ever(office: Office) -> None:
    assert "immutable" not in str(office.browser().get("/help/img/result.webp?v=0").headers)


@pytest.mark.parametrize("path", ["/help/none", "/help/img/none.webp", "/help/img/..%2Fguide.md", "/help/guide.md"])
def test_what_is_no_page_is_not_found(office: Office, path: str) -> None:
    assert office.browser().get(path).status_code == 404


def test_a_search_shows_headings_with_an_excerpt(office: Office) -> None:
    page = office.browser().post("/help/search", {"q": " auc "}).get_data(as_text=True)
    assert '<a href="/help/glossary#auc">AUC</a>' in page
    assert page.index("/help/glossary#auc") < page.index("/help/quality#expected-quality")
    assert "<mark>AUC</mark>" in page
    assert 'value="auc"' in page


def test_a_search_without_a_result_says_what_to_do(office: Office) -> None:
    page = office.browser(Role.ANALYST).post("/help/search", {"q": "<b>zebra"}).get_data(as_text=True)
    assert "Nothing was found for “&lt;b&gt;zebra”." in page
    assert 'href="/help/glossary"' in page


def test_the_address_of_results_leads_back(office: Office) -> None:
    assert office.browser().get("/help/search").headers["Location"] == "/help"


def test_hints_lead_to_the_glossary(office: Office) -> None:
    page = office.browser(Role.ANALYST).get("/models").get_data(as_text=True)
    assert 'href="/help/glossary#auc"' in page or "No model" in page
