"""Requests that come from elsewhere: forged forms, and targets that lead elsewhere."""

from __future__ import annotations

import pytest

from bench.ports import ports_of
from domain.account import Role
from entrypoints.web.access import safe_next
from tests.integration.web.conftest import PASSWORD, Office


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("token", [None, "wrong", "another session's"])
def test_a_change_without_this_sessions_csrf_token_is_refused(office: Office, token: str | None, htmx: bool) -> None:
    admin, other = office.browser(Role.ADMIN), office.browser(Role.MANAGER)
    given = other.token() if token == "another session's" else token
    headers = {**({"X-CSRFToken": given} if given else {}), **({"HX-Request": "true"} if htmx else {})}

    for url in ("/logout", "/profile/sessions/end-others", f"/admin/users/{office.people[Role.VIEWER].id}/disable"):
        assert admin.client.post(url, headers=headers).status_code == 400, url

    assert admin.get("/admin/users").status_code == 200, "still logged in"
    with ports_of(office.application).new_reading() as uow:
        assert not uow.accounts.get(office.people[Role.VIEWER].id).disabled


def test_a_forged_form_cannot_log_anyone_in(office: Office) -> None:
    browser = office.browser()

    browser.client.post("/login", data={"email": office.people[Role.ADMIN].email, "password": PASSWORD})

    assert browser.get("/dashboard").status_code == 303


@pytest.mark.parametrize(
    "target",
    [
        *("//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "https:evil.example"),
        *("%09//evil.example", "\t//evil.example", "/\\/evil.example", "/\r/evil.example"),
        *("javascript:alert(1)", "///evil.example", "/\t/evil.example", "/\n/evil.example", "http:///evil.example"),
        *(" //evil.example", "data:text/html,x", "/%09/evil.example\r\nSet-Cookie: a=b", "evil.example"),
    ],
)
def test_log_in_never_redirects_to_another_site(office: Office, target: str) -> None:
    answer = office.browser().log_in(office.people[Role.ANALYST].email, next=target)

    assert answer.headers["Location"] == "/dashboard"
    with office.app.test_request_context():
        assert safe_next(target) == "/dashboard"


def test_log_in_redirects_to_the_requested_page(office: Office) -> None:
    asked = office.browser().get("/history?q=october&page=2")

    assert asked.headers["Location"] == "/login?next=/history?q%3Doctober%26page%3D2"
    landed = office.browser().log_in(office.people[Role.ANALYST].email, next="/history?q=october&page=2")
    assert landed.headers["Location"] == "/history?q=october&page=2"


@pytest.mark.parametrize(
    ("target", "name"),
    [("/dashboard", "the dashboard"), ("/history?q=a", "the history"), ("/labels-of-old", "the page you asked for")],
)
def test_the_log_in_page_names_the_page_that_it_leads_to(office: Office, target: str, name: str) -> None:
    page = office.browser().get("/login", query_string={"next": target}).get_data(as_text=True)
    assert f'To continue to <span class="strong break">{name}</span>' in page
