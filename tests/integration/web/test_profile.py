"""One's own account on the web."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest

from bench.ports import ports_of
from domain.account import Role
from entrypoints.web.profile.browsers import browser_words
from tests.builders import a_finished_run
from tests.integration.web.conftest import PASSWORD, Browser, Office

NEW_PASSWORD = "quiet-harbour-lantern-42"


@pytest.fixture
def analyst(office: Office) -> Browser:
    return office.browser(Role.ANALYST)


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return html.unescape(answer.get_data(as_text=True))


def profile(office: Office, **given: str) -> dict[str, str]:
    account = office.people[Role.ANALYST]
    filled = {"name": account.name, "email": account.email} | given
    return {f"account-{field}": value for field, value in filled.items()}


def passwords(**given: str) -> dict[str, str]:
    return {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "confirm": NEW_PASSWORD} | given


def test_the_profile_names_each_field_once(analyst: Browser) -> None:
    page = text_of(analyst.get("/profile"))
    for label in ("Full name", "Email", "Current password", "New password", "Confirm password"):
        assert page.count(f">{label}</label>") == 1


def test_a_new_name_needs_no_password(office: Office, analyst: Browser) -> None:
    assert analyst.post("/profile", profile(office, name="Shop  North")).status_code == 303
    assert 'value="Shop North"' in text_of(analyst.get("/profile"))


def test_changing_the_email_needs_the_current_password(office: Office, analyst: Browser) -> None:
    asked = text_of(analyst.post("/profile", profile(office, email="new@telco.example.com"), htmx=True), 422)
    assert asked.lstrip().startswith('<form id="profile_form"')
    assert "To change the email, give your current password." in asked
    given = profile(office, email="new@telco.example.com", current_password=PASSWORD)
    assert analyst.post("/profile", given, htmx=True).headers["HX-Redirect"] == "/profile"
    assert office.browser().log_in("new@telco.example.com").status_code == 303


def test_a_taken_or_malformed_email_is_rejected_in_the_form(office: Office, analyst: Browser) -> None:
    taken = profile(office, email=office.people[Role.ADMIN].email, current_password=PASSWORD)
    assert "Another account has this email." in text_of(analyst.post("/profile", taken, htmx=True), 422)
    assert "@" in text_of(analyst.post("/profile", profile(office, email="nobody"), htmx=True), 422)
    assert "Enter your name." in text_of(analyst.post("/profile", profile(office, name=""), htmx=True), 422)


def test_changing_the_password_ends_other_sessions_and_keeps_this_one(office: Office, analyst: Browser) -> None:
    other = office.browser(Role.ANALYST)
    assert analyst.post("/profile/password", passwords()).status_code == 303
    assert "Your password was changed" in text_of(analyst.get("/profile"))
    assert other.get("/profile").status_code == 303
    assert office.browser().log_in(office.people[Role.ANALYST].email, NEW_PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"current_password": "not this one at all"}, "This is not your current password."),
        ({"new_password": "short", "confirm": "short"}, "The password needs:"),
        ({"confirm": "something else entirely"}, "The two passwords differ."),
        ({"current_password": ""}, "Enter your current password."),
    ],
)
def test_an_invalid_password_is_rejected_in_the_form(given: dict[str, str], words: str, analyst: Browser) -> None:
    page = text_of(analyst.post("/profile/password", passwords(**given), htmx=True), 422)
    assert page.lstrip().startswith('<form id="password_form"')
    assert words in page
    assert NEW_PASSWORD not in page


def test_sessions_are_listed_in_words_and_the_others_can_be_ended(office: Office, analyst: Browser) -> None:
    other = office.browser(Role.ANALYST)
    page = text_of(analyst.get("/profile"))
    assert page.count("This one") == 1
    assert "127.0.0.1" in page
    assert "Log out others" in page
    wrong = analyst.post("/profile/sessions/end-others", {"sessions-current_password": "not it at all"}, htmx=True)
    assert wrong.status_code == 422
    assert "This is not your current password." in wrong.get_data(as_text=True)
    assert other.get("/profile").status_code == 200, "nothing has ended"
    right = analyst.post("/profile/sessions/end-others", {"sessions-current_password": PASSWORD})
    assert right.status_code == 303
    assert other.get("/profile").status_code == 303
    after = text_of(analyst.get("/profile"))
    assert "1 other session ended." in after
    assert "Log out others" not in after


def test_the_export_of_own_data_contains_no_password(office: Office, analyst: Browser) -> None:
    owner = str(office.people[Role.ANALYST].id)
    with ports_of(office.application).new_uow() as uow:
        uow.runs.add(a_finished_run(owner=owner, file_name="kunden-größe.csv"))
        uow.commit()
    answer = analyst.get("/profile/my-data.json")
    data = json.loads(answer.get_data())
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert data["account"]["email"] == office.people[Role.ANALYST].email
    assert data["predictions"][0]["file"] == "kunden-größe.csv"
    assert "$2b$" not in answer.get_data(as_text=True)
    assert office.audit()[0] == "downloaded their own data"


def test_deleting_an_account_first_lists_what_will_be_deleted(office: Office, analyst: Browser) -> None:
    owner = str(office.people[Role.ANALYST].id)
    with ports_of(office.application).new_uow() as uow:
        uow.runs.add(a_finished_run(id="run-1", owner=owner))
        uow.runs.add(a_finished_run(id="run-2", owner=owner, shared=True))
        uow.commit()
    page = text_of(analyst.htmx("/profile/delete"))
    assert "<strong>1 private prediction</strong> of yours is deleted" in page
    assert "<strong>1 shared prediction</strong> stays with the team" in page


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"delete-sure": "y", "delete-current_password": "wrong one entirely"}, "This is not your current password."),
        ({"delete-current_password": PASSWORD}, "Tick this to go on."),
    ],
)
def test_deleting_an_account_needs_its_password_and_a_tick(given: dict[str, str], words: str, analyst: Browser) -> None:
    page = text_of(analyst.post("/profile/delete", given, htmx=True), 422)
    assert words in page
    assert analyst.get("/profile").status_code == 200


def test_a_deleted_account_is_logged_out_and_cannot_come_back(office: Office, analyst: Browser) -> None:
    answer = analyst.post("/profile/delete", {"delete-sure": "y", "delete-current_password": PASSWORD}, htmx=True)
    assert answer.headers["HX-Redirect"] == "/login"
    assert analyst.get("/profile").status_code == 303
    assert office.browser().log_in(office.people[Role.ANALYST].email).status_code == 422


def test_the_last_administrator_sees_why_the_account_cannot_be_deleted(office: Office) -> None:
    admin = office.browser(Role.ADMIN)
    assert "You are the only administrator." in text_of(admin.htmx("/profile/delete"))
    given = {"delete-sure": "y", "delete-current_password": PASSWORD}
    assert "You are the only administrator." in text_of(admin.post("/profile/delete", given), 422)
    assert admin.get("/profile").status_code == 200


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari on Mac"),
        ("curl/8.5.0", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_sessions_name_the_browser_and_system(user_agent: str, words: str) -> None:
    assert browser_words(user_agent) == words


def test_csv_files_follow_the_persons_choice_which_is_kept_and_is_the_persons_data(office: Office) -> None:
    browser = office.browser(Role.MANAGER)

    def first_bytes(query: str = "") -> str:
        return browser.get(f"/admin/do-not-contact/list.csv{query}").data.decode()[:13]

    assert first_bytes() == "\ufeffCustomer id,"
    answer = browser.post("/profile/csv", {"style": "semicolon", "back": "/history"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/history")
    assert first_bytes() == "\ufeffCustomer id;"
    assert first_bytes("?style=comma") == "\ufeffCustomer id,"
    assert first_bytes("?raw=1") == "Customer id,S"
    assert json.loads(browser.get("/profile/my-data.json").data)["account"]["csv_style"] == "semicolon"
    assert "chose how CSV files are written" in office.audit()


def test_a_wrong_style_is_refused_and_no_other_site_is_returned_to(office: Office) -> None:
    browser = office.browser(Role.VIEWER)
    assert browser.post("/profile/csv", {"style": "tabs"}).status_code == 422
    answer = browser.post("/profile/csv", {"style": "comma", "back": "//elsewhere.example/"})
    assert answer.headers["Location"] == "/dashboard"


@pytest.mark.parametrize(
    ("language", "proposed"), [("de-DE,de;q=0.9", True), ("pt-BR", True), ("en-GB", False), ("xx", False), ("", False)]
)
def test_the_browsers_language_proposes_a_style_and_changes_nothing(
    office: Office, language: str, proposed: bool
) -> None:
    browser = office.browser(Role.ANALYST)
    page = browser.client.get("/profile", headers={"Accept-Language": language}).get_data(as_text=True)
    assert ("usually goes with: semicolon, and 1234,5" in " ".join(page.split())) is proposed
    assert 'value="comma" checked' in " ".join(page.split())
