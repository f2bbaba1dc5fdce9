"""The list of customers: its order, groups, filters on attributes, and one address for a view."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from application.ports.runs import RunQuery
from bench.ports import ports_of
from domain.account import Role
from tests.integration.web.conftest import Browser, Office, furnished
from tests.integration.web.test_searches import furnish

IN_PLACE = {"HX-Request": "true", "HX-Target": "customers_table"}


@pytest.fixture(scope="module")
def with_run(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnished(installed, tmp_path_factory.mktemp("listed") / "data", furnish)


@pytest.fixture
def office(new_office: Callable[..., Office], with_run: Path) -> Office:
    return new_office(copy_of=with_run)


@pytest.fixture
def analyst(office: Office) -> Browser:
    return office.browser(Role.ANALYST)


@pytest.fixture
def run(office: Office) -> str:
    with ports_of(office.application).new_reading() as uow:
        return f"/predictions/{uow.runs.find(RunQuery()).runs[0].id}"


def page_of(browser: Browser, url: str) -> str:
    answer = browser.get(url, headers=IN_PLACE)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return unescape(answer.get_data(as_text=True))


def total(page: str) -> int:
    found = re.search(r"([\d,]+) customers? of 300 match", page)
    assert found, page
    return int(found[1].replace(",", ""))


def cells(page: str, column: int) -> list[str]:
    """The texts of a column of the list."""
    rows = re.findall(r"<tr data-customer.*?</tr>", page, flags=re.DOTALL)
    return [
        re.sub(r"<[^>]*>", "", re.findall(r"<t[dh][ >].*?</t[dh]>", row, flags=re.DOTALL)[column]).strip()
        for row in rows
    ]


# ── Order ──


def test_customers_are_sorted_by_what_they_pay(analyst: Browser, run: str) -> None:
    bills = [float(text.strip("$").replace(",", "")) for text in cells(page_of(analyst, f"{run}?sort=revenue"), 4)]
    assert len(bills) == 25
    assert bills == sorted(bills, reverse=True)
    rising = [
        float(text.strip("$").replace(",", "")) for text in cells(page_of(analyst, f"{run}?sort=revenue&dir=asc"), 4)
    ]
    assert rising == sorted(rising)
    assert rising[0] < bills[-1]


def test_customers_are_sorted_by_the_name_of_the_action(analyst: Browser, run: str) -> None:
    names = cells(page_of(analyst, f"{run}?sort=action&worth_contacting=yes"), 3)
    assert len(set(names)) > 1
    assert names == sorted(names, key=str.casefold)


def test_a_reason_that_the_row_above_has_is_grey(analyst: Browser, run: str) -> None:
    page = page_of(analyst, f"{run}?sort=risk&dir=desc")
    rows = [re.findall(r'<td class="wide">.*?</td>', row, flags=re.DOTALL)[0] for row in page.split("<tr data-")[1:]]
    above: set[str] = set()
    grey = 0
    for row in rows:
        repeated = {text.strip() for text in re.findall(r'<span class="repeat">(?! ·)(.*?)</span>', row)}
        every = {text.strip() for text in re.sub(r"<[^>]*>", "", row).removeprefix("Stays for:").split("·")}
        assert repeated == every & above
        above, grey = every, grey + len(repeated)
    assert grey > 10


# ── Groups ──


@pytest.mark.parametrize("by", ["action", "reasons"])
def test_a_group_opens_into_its_customers(analyst: Browser, run: str, by: str) -> None:
    page = page_of(analyst, f"{run}?group={by}")
    rows = re.findall(r'<a class="row-link" href="([^"]*)".*?</a>.*?<td class="num second">([\d,]+)', page)
    assert len(rows) > 2
    assert total(page) == 300
    for url, customers in rows[:6]:
        assert "group=" not in url
        assert total(page_of(analyst, url)) == int(customers.replace(",", ""))


def test_groups_have_the_customers_of_the_filter(analyst: Browser, run: str) -> None:
    page = page_of(analyst, f"{run}?group=action&label=leaving")
    counts = [int(text.replace(",", "")) for text in re.findall(r'<td class="num second">([\d,]+)', page)]
    assert sum(counts) == total(page) < 300


def test_the_filter_on_reasons_is_shown_and_can_be_removed(analyst: Browser, run: str) -> None:
    grouped = page_of(analyst, f"{run}?group=reasons")
    url = re.findall(r'<a class="row-link" href="([^"]*)"', grouped)[0]
    page = page_of(analyst, url)
    assert "Reasons: " in page
    removed = re.findall(r'href="([^"]*)" aria-label="Remove the filter on reasons"', page)[0]
    assert "why=" not in removed
    assert total(page_of(analyst, removed)) > total(page)


# ── Filters on attributes ──


def test_a_value_is_chosen_from_those_that_the_prediction_has(analyst: Browser, run: str) -> None:
    page = page_of(analyst, f"{run}?choose=Contract&label=leaving")
    choices = re.findall(r'<a class="choice" href="([^"]*)".*?>([^<]*?)\s*<span class="quiet tnum">([\d,]+)', page)
    assert [pair for _, *pair in choices] == [["Month-to-month", "150"], ["Two year", "150"]]
    url, words, customers = choices[0]
    assert dict(parse_qsl(urlsplit(url).query)) == {"label": "leaving", "attr": "Contract", "level": words}
    chosen = page_of(analyst, url)
    assert f"Contract: {words}" in chosen
    assert "choose-title" not in chosen
    alone = page_of(analyst, f"{run}?attr=Contract&level={words}")
    assert total(alone) == int(customers)


def test_numbers_are_chosen_from_and_to_under(analyst: Browser, run: str) -> None:
    answer = analyst.get(f"{run}?choose=tenure&add=tenure&from=12&under=24&band=high")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{run}?band=high&attr=tenure&low=12.0&high=24.0"
    in_place = analyst.get(f"{run}?add=tenure&from=12&under=", headers=IN_PLACE)
    assert in_place.headers["HX-Push-Url"] == f"{run}?attr=tenure&low=12.0"
    assert "Tenure: 12 and over" in in_place.get_data(as_text=True)


def test_a_new_filter_of_an_attribute_replaces_its_old_one(analyst: Browser, run: str) -> None:
    answer = analyst.get(f"{run}?attr=tenure&low=3.0&add=tenure&from=1%2C000&under=")
    assert answer.headers["Location"] == f"{run}?attr=tenure&low=1000.0"


def test_an_empty_filter_adds_nothing(analyst: Browser, run: str) -> None:
    answer = analyst.get(f"{run}?choose=tenure&add=tenure&from=&under=")
    assert answer.headers["Location"] == f"{run}?choose=tenure"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("add=tenure&from=a+year&under=", "“a year” is not a number."),
        ("add=tenure&from=24&under=12", "The second number must be larger than the first."),
        ("add=tenure&value=12&from=&under=", "can't be filtered like that"),
        ("choose=no+such", "no such attribute"),
    ],
)
def test_a_filter_that_cannot_be_is_refused_in_words(analyst: Browser, run: str, asked: str, words: str) -> None:
    answer = analyst.client.get(f"{run}?{asked}", follow_redirects=True)
    assert answer.status_code == 422
    assert words in unescape(answer.get_data(as_text=True))


def test_the_filters_work_without_scripts(analyst: Browser, run: str) -> None:
    answer = analyst.post(f"{run}/search", {"q": "", "label": "", "choose": "Contract", "group": "", "action": ""})
    assert answer.headers["Location"] == f"{run}?choose=Contract"
    page = analyst.get(answer.headers["Location"]).get_data(as_text=True)
    assert page.count('class="choice"') == 2


# ── One address ──


def test_the_slider_leads_to_one_threshold_and_no_empty_fields(analyst: Browser, run: str) -> None:
    asked = f"{run}?percent=99&threshold=0.205&q=&label=&worth_contacting=&band=&action=&choose=&group="
    assert analyst.get(asked).headers["Location"] == f"{run}?threshold=0.99"
    moved = analyst.get(asked, headers={"HX-Request": "true", "HX-Target": "result"})
    assert moved.status_code == 200
    assert moved.headers["HX-Push-Url"] == f"{run}?threshold=0.99"


def test_the_download_says_how_many_customers_it_has(analyst: Browser, run: str) -> None:
    assert "Download 150 as CSV</a>" in page_of(analyst, f"{run}?attr=Contract&level=Two+year")
    assert "Download CSV</a>" in page_of(analyst, run)


# ── A customer beside the list ──


def test_a_customer_is_shown_beside_the_list_in_short(analyst: Browser, run: str) -> None:
    url = re.findall(r'<a class="id" href="([^"]*)"', page_of(analyst, run))[0]
    beside = analyst.get(url, headers={"HX-Request": "true", "HX-Target": "customer-panel"}).get_data(as_text=True)
    whole = analyst.get(url).get_data(as_text=True)
    assert f'href="{url}">Open the whole page</a>' in beside
    assert "<html" not in beside
    assert "What if" in whole
    assert "What if" not in beside
    for title in ("Recommended action", "Why the risk is"):
        assert title in beside
        assert title in whole


# ── Saved views ──


def test_a_saved_view_is_offered_for_every_prediction_and_can_be_removed(
    office: Office, analyst: Browser, run: str
) -> None:
    assert "Save this view" not in page_of(analyst, run)
    page = page_of(analyst, f"{run}?attr=Contract&level=Two+year&sort=revenue&group=action")
    assert "Save this view" in page
    asked = {"name": " Long contracts ", "attr": "Contract", "level": "Two year", "sort": "revenue", "dir": "desc"}
    answer = analyst.post(f"{run}/views", {**asked, "group": "action", "threshold": "0.2", "q": "00042"})
    assert answer.status_code == 303
    page = page_of(analyst, run)
    (url,) = re.findall(r'<a href="([^"]*)">Long contracts</a>', page)
    assert url == f"{run}?attr=Contract&level=Two+year&sort=revenue&dir=desc&group=action"
    assert 'aria-current="true">Long contracts</a>' in page_of(analyst, url)
    assert "Save this view" not in page_of(analyst, url)
    assert "Long contracts" in analyst.get("/profile/my-data.json").get_data(as_text=True)
    assert "00042" not in analyst.get("/profile/my-data.json").get_data(as_text=True)

    assert "Long contracts" not in page_of(office.browser(Role.MANAGER), run)
    (remove,) = re.findall(r'action="([^"]*/views/[^"]*/remove)"', page)
    assert office.browser(Role.MANAGER).post(remove).status_code == 404
    assert analyst.post(remove).status_code == 303
    assert "Long contracts" not in page_of(analyst, run)


def test_a_view_of_a_column_that_a_prediction_does_not_have_says_so(analyst: Browser, run: str) -> None:
    analyst.post(f"{run}/views", {"name": "By tariff", "attr": "TariffPlan", "level": "Gold"})
    page = page_of(analyst, run)
    assert "By tariff: not here without Tariff plan" in page
    assert ">By tariff</a>" not in page


def test_a_view_needs_a_name(analyst: Browser, run: str) -> None:
    assert analyst.post(f"{run}/views", {"name": " ", "label": "leaving"}).status_code == 422
