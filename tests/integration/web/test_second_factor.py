"""The second factor over HTTP: two steps to log in, roles that need it, and what an administrator can do."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest

from application.use_cases.accounts.sessions import ReadSession
from bench.ports import ports_of
from domain.account import Account, Role
from domain.actor import Actor
from domain.api_token import Scope
from entrypoints.web.access import ENROLLING, MONITORING, PUBLIC, required_by
from tests.integration.web.conftest import PASSWORD, Browser, Office
from tests.integration.web.moves import movable_clock
from tests.integration.web.test_admin_installation import SETTINGS
from tests.integration.web.test_permissions import address_of, routes

PAGE = "/profile/second-factor"


class Phone:
    """An authenticator app with one key, whose clock is the installation's."""

    def __init__(self, office: Office, key: str) -> None:
        self.office, self.app = office, pyotp.TOTP(key)

    def code(self) -> str:
        return self.app.at(self.office.application.now())


def scanned(office: Office, page: str) -> Phone:
    key = re.search(r'id="second-factor-key">([A-Z2-7 ]+)<', page)
    assert key, page
    return Phone(office, key[1].replace(" ", ""))


def enrolled(office: Office, browser: Browser) -> tuple[Phone, list[str]]:
    """Sets up a second factor in this browser; the phone, whose next code is new, and the recovery codes."""
    browser.post(f"{PAGE}/begin")
    phone = scanned(office, browser.get(PAGE).get_data(as_text=True))
    answer = browser.post(f"{PAGE}/confirm", {"current_password": PASSWORD, "code": phone.code()})
    assert answer.status_code == 200
    shown = re.search(r'id="recovery-codes"[^>]*>([^<]+)<', answer.get_data(as_text=True))
    assert shown
    ports_of(office.application).clock.move(seconds=30)  # type: ignore[attr-defined]
    return phone, shown[1].split()


def required_for(office: Office, *roles: Role) -> None:
    with ports_of(office.application).new_uow() as uow:
        uow.policies.save(replace(uow.policies.get(), second_factor_roles=roles))
        uow.commit()


@pytest.fixture
def office(new_office: Callable[..., Office]) -> Office:
    """Whose clock the tests move."""
    opened = new_office()
    movable_clock(opened)
    return opened


def analyst(office: Office) -> Account:
    return office.people[Role.ANALYST]


def test_log_in_takes_two_steps_with_a_second_factor(office: Office) -> None:
    phone, _ = enrolled(office, office.browser(Role.ANALYST))
    browser = office.browser()

    first = browser.log_in(analyst(office).email, next="/history")
    assert (first.status_code, first.headers["Location"]) == (303, "/login/code?next=/history")
    assert browser.get("/history").headers["Location"].startswith("/login")

    second = browser.post("/login/code", {"code": phone.code(), "next": "/history"})
    assert (second.status_code, second.headers["Location"]) == (303, "/history")
    assert browser.get("/history").status_code == 200


def test_between_the_steps_only_public_routes_are_open(office: Office) -> None:
    enrolled(office, office.browser(Role.ADMIN))
    browser, stranger = office.browser(), office.browser()
    browser.log_in(office.people[Role.ADMIN].email)
    token, strangers = browser.token(), stranger.token()
    let_in = []
    for rule, method in routes(office.app):
        if required_by(office.app, rule.endpoint) in (PUBLIC, MONITORING):
            continue
        url = address_of(office.app, rule)
        answer = browser.client.open(url, method=method, headers={"X-CSRFToken": token})
        other = stranger.client.open(url, method=method, headers={"X-CSRFToken": strangers})
        if (answer.status_code, answer.headers.get("Location")) != (other.status_code, other.headers.get("Location")):
            let_in.append(f"{method} {url}: {answer.status_code}")
        of_programs = isinstance(required_by(office.app, rule.endpoint), Scope)
        assert answer.status_code == 401 if of_programs else answer.headers["Location"].partition("?")[0] == "/login"

    assert let_in == []


def test_the_second_step_belongs_to_the_browser_that_gave_the_password(office: Office) -> None:
    phone, _ = enrolled(office, office.browser(Role.ANALYST))
    office.browser().log_in(analyst(office).email)

    other = office.browser()
    answer = other.post("/login/code", {"code": phone.code()})

    assert answer.headers["Location"].startswith("/login?")
    assert other.get("/dashboard").status_code == 303


