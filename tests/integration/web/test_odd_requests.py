"""Odd text, methods, headers and cookies: no error of ours, and no way around."""

from __future__ import annotations

import pytest

from application.ports.runs import RunQuery
from bench.ports import ports_of
from domain.account import Role
from tests.builders import a_finished_run, a_training, an_upload
from tests.integration.web.conftest import PASSWORD, Browser, Office
from tests.integration.web.moves import with_prediction_of

ODD = (
    *("\0", "a\0b", "\ud800", "\u202e", "A" * 100_000, "%00", "\r\nX-Evil: 1", "{{7*7}}", "${7*7}"),
    *("'", "\\", "🙂" * 500),
)
PAGES = (
    "/history",
    "/admin/users",
    "/admin/predictions",
    "/admin/uploads",
    "/admin/audit",
    "/admin/audit.csv",
    "/login",
)
QUESTIONS = ("q", "page", "owner", "age", "action", "since", "until", "next", "sort", "dir", "size", "state", "model")


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_odd_text_in_any_field_or_address_causes_no_server_error(office: Office, odd: str) -> None:
    with ports_of(office.application).new_uow() as uow:
        uow.runs.add(a_finished_run(id="run-1", owner=str(office.people[Role.ADMIN].id)))
        uow.commit()
    admin, nobody = office.browser(Role.ADMIN), office.browser()
    someone = office.people[Role.VIEWER].id
    said = odd.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if "\ud800" in odd else odd
    short = said[:2000]
    for browser, url, fields in (
        (nobody, "/login", ("email", "password", "next")),
        (nobody, "/register", ("name", "email", "password", "confirm")),
        (nobody, "/register/strength", ("password", "name", "email")),
        (admin, "/profile", ("account-name", "account-email", "account-current_password")),
        (admin, "/profile/password", ("current_password", "new_password", "confirm")),
        (admin, "/admin/users/invite", ("email", "role", "back")),
        (admin, f"/admin/users/{someone}/role", ("role", "back")),
        (admin, "/admin/settings", ("currency", "time_zone", "medium", "allowed_domains", "retention_days")),
        (admin, "/admin/economics", ("customer_value", "margin")),
        (admin, "/admin/customers/export", ("customer_id",)),
        (admin, "/admin/customers/erase/confirmed", ("customer_id",)),
        (admin, "/admin/predictions/delete", ("run", "back")),
        (admin, "/admin/predictions/delete-many", ("owner", "age", "newest")),
        (admin, "/history/run-1/rename", ("name",)),
        (admin, "/history/delete", ("run",)),
    ):
        answer = browser.post(url, dict.fromkeys(fields, said))
        assert answer.status_code < 500, f"{url}: {answer.status_code}"
        assert "X-Evil" not in answer.headers
        assert answer.data != b"49"
    for url in PAGES:
        answer = admin.get(url, query_string=dict.fromkeys(QUESTIONS, short))
        assert answer.status_code < 500, f"{url}: {answer.status_code}"
        answer.close()


@pytest.mark.parametrize("url", ["/history?q=a%00b", "/history?%00=b", "/predictions/%00", "/login?next=/%00"])
def test_a_nul_character_is_refused_before_it_reaches_any_database(office: Office, url: str) -> None:
    assert office.browser(Role.ADMIN).get(url).status_code in (400, 404)
    assert office.browser().post("/login", {"email": "a\0@b.cd", "password": PASSWORD}).status_code == 400


def test_repeated_or_json_fields_cause_no_error_and_bypass_no_check(office: Office) -> None:
    admin, viewer = office.browser(Role.ADMIN), office.people[Role.VIEWER]

    twice = admin.post(f"/admin/users/{viewer.id}/role", {"role": ["viewer", "admin"]})
    unknown = admin.post(f"/admin/users/{viewer.id}/role", {"role": "owner"})
    as_json = admin.client.post(
        f"/admin/users/{viewer.id}/role", json={"role": "admin"}, headers={"X-CSRFToken": admin.token()}
    )
    mine = office.browser(Role.VIEWER).post(
        "/profile",
        {"account-name": "Shop", "account-email": viewer.email, "role": "admin", "account-role": "admin", "id": "x"},
    )

    assert twice.status_code < 500
    assert unknown.status_code == 422
    assert as_json.status_code == 415, "a number or a list is no form's field"
    assert mine.status_code == 303
    with ports_of(office.application).new_reading() as uow:
        assert uow.accounts.get(viewer.id).role is Role.VIEWER


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_other_http_methods_show_and_change_nothing(office: Office, method: str) -> None:
    viewer = office.people[Role.VIEWER]
    admin = office.browser(Role.ADMIN)
    for url in ("/admin/users", f"/admin/users/{viewer.id}/disable", "/history", "/profile/delete", "/logout"):
        stranger = office.browser().client.open(url, method=method)
        assert stranger.status_code in (303, 400, 405, 200), url
        assert not stranger.data or stranger.status_code != 200, f"{method} {url} says something to a stranger"
        known = admin.client.open(url, method=method)
        assert known.status_code in (200, 303, 400, 405), url
    assert admin.get("/profile").status_code == 200
    with ports_of(office.application).new_reading() as uow:
        assert not uow.accounts.get(viewer.id).disabled


