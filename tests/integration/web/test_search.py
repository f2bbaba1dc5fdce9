"""The search of the menu: grouped, for forms and for htmx, and nothing of it in a URL or a log line."""

from __future__ import annotations

import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.run import RunId
from tests.builders import a_contact, a_finished_run
from tests.integration.web.conftest import Office
from tests.integration.web.stored_models import champion, keep

SECRET = "7590-VHVEG"


@pytest.fixture
def stored(office: Office) -> Office:
    keep(office, champion(id="v1", file_name="november labelled.csv"))
    with ports_of(office.application).new_uow() as uow:
        owner = str(office.people[Role.ANALYST].id)
        uow.runs.add(a_finished_run(id="run-1", owner=owner, file_name="November <1>.csv"))
        uow.predictions.add(RunId("run-1"), [a_contact(customer_id=SECRET, probability=0.8)])
        uow.commit()
    return office


def test_results_are_grouped_and_lead_to_their_pages(stored: Office) -> None:
    page = stored.browser(Role.ANALYST).post("/search", {"q": "november"}).get_data(as_text=True)
    assert page.index(">Predictions</h2>") < page.index(">Models</h2>")
    assert '<a href="/predictions/run-1" data-hit>' in page
    assert "November &lt;1&gt;.csv" in page
    assert '<a href="/models/v1" data-hit>' in page
    assert "2 results" in page


def test_a_customer_is_found_by_a_form_and_not_by_an_address(stored: Office, caplog: pytest.LogCaptureFixture) -> None:
    browser = stored.browser(Role.ANALYST)
    with caplog.at_level("DEBUG"):
        answer = browser.post("/search", {"q": SECRET.lower()})
        part = browser.post("/search", {"q": SECRET}, htmx=True).get_data(as_text=True)
    assert answer.status_code == 200
    assert "Location" not in answer.headers
    assert '<a href="/predictions/run-1/customers/1" data-hit>' in answer.get_data(as_text=True)
    assert "80.0% in November" in part
    assert part.lstrip().startswith('<div class="find-all">')
    assert SECRET.lower() not in caplog.text.lower()
    assert SECRET not in browser.get("/search?q=" + SECRET).get_data(as_text=True)


def test_others_do_not_find_a_private_prediction(stored: Office) -> None:
    page = stored.browser(Role.VIEWER).post("/search", {"q": SECRET}).get_data(as_text=True)
    assert "Nothing was found." in page
    assert "run-1" not in page


def test_a_short_text_is_asked_for_more(stored: Office) -> None:
    assert "Type two letters or more." in stored.browser(Role.VIEWER).post("/search", {"q": "x"}).get_data(as_text=True)


def test_help_is_found_too_and_every_page_has_the_search(stored: Office) -> None:
    browser = stored.browser(Role.VIEWER)
    assert 'href="/help/glossary#auc"' in browser.post("/search", {"q": "AUC"}).get_data(as_text=True)
    for path in ("/dashboard", "/help", "/profile"):
        page = browser.get(path).get_data(as_text=True)
        assert '<form class="find" method="post" action="/search"' in page
        assert 'id="keys"' in page
        assert 'data-go="h"' in page
    assert "data-find" not in stored.browser().get("/help").get_data(as_text=True)
