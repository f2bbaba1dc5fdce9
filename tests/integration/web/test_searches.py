"""Searches for customers: what a person typed stands in no address."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from application.ports.runs import RunQuery
from bench.ports import ports_of
from domain.account import Role, system_account
from domain.actor import Actor
from domain.training import TrainingRequest
from tests.integration.web.conftest import Office, furnished
from tests.integration.web.moves import movable_clock
from tests.integration.web.test_exports import customers

ID = "00042-AAAAA"


def furnish(office: Office) -> None:
    application, analyst = office.application, office.people[Role.ANALYST]
    request = TrainingRequest(algorithm="logistic", effort="low")
    application.models.train_model(
        application.models.submit_training(io.BytesIO(customers(300)), "labelled.csv", request, by=Actor(analyst)).id
    )
    application.predictions.score_run(
        application.predictions.submit_scoring(io.BytesIO(customers(300)), "300.csv", by=Actor(analyst)).id
    )


@pytest.fixture(scope="module")
def with_run(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnished(installed, tmp_path_factory.mktemp("searched") / "data", furnish)


@pytest.fixture
def office(new_office: Callable[..., Office], with_run: Path) -> Office:
    return new_office(copy_of=with_run)


def run_page(office: Office) -> str:
    with ports_of(office.application).new_reading() as uow:
        return f"/predictions/{uow.runs.find(RunQuery()).runs[0].id}"


def addresses_in(answer: TestResponse) -> list[str]:
    """Every address in a page or its headers."""
    page = unescape(answer.get_data(as_text=True))
    headers = [answer.headers.get(name, "") for name in ("HX-Push-Url", "HX-Redirect", "Location")]
    return [*headers, *re.findall(r'(?:href|action|hx-get|hx-post)="([^"]*)"', page)]


def shows_only(answer: TestResponse, customer: str) -> bool:
    page = answer.get_data(as_text=True)
    return f">{customer}</a>" in page and "1 customer of 300 matches" in page


def test_a_search_is_sent_in_the_body_and_its_address_holds_a_key(office: Office) -> None:
    browser, page = office.browser(Role.ANALYST), run_page(office)

    answer = browser.post(f"{page}/search", {"q": ID, "band": ""}, headers={"HX-Target": "customers_table"}, htmx=True)

    assert shows_only(answer, ID)
    assert re.fullmatch(rf"{page}\?s=[\w-]{{24}}", answer.headers["HX-Push-Url"])
    assert not any(ID in address for address in addresses_in(answer))


def test_going_back_forward_or_reloading_shows_the_search_again(office: Office) -> None:
    browser, page = office.browser(Role.ANALYST), run_page(office)
    address = browser.post(f"{page}/search", {"q": ID}, htmx=True).headers["HX-Push-Url"]

    reloaded = browser.get(address)
    restored = browser.get(address, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})

    assert shows_only(reloaded, ID)
    assert shows_only(restored, ID)
    assert f'value="{ID}"' in reloaded.get_data(as_text=True), "in the search field"
    assert not any(ID in address for address in addresses_in(reloaded))


def test_without_scripts_the_form_leads_to_the_same_address(office: Office) -> None:
    browser, page = office.browser(Role.ANALYST), run_page(office)

    answer = browser.post(f"{page}/search", {"q": ID, "label": "leaving", "threshold": "0.01"})

    assert answer.status_code == 303
    assert re.fullmatch(rf"{page}\?threshold=0\.01&s=[\w-]{{24}}&label=leaving", answer.headers["Location"])
    assert shows_only(browser.get(answer.headers["Location"]), ID)


def test_the_same_text_has_the_same_key_and_an_emptied_field_ends_the_search(office: Office) -> None:
    browser, page = office.browser(Role.ANALYST), run_page(office)

    first, second = (browser.post(f"{page}/search", {"q": f" {ID} "}).headers["Location"] for _ in range(2))
    key = first.partition("s=")[2]
    emptied = browser.post(f"{page}/search", {"q": "", "s": key}).headers["Location"]

    assert first == second
    assert emptied == page


def test_other_filters_keep_the_search_by_its_key(office: Office) -> None:
    browser, page = office.browser(Role.ANALYST), run_page(office)
    key = browser.post(f"{page}/search", {"q": ID}).headers["Location"].partition("s=")[2]

    moved = browser.get(f"{page}?percent=10.0&s={key}", headers={"HX-Request": "true", "HX-Target": "result"})

    assert shows_only(moved, ID)
    assert any(f"s={key}" in address and "sort=" in address for address in addresses_in(moved))


def test_exports_use_the_key_and_contain_the_same_customers(office: Office) -> None:
    browser, page = office.browser(Role.ANALYST), run_page(office)
    table = browser.post(f"{page}/search", {"q": ID}, htmx=True, headers={"HX-Target": "customers_table"})
    link = next(address for address in addresses_in(table) if "export.csv?" in address)

    lines = browser.get(link).get_data(as_text=True).removeprefix("\ufeff").splitlines()

    assert [line.split(",")[0] for line in lines] == ["customerID", ID]


def test_an_address_with_a_search_text_redirects_to_one_with_a_key(office: Office) -> None:
    browser, page = office.browser(Role.ANALYST), run_page(office)

    answer = browser.get(f"{page}?q={ID}")
    in_place = browser.htmx(f"{page}?q={ID}")

    assert answer.status_code == 303
    assert ID not in answer.headers["Location"]
    assert shows_only(browser.get(answer.headers["Location"]), ID)
    assert ID not in in_place.headers["HX-Push-Url"]


def test_only_its_owner_can_use_a_search_key(office: Office) -> None:
    analyst, page = office.browser(Role.ANALYST), run_page(office)
    address = analyst.post(f"{page}/search", {"q": ID}).headers["Location"]

    seen = office.browser(Role.MANAGER).get(address).get_data(as_text=True)

    assert ID not in re.sub(r"<table.*</table>", "", seen, flags=re.S)
    assert "300 customers of 300 match" in seen


def test_an_expired_search_is_named_and_no_export_holds_all_customers_instead(office: Office) -> None:
    clock = movable_clock(office)
    browser, page = office.browser(Role.ANALYST), run_page(office)
    key = browser.post(f"{page}/search", {"q": ID}).headers["Location"].partition("s=")[2]
    clock.move(hours=24)
    assert office.application.predictions.recall_search(key, by=office.people[Role.ANALYST]) == ID
    clock.move(seconds=1)
    browser = office.browser(Role.ANALYST)

    shown, export = browser.get(f"{page}?s={key}"), browser.get(f"{page}/export.csv?s={key}")

    assert "This search has expired" in shown.get_data(as_text=True)
    assert export.status_code == 422
    assert "search has expired" in export.get_data(as_text=True)
    office.application.maintenance.forget_spent()
    with ports_of(office.application).new_reading() as uow:
        assert uow.searches.get(key) is None


def test_erasing_a_customer_forgets_every_search(office: Office) -> None:
    browser, page = office.browser(Role.ANALYST), run_page(office)
    key = browser.post(f"{page}/search", {"q": ID}).headers["Location"].partition("s=")[2]

    office.application.privacy.erase_customer(ID, by=Actor(system_account(office.application.now())))

    assert office.application.predictions.recall_search(key, by=office.people[Role.ANALYST]) is None
    assert not any(ID.encode() in file.read_bytes() for file in office.folder.glob("netone.db*"))


def test_a_search_writes_no_customer_into_the_audit_log(office: Office) -> None:
    browser, page = office.browser(Role.ANALYST), run_page(office)
    address = browser.post(f"{page}/search", {"q": ID}).headers["Location"]
    browser.get(address.replace(page, f"{page}/export.csv"))

    assert ID not in office.browser(Role.ADMIN).get("/admin/audit.csv").get_data(as_text=True)