def test_a_get_request_changes_nothing(office: Office) -> None:
    """GET, HEAD and OPTIONS carry no CSRF token: whatever they are sent to, the installation stays as it is."""
    admin, viewer = office.browser(Role.ADMIN), office.people[Role.VIEWER]
    with_prediction_of(office, Role.VIEWER)
    with ports_of(office.application).new_uow() as uow:
        uow.trainings.add(a_training(id="training-1", owner=str(viewer.id)))
        uow.uploads.add(an_upload(id="run-1", owner=str(viewer.id)))
        uow.commit()
    named = {"account_id": viewer.id, "run_id": "run-1", "upload_id": "run-1", "training_id": "training-1"}
    named |= {"version": "v1", "row": "1", "number": "1"}
    admin.get("/profile")  # notes when the administrator was last seen, which is done once in a while
    before = _everything(office)
    with office.app.test_request_context():
        adapter = office.app.create_url_adapter(None) or office.app.url_map.bind("localhost")
        addresses = {
            adapter.build(rule.endpoint, {name: named.get(name, "x") for name in rule.arguments})
            for rule in office.app.url_map.iter_rules()
        }

    for url in sorted(addresses):
        for method in ("HEAD", "GET", "OPTIONS"):
            answer = admin.client.open(f"{url}?run=run-1&owner={viewer.id}", method=method)
            answer.close()

    assert len(addresses) > 60
    assert _everything(office) == before


def test_a_confirmation_page_is_a_plain_form(office: Office) -> None:
    """There is no list on it that htmx could refresh: a form that aimed at one would never be sent."""
    admin, viewer = office.browser(Role.ADMIN), office.people[Role.VIEWER]
    with_prediction_of(office, Role.ADMIN)
    for url in (
        *("/admin/users/invite", f"/admin/users/{viewer.id}/role", f"/admin/users/{viewer.id}/disable"),
        *("/admin/predictions/delete?run=run-1", "/history/run-1/rename", "/history/delete?run=run-1"),
    ):
        page, dialog = admin.get(url).get_data(as_text=True), admin.htmx(url).get_data(as_text=True)
        assert "hx-post" not in page.partition("<main")[2], url
        assert "hx-post" in dialog, url


def test_a_method_cannot_be_overridden_by_a_header_or_a_field(office: Office) -> None:
    viewer = office.people[Role.VIEWER]
    admin = office.browser(Role.ADMIN)

    admin.client.get(
        f"/admin/users/{viewer.id}/disable?_method=POST",
        headers={"X-HTTP-Method-Override": "POST", "X-CSRFToken": admin.token()},
    )

    with ports_of(office.application).new_reading() as uow:
        assert not uow.accounts.get(viewer.id).disabled


@pytest.mark.parametrize(
    "current",
    ["https://evil.example/x", "//evil.example", "javascript:alert(1)", "http://[", "\0", "/a\\b", "a" * 5000],
)
def test_forged_htmx_headers_never_redirect_to_another_site(office: Office, current: str) -> None:
    if "\0" in current:
        current = "%00"
    headers = {"HX-Request": "true", "HX-Current-URL": current, "HX-Boosted": "x", "HX-Target": "<script>"}

    answer = office.browser().client.get("/dashboard", headers=headers)

    assert answer.status_code in (204, 303)
    target = answer.headers.get("HX-Redirect") or answer.headers["Location"]
    assert target.startswith("/login")
    assert "evil.example" not in target.partition("next=")[0]
    landed = Browser(office.app)
    page = landed.get(target)
    assert page.status_code == 200
    assert b"evil.example" not in page.data


def test_a_query_cannot_inject_parts_of_generated_addresses(office: Office) -> None:
    with_prediction_of(office, Role.ADMIN)
    question = "run_id=other&endpoint=x&_external=1&_scheme=evil&_anchor=x&band=high&band=low"

    answer = office.browser(Role.ADMIN).post(f"/predictions/run-1/export.pdf?{question}")

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/predictions/run-1/export.pdf?{question}"


@pytest.mark.parametrize("cookie", ["x", "." * 3000, "eyJfdXNlcl9pZCI6ImEifQ.x.y", "é", "a=b; netone=c"])
def test_a_forged_cookie_gives_no_session(office: Office, cookie: str) -> None:
    browser = office.browser()
    browser.client.set_cookie("netone", cookie)

    assert browser.get("/dashboard").status_code == 303


def test_forged_forwarding_headers_are_ignored(office: Office) -> None:
    viewer = office.people[Role.VIEWER]
    answers = []
    for number in range(7):
        browser = office.browser()
        headers = {"X-Forwarded-For": f"10.9.9.{number}", "X-Real-IP": f"10.9.9.{number}", "Forwarded": "for=10.9.9.1"}
        answers.append(
            browser.post(
                "/login", {"email": f"nobody{number}@telco.example.com", "password": "not it"}, headers=headers
            ).status_code
        )
    with ports_of(office.application).new_reading() as uow:
        counted = uow.throttle.failures("log-in address:127.0.0.1", since=office.application.now().replace(year=2000))

    assert len(counted) == 7
    assert viewer.email


def _everything(office: Office) -> tuple[object, ...]:
    """All that a click could change."""
    with ports_of(office.application).new_reading() as uow:
        return (
            uow.accounts.all(),
            uow.links.open(),
            uow.runs.find(RunQuery()).runs,
            uow.trainings.latest(),
            uow.uploads.all(),
            uow.models.all(),
            uow.models.promotions(),
            uow.policies.get(),
            [uow.sessions.of(account.id) for account in uow.accounts.all()],
        )


def test_an_unknown_address_keeps_the_menu_and_says_each_sentence_once(office: Office) -> None:
    page = office.browser(Role.ANALYST).get("/no-such-page").get_data(as_text=True)
    assert 'aria-label="Main"' in page
    assert page.count("There is no such page, or it is not shared with you.") == 1
    assert "Check the address, or look in the history." in page


def test_a_stranger_with_a_used_link_is_not_sent_to_the_history(office: Office) -> None:
    page = office.browser().get("/no-such-page").get_data(as_text=True)
    assert "A link that you were sent works once; ask for a new one." in page
    assert "look in the history" not in page
