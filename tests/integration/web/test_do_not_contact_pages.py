"""The pages of the do-not-contact list, and the mark on a customer's page."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html import unescape

import pytest
from werkzeug.test import TestResponse

from application.ports.audit import AuditQuery
from application.ports.runs import RunQuery
from bench.ports import ports_of
from domain.account import Role
from domain.customer import CustomerId
from domain.do_not_contact import Entry, Source
from tests.builders import at
from tests.integration.web.conftest import Browser, Office
from tests.integration.web.scored_file import the_file, train_and_score

URL = "/admin/do-not-contact"


@pytest.fixture
def browser(office: Office) -> Browser:
    return office.browser(Role.MANAGER)


def listed(office: Office) -> dict[str, Entry]:
    with ports_of(office.application).new_reading() as uow:
        return {entry.customer_id: entry for entry in uow.do_not_contact.entries()}


def put(office: Office, *ids: str, note: str = "") -> None:
    with ports_of(office.application).new_uow() as uow:
        uow.do_not_contact.add_many(Entry(CustomerId(own), at(), Source.OPTED_OUT, "Ana", note) for own in ids)
        uow.commit()


def page(browser: Browser, url: str = URL) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, answer.status
    return str(answer.get_data(as_text=True))


def check(browser: Browser, content: bytes, name: str = "list.csv") -> TestResponse:
    return browser.post(f"{URL}/check", {"file": (io.BytesIO(content), name)})


def take_in(browser: Browser, html: str) -> TestResponse:
    """Press the button of the page that shows what a file holds."""
    fields = dict(re.findall(r'name="(sha256|file_name)" value="([^"]*)"', html))
    fields = {name: unescape(value) for name, value in fields.items()}
    return browser.post(f"{URL}/take-in", fields)


def test_an_empty_list_says_so_and_how_to_fill_it(browser: Browser) -> None:
    html = page(browser)

    assert "<strong>Nobody</strong> is on the do-not-contact list." in html
    assert "Add a customer" in html
    assert "list.csv" not in html


def test_a_customer_is_added_found_and_removed_without_an_id_in_any_address(office: Office, browser: Browser) -> None:
    added = browser.post(f"{URL}/add", {"customer_id": " 7590-VHVEG ", "note": "called us"})
    put(office, "5575-GNVDE")

    assert (added.status_code, added.headers["Location"]) == (303, URL)
    assert listed(office)["7590-VHVEG"].note == "called us"
    html = page(browser)
    assert "<strong>2 customers</strong> must not be contacted" in html
    searched = browser.post(f"{URL}/search", {"q": "vhveg"})
    address = searched.headers["Location"]
    assert "vhveg" not in address.lower()
    html = page(browser, address)
    assert "7590-VHVEG" in html
    assert "5575-GNVDE" not in html
    asked = browser.post(f"{URL}/remove", {"customer_id": "7590-VHVEG", "back": address}, htmx=True)
    assert "Remove 7590-VHVEG from the list?" in asked.get_data(as_text=True)
    assert "7590-VHVEG" in listed(office)
    removed = browser.post(f"{URL}/remove/confirmed", {"customer_id": "7590-VHVEG", "back": address})
    assert (removed.status_code, removed.headers["Location"]) == (303, address)
    assert list(listed(office)) == ["5575-GNVDE"]
    assert "No id on the list contains “vhveg”." in page(browser, address)


def test_a_search_in_an_address_is_replaced_by_its_key(office: Office, browser: Browser) -> None:
    put(office, "7590-VHVEG")
    answer = browser.get(f"{URL}?q=7590-VHVEG")

    assert answer.status_code == 303
    assert re.fullmatch(rf"{URL}\?s=[\w-]+", answer.headers["Location"])
    assert "This search has expired" in page(browser, f"{URL}?s=unknown")


def test_a_search_with_htmx_refreshes_list_and_answer(office: Office, browser: Browser) -> None:
    put(office, *(f"{n:04}" for n in range(120)))
    answer = browser.post(f"{URL}/search", {"q": "00"}, htmx=True)
    html = answer.get_data(as_text=True)

    assert answer.headers["HX-Push-Url"].startswith(f"{URL}?s=")
    assert "<title>" not in html
    assert "1–25 of 101" in html
    assert "<strong>120 customers</strong>" in html
    (following,) = re.findall(r'id="listed-pager-next" href="([^"]+)"', html)
    assert "26–50 of 101" in page(browser, following.replace("&amp;", "&"))


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"customer_id": "  "}, "Enter the customer’s id"),
        ({"customer_id": "x" * 501}, "500"),
        ({"customer_id": "A1", "note": "x" * 301}, "300"),
        ({"customer_id": "listed"}, "This customer is on the list already."),
    ],
)
def test_mistakes_are_shown_in_the_form_and_add_nothing(
    office: Office, browser: Browser, fields: dict[str, str], says: str
) -> None:
    put(office, "listed")
    answer = browser.post(f"{URL}/add", fields)

    assert answer.status_code == 422
    assert says in answer.get_data(as_text=True)
    assert list(listed(office)) == ["listed"]


def test_removing_somebody_who_is_not_listed_is_not_found(browser: Browser) -> None:
    assert browser.post(f"{URL}/remove/confirmed", {"customer_id": "7590-VHVEG"}).status_code == 404


def test_a_file_shows_what_it_holds_before_anything_is_added(office: Office, browser: Browser) -> None:
    put(office, "A1")
    shown = check(browser, b"customer_id;name\nA1;x\nA2;y\nA2;y\n;z\nA3;x\n", "spring <b>.csv").get_data(as_text=True)

    assert "<strong>2 customers</strong> of spring &lt;b&gt;.csv would be added." in shown
    assert "Line 5 has no id" in shown
    assert re.search(r"<dt>On the list already</dt><dd[^>]*>1</dd>", shown)
    assert re.search(r"<dt>Twice in the file</dt><dd[^>]*>1</dd>", shown)
    assert list(listed(office)) == ["A1"]
    assert take_in(browser, shown).status_code == 303
    assert "2 customers added to the list." in page(browser)
    assert {name: entry.note for name, entry in listed(office).items()} == {
        "A1": "",
        "A2": "spring <b>.csv",
        "A3": "spring <b>.csv",
    }
    assert take_in(browser, shown).status_code == 409
    assert office.audit()[0] == "added to the do-not-contact list"


def test_a_checked_file_can_be_forgotten(office: Office, browser: Browser) -> None:
    shown = check(browser, b"A1\nA2\n").get_data(as_text=True)
    assert browser.post(f"{URL}/forget").status_code == 303
    assert take_in(browser, shown).status_code == 409
    assert listed(office) == {}
    assert list((office.folder / "uploads").glob("*")) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7\n", "This is a PDF, not a CSV file."),
        (b"PK\x03\x04" + b"\0" * 26 + b"xl/workbook.xml", "The zip archive is damaged or incomplete."),
        (b"town,plan\nPorto,M\nPorto,S\n", "call it “customer_id”"),
        (b"\0" * 1_000, "The file is damaged or not a text file."),
    ],
)
def test_a_file_that_holds_no_ids_is_refused_in_the_form(browser: Browser, content: bytes, says: str) -> None:
    answer = check(browser, content)

    assert answer.status_code == 422
    assert says in answer.get_data(as_text=True)


def test_no_file_is_a_mistake_too(browser: Browser) -> None:
    assert "Choose a file" in browser.post(f"{URL}/check").get_data(as_text=True)


@pytest.mark.parametrize("name", ["../../../etc/passwd", "C:\\x\\<script>.csv", "x\x07\x1b[2J.csv", "'" * 300])
def test_names_of_files_are_only_shown(office: Office, browser: Browser, name: str) -> None:
    shown = check(browser, b"A1\nA2\n", name)
    html = shown.get_data(as_text=True)

    assert shown.status_code == 200
    assert "<script>.csv" not in html
    assert "\x1b" not in html
    assert take_in(browser, html).status_code == 303
    assert sorted(listed(office)) == ["A1", "A2"]


def test_the_download_is_safe_for_spreadsheets_and_can_be_uploaded_again(office: Office, browser: Browser) -> None:
    put(office, "=1+1", "@SUM(A1)", "0012", 'a "quoted", id', "+491701234567", note="=HYPERLINK(1)")
    answer = browser.get(f"{URL}/list.csv")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))

    assert re.fullmatch(
        r'attachment; filename="do-not-contact-\d{4}-\d\d-\d\d\.csv".*', answer.headers["Content-Disposition"]
    )
    assert rows[0] == ["Customer id", "Since", "How", "By", "Note"]
    assert [row[0] for row in rows[1:]] == ["+491701234567", "0012", "'=1+1", "'@SUM(A1)", 'a "quoted", id']
    assert {row[4] for row in rows[1:]} == {"'=HYPERLINK(1)"}
    shown = check(browser, answer.data).get_data(as_text=True)
    assert "<strong>Nobody new:</strong>" in shown
    assert "exported the do-not-contact list" in office.audit()


def test_analysts_look_up_one_customer_and_see_no_list(office: Office) -> None:
    put(office, "7590-VHVEG", "5575-GNVDE", note="angry")
    analyst = office.browser(Role.ANALYST)

    assert analyst.get(URL).status_code == 403
    assert f'href="{URL}/look-up"' in page(analyst, "/history")
    found = analyst.post(f"{URL}/look-up", {"customer_id": " 7590-VHVEG "}).get_data(as_text=True)
    assert "Do not contact 7590-VHVEG." in found
    assert "5575" not in found
    other = analyst.post(f"{URL}/look-up", {"customer_id": "<b>7590"}).get_data(as_text=True)
    assert "&lt;b&gt;7590 may be contacted." in other
    assert analyst.post(f"{URL}/look-up", {"customer_id": ""}).status_code == 422


def test_the_list_is_in_the_administration_next_to_the_playbook(office: Office) -> None:
    for role in (Role.MANAGER, Role.ADMIN):
        html = page(office.browser(role))
        assert re.search(rf'>Playbook</a>\s*<a href="{URL}" aria-current="page">Do not contact</a>', html)


def test_a_customer_is_marked_on_their_page_and_viewers_see_the_mark_alone(office: Office) -> None:
    train_and_score(office, file=the_file("generated"))
    with ports_of(office.application).new_uow() as uow:
        (run,) = uow.runs.find(RunQuery()).runs
        uow.runs.save(replace(run, shared=True))
        uow.commit()
    url = f"/predictions/{run.id}/customers/1"
    analyst, viewer, manager = (office.browser(role) for role in (Role.ANALYST, Role.VIEWER, Role.MANAGER))
    mark, unmark = f"{url}/do-not-contact", f"{url}/contact-again"

    assert mark in page(analyst, url)
    assert mark not in page(viewer, url)
    assert viewer.post(mark).status_code == 403
    assert analyst.post(mark).headers["Location"] == url
    (entry,) = listed(office).values()
    assert (entry.source, entry.by, entry.note) == (Source.MARKED, "Analyst", "")
    assert analyst.post(mark).status_code == 409
    for browser, may_unmark in ((viewer, False), (analyst, False), (manager, True)):
        html = page(browser, url)
        assert ">Do not contact</span> since" in html
        assert mark not in html
        assert (unmark in html) is may_unmark
    assert analyst.post(unmark).status_code == 403
    assert manager.post(unmark).headers["Location"] == url
    assert listed(office) == {}
    assert ">Do not contact</span> since" not in page(viewer, url)
    assert entry.customer_id not in str(
        office.application.administration.read_audit(AuditQuery(), by=office.people[Role.ADMIN])
    )
