"""Sessions: how they begin, how long they last, what ends them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain.account import Role
from tests.integration.web.conftest import PASSWORD, Browser, Office
from tests.integration.web.moves import NEW_PASSWORD, movable_clock


def test_logging_in_starts_a_new_session_and_invalidates_the_old_cookie(office: Office) -> None:
    browser = office.browser()
    browser.get("/login")
    before, forged = browser.session_cookie(), browser.token()

    browser.log_in(office.people[Role.ANALYST].email)

    assert browser.session_cookie() != before
    assert browser.client.post("/logout", headers={"X-CSRFToken": forged}).status_code == 400, "nor is its CSRF token"
    assert _with_cookie(office, before).get("/dashboard").status_code == 303


def test_a_session_ended_by_logging_out_cannot_be_replayed(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    stolen = browser.session_cookie()
    assert _with_cookie(office, stolen).get("/profile").status_code == 200

    browser.post("/logout")

    assert _with_cookie(office, stolen).get("/profile").status_code == 303


def test_changing_the_password_asks_for_the_current_one_and_ends_other_sessions(office: Office) -> None:
    here, elsewhere = office.browser(Role.ANALYST), office.browser(Role.ANALYST)
    change = {"new_password": NEW_PASSWORD, "confirm": NEW_PASSWORD}

    assert here.post("/profile/password", {**change, "current_password": "not it at all"}).status_code == 422
    assert elsewhere.get("/profile").status_code == 200
    assert here.post("/profile/password", {**change, "current_password": PASSWORD}).status_code < 400

    assert here.get("/profile").status_code == 200
    assert elsewhere.get("/profile").status_code == 303


@pytest.mark.parametrize(("wait", "kept"), [({"hours": 7.9}, True), ({"hours": 8.1}, False)])
def test_a_session_without_use_ends_after_eight_hours(office: Office, wait: dict[str, float], kept: bool) -> None:
    clock = movable_clock(office)
    browser = office.browser(Role.ANALYST)

    clock.move(**wait)

    assert (browser.get("/profile").status_code == 200) is kept


def test_a_session_in_steady_use_ends_after_seven_days(office: Office) -> None:
    clock = movable_clock(office)
    browser = office.browser(Role.ANALYST)

    lasted = 0
    while browser.get("/profile").status_code == 200 and lasted < 40:
        clock.move(hours=6)
        lasted += 1

    assert lasted == 29, "7 days are 28 times six hours"


def test_cookies_are_httponly_and_samesite(new_office: Callable[..., Office]) -> None:
    plain, behind_tls = new_office(), new_office(https=True)

    for office, secure in ((plain, False), (behind_tls, True)):
        browser = office.browser()
        answer = browser.client.get("/login", base_url="https://localhost" if secure else "http://localhost")
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-netone=" if secure else "netone=")
        assert "Domain" not in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert ("Secure" in cookie) is secure


def _with_cookie(office: Office, value: str) -> Browser:
    browser = office.browser()
    browser.client.set_cookie("netone", value)
    return browser


def test_logging_out_clears_pages_cached_by_the_browser(office: Office) -> None:
    answer = office.browser(Role.ANALYST).post("/logout")

    assert answer.headers["Clear-Site-Data"] == '"cache"'
