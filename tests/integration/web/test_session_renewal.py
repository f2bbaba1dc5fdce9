"""Giving one's password again puts the session under a new secret, and the old one is worthless."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from flask.sessions import SecureCookieSessionInterface

from domain.account import Role
from tests.integration.web.conftest import PASSWORD, Browser, Office
from tests.integration.web.moves import NEW_PASSWORD, movable_clock
from tests.integration.web.test_second_factor import PAGE, enrolled, scanned


def change_password(office: Office, browser: Browser) -> None:
    fields = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "confirm": NEW_PASSWORD}
    assert browser.post("/profile/password", fields).status_code == 303


def change_email(office: Office, browser: Browser) -> None:
    fields = {"account-name": "Shop", "account-email": "new@telco.example.com", "account-current_password": PASSWORD}
    assert browser.post("/profile", fields).status_code == 303


def enable(office: Office, browser: Browser) -> None:
    browser.post(f"{PAGE}/begin")
    phone = scanned(office, browser.get(PAGE).get_data(as_text=True))
    assert browser.post(f"{PAGE}/confirm", {"current_password": PASSWORD, "code": phone.code()}).status_code == 200


def renew_codes(office: Office, browser: Browser) -> None:
    assert browser.post(f"{PAGE}/codes", {"codes-current_password": PASSWORD}).status_code == 200


def disable(office: Office, browser: Browser) -> None:
    assert browser.post(f"{PAGE}/disable", {"disable-current_password": PASSWORD}).status_code == 303


def end_others(office: Office, browser: Browser) -> None:
    fields = {"sessions-current_password": PASSWORD}
    assert browser.post("/profile/sessions/end-others", fields).status_code == 303


@pytest.mark.parametrize("step", [change_password, change_email, enable, renew_codes, disable, end_others])
def test_the_old_cookie_gives_no_session(office: Office, step: Callable[[Office, Browser], None]) -> None:
    movable_clock(office)
    browser = office.browser(Role.ANALYST)
    if step in (renew_codes, disable):
        enrolled(office, browser)
    before, forms_token = browser.session_cookie(), browser.token()

    step(office, browser)

    thief = office.browser()
    thief.client.set_cookie("netone", before)
    assert thief.get("/profile").status_code == 303
    assert browser.get("/profile").status_code == 200
    still_open = browser.client.post("/logout", headers={"X-CSRFToken": forms_token})
    assert still_open.status_code == 303, "forms in other tabs go on working"


def test_renewing_a_session_keeps_its_start(office: Office) -> None:
    clock = movable_clock(office)
    browser = office.browser(Role.ANALYST)
    for _ in range(27):
        clock.move(hours=6)
        assert browser.get("/profile").status_code == 200
    enable(office, browser)
    clock.move(hours=5)
    assert browser.get("/profile").status_code == 200
    clock.move(hours=2)
    assert browser.get("/profile").status_code == 303


def test_the_cookie_is_signed_with_sha_256(office: Office) -> None:
    office.app.test_client()
    assert office.app.session_interface.digest_method is hashlib.sha256  # type: ignore[attr-defined]
    browser = office.browser(Role.ANALYST)
    weaker = SecureCookieSessionInterface().get_signing_serializer(office.app)
    strong = office.app.session_interface.get_signing_serializer(office.app)  # type: ignore[attr-defined]
    content = strong.loads(browser.session_cookie())
    thief = office.browser()
    thief.client.set_cookie("netone", weaker.dumps(content))
    assert thief.get("/profile").status_code == 303