def test_the_second_step_without_the_first_redirects_to_the_log_in(office: Office) -> None:
    answer = office.browser().get("/login/code?next=//evil.example.com")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/dashboard")


def test_the_second_step_starts_a_new_session(office: Office) -> None:
    phone, _ = enrolled(office, office.browser(Role.ANALYST))
    browser = office.browser()
    browser.log_in(analyst(office).email)
    before, forged = browser.session_cookie(), browser.token()
    browser.post("/login/code", {"code": phone.code()})

    assert browser.session_cookie() != before
    assert browser.token() != forged
    thief = office.browser()
    thief.client.set_cookie("netone", before)
    assert thief.get("/dashboard").status_code == 303


def test_a_wrong_code_is_reported_next_to_its_field_and_in_the_audit_log(office: Office) -> None:
    enrolled(office, office.browser(Role.ANALYST))
    browser = office.browser()
    browser.log_in(analyst(office).email)

    answer = browser.post("/login/code", {"code": "000000"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in page
    assert "This code is not right" in page
    assert "gave a wrong second factor" in office.audit()


def test_the_sixth_wrong_code_is_answered_with_a_wait(office: Office) -> None:
    phone, _ = enrolled(office, office.browser(Role.ANALYST))
    browser = office.browser()
    browser.log_in(analyst(office).email)
    for _ in range(5):
        assert browser.post("/login/code", {"code": "000000"}).status_code == 422

    answer = browser.post("/login/code", {"code": phone.code()})

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "2"


def test_the_code_field_supports_autofill_of_one_time_codes(office: Office) -> None:
    enrolled(office, office.browser(Role.ANALYST))
    browser = office.browser()
    browser.log_in(analyst(office).email)
    page = browser.get("/login/code").get_data(as_text=True)
    field = re.search(r'<input[^>]+name="code"[^>]*>', page)
    assert field
    assert 'autocomplete="one-time-code"' in field[0]
    assert 'inputmode="numeric"' in field[0]
    assert '<label class="form-label" for="code">' in page


def test_a_recovery_code_logs_in_once_and_says_how_many_are_left(office: Office) -> None:
    _, codes = enrolled(office, office.browser(Role.ANALYST))
    browser = office.browser()
    browser.log_in(analyst(office).email)
    assert browser.post("/login/code?recovery=1", {"code": codes[0]}).status_code == 303
    assert "9 codes left" in browser.get("/profile").get_data(as_text=True)
    again = office.browser()
    again.log_in(analyst(office).email)
    assert again.post("/login/code?recovery=1", {"code": codes[0]}).status_code == 422


def test_the_page_with_the_key_is_not_stored_and_keeps_the_strict_policy(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    browser.post(f"{PAGE}/begin")
    answer = browser.get(PAGE)
    page = answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert page.count("<svg viewBox") >= 1
    assert "style=" not in page
    assert '<path fill="#fff"' in page


def test_recovery_codes_are_shown_once_and_can_be_downloaded(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    browser.post(f"{PAGE}/begin")
    phone = scanned(office, browser.get(PAGE).get_data(as_text=True))
    answer = browser.post(f"{PAGE}/confirm", {"current_password": PASSWORD, "code": phone.code()})
    page = html.unescape(answer.get_data(as_text=True))
    shown = re.search(r'id="recovery-codes"[^>]*>([^<]+)<', page)
    assert shown
    codes = shown[1].split()
    assert len(codes) == 10
    assert answer.headers["Cache-Control"] == "no-store"
    assert "data:text/plain;charset=utf-8," in page
    for code in codes:
        assert page.count(code) == 2  # in the list, and in the file
        assert code not in browser.get(PAGE).get_data(as_text=True)
    assert not _kept_in_files(office, *codes, *(code.replace("-", "") for code in codes))


def test_the_database_does_not_contain_the_key(office: Office) -> None:
    phone, _ = enrolled(office, office.browser(Role.ANALYST))
    key = phone.app.secret
    assert not _kept_in_files(office, key, key.lower(), phone.app.byte_secret().hex())


def _kept_in_files(office: Office, *texts: str) -> list[str]:
    files = [path for path in office.folder.rglob("*") if path.is_file()]
    kept = b"".join(path.read_bytes() for path in files)
    return [text for text in texts if text.encode() in kept]


def test_errors_during_enrolment_are_shown_next_to_their_fields(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    browser.post(f"{PAGE}/begin")
    phone = scanned(office, browser.get(PAGE).get_data(as_text=True))
    late = phone.app.at(office.application.now() - timedelta(minutes=4))
    for data, words in (
        ({"current_password": "not the password", "code": phone.code()}, "This is not your current password."),
        ({"current_password": PASSWORD, "code": "000000"}, "This code is not right."),
        ({"current_password": PASSWORD, "code": ""}, "Enter the six digits that your app shows."),
        ({"current_password": PASSWORD, "code": late}, "about 4 minutes behind"),
    ):
        answer = browser.post(f"{PAGE}/confirm", data)
        assert answer.status_code == 422
        assert words in html.unescape(answer.get_data(as_text=True))
    assert scanned(office, browser.get(PAGE).get_data(as_text=True)).app.secret == phone.app.secret


def test_an_expired_key_is_reported_and_a_new_one_can_be_created(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    browser.post(f"{PAGE}/begin")
    phone = scanned(office, browser.get(PAGE).get_data(as_text=True))
    ports_of(office.application).clock.move(minutes=31)  # type: ignore[attr-defined]
    answer = browser.post(f"{PAGE}/confirm", {"current_password": PASSWORD, "code": phone.code()})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "expired" in page
    assert f'action="{PAGE}/begin"' in page


def test_turning_off_the_second_factor_needs_the_password(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    enrolled(office, browser)
    assert browser.post(f"{PAGE}/disable", {"disable-current_password": "not it"}).status_code == 422
    assert browser.post(f"{PAGE}/disable", {"disable-current_password": PASSWORD}).status_code == 303
    assert office.browser().log_in(analyst(office).email).headers["Location"] == "/dashboard"


def test_new_recovery_codes_need_the_password(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    _, old = enrolled(office, browser)
    assert browser.post(f"{PAGE}/codes", {"codes-current_password": "not it"}).status_code == 422
    page = browser.post(f"{PAGE}/codes", {"codes-current_password": PASSWORD}).get_data(as_text=True)
    assert 'id="recovery-codes"' in page
    assert old[0] not in page


# ── Roles that need one ──


def test_an_account_that_needs_a_second_factor_can_only_set_it_up(office: Office) -> None:
    required_for(office, Role.ADMIN)
    browser = Browser(office.app)
    first = browser.log_in(office.people[Role.ADMIN].email)
    assert first.headers["Location"] == "/dashboard"
    token, open_to_them = browser.token(), []
    for rule, method in sorted(routes(office.app), key=lambda pair: pair[0].endpoint == "accounts.logout"):
        if required_by(office.app, rule.endpoint) in (PUBLIC, MONITORING):
            continue
        answer = browser.client.open(address_of(office.app, rule), method=method, headers={"X-CSRFToken": token})
        if isinstance(required_by(office.app, rule.endpoint), Scope):
            assert answer.status_code == 401
        elif answer.headers.get("Location") != PAGE:
            open_to_them.append(rule.endpoint)

    assert sorted(set(open_to_them)) == ["accounts.logout", "second_factor.confirm", "second_factor.show"]
    assert {e for e in office.app.view_functions if required_by(office.app, e) == ENROLLING} == {
        "accounts.logout",
        "second_factor.begin",
        "second_factor.confirm",
        "second_factor.show",
    }


def test_htmx_requests_are_redirected_to_the_enrolment_page(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    required_for(office, Role.ANALYST)
    assert browser.htmx("/history").headers["HX-Redirect"] == PAGE


def test_use_cases_do_not_authenticate_an_account_before_its_enrolment(office: Office) -> None:
    """Whatever a route may forget: without an account there is nobody in whose name a use case can be called."""
    account = analyst(office)
    token = office.application.accounts.open_session(account, address="", browser="")
    required_for(office, Role.ANALYST)
    assert office.application.accounts.authenticate_session(token) is None
    enrolling = office.application.accounts.authenticate_enrolment(token)
    assert enrolling is not None
    assert enrolling.id == account.id
    assert isinstance(office.application.accounts.authenticate_session.read, ReadSession)


def test_everything_is_open_after_the_enrolment(office: Office) -> None:
    required_for(office, Role.ANALYST)
    browser = office.browser(Role.ANALYST)
    page = browser.get(PAGE).get_data(as_text=True)
    assert "Your role needs a second factor" in page
    assert 'href="/history"' not in page
    enrolled(office, browser)
    assert browser.get("/history").status_code == 200
    assert "cannot be turned off" in browser.get(PAGE).get_data(as_text=True)
    assert browser.post(f"{PAGE}/disable", {"disable-current_password": PASSWORD}).status_code == 422


def test_logging_out_is_possible_before_the_enrolment(office: Office) -> None:
    required_for(office, Role.ANALYST)
    browser = office.browser(Role.ANALYST)
    assert browser.post("/logout").headers["Location"] == "/login"
    assert browser.get(PAGE).headers["Location"].startswith("/login")


def test_an_administrator_chooses_the_roles_that_need_a_second_factor(office: Office) -> None:
    admin = office.browser(Role.ADMIN)
    form = admin.get("/admin/settings").get_data(as_text=True)
    for label in ("Administrators", "Managers", "Analysts", "Viewers"):
        assert f'<span class="form-check-label">{label}</span>' in form
    chosen = {**SETTINGS, "second_factor_roles": ["manager", "viewer"]}
    assert admin.post("/admin/settings", chosen).status_code == 303
    with ports_of(office.application).new_reading() as uow:
        assert uow.policies.get().second_factor_roles == (Role.MANAGER, Role.VIEWER)
    assert office.browser(Role.VIEWER).get("/history").headers["Location"] == PAGE
    assert admin.get("/history").status_code == 200
    assert admin.post("/admin/settings", chosen | {"second_factor_roles": ["emperor"]}).status_code == 422


# ── Lost phones ──


def test_an_administrator_resets_the_second_factor_of_a_lost_phone(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    enrolled(office, browser)
    admin = office.browser(Role.ADMIN)
    url = f"/admin/users/{analyst(office).id}/second-factor"
    assert url in admin.get("/admin/users").get_data(as_text=True)
    assert "Reset the second factor of Analyst?" in admin.get(url).get_data(as_text=True)

    assert admin.post(url).status_code == 303

    assert browser.get("/history").status_code == 303
    assert "reset a second factor" in office.audit()
    assert office.browser().log_in(analyst(office).email).headers["Location"] == "/dashboard"
    assert url not in admin.get("/admin/users").get_data(as_text=True)


def test_a_password_reset_link_does_not_bypass_the_second_factor(office: Office) -> None:
    enrolled(office, office.browser(Role.VIEWER))
    _, token = office.application.administration.create_reset_link(
        office.people[Role.VIEWER].id, by=Actor(office.people[Role.ADMIN])
    )
    new = "nine purple lanterns drift"
    office.browser().post(f"/reset/{token}", {"new_password": new, "confirm": new})
    answer = office.browser().log_in(office.people[Role.VIEWER].email, new)
    assert answer.headers["Location"].startswith("/login/code")


def test_the_export_of_own_data_names_the_second_factor_without_its_key(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    assert browser.get("/profile/my-data.json").get_json()["second_factor"] is None
    phone, codes = enrolled(office, browser)
    answer = browser.get("/profile/my-data.json")
    assert answer.get_json()["second_factor"]["recovery_codes_left"] == 10
    assert phone.app.secret not in answer.get_data(as_text=True)
    assert codes[0] not in answer.get_data(as_text=True)


def test_deleting_the_account_deletes_the_second_factor(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    enrolled(office, browser)
    browser.post("/profile/delete", {"delete-current_password": PASSWORD, "delete-sure": "y"})
    with ports_of(office.application).new_reading() as uow:
        assert uow.second_factors.get(analyst(office).id) is None
        assert uow.second_factors.codes_left(analyst(office).id) == 0
