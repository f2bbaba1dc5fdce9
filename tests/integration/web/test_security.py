"""What an attacker tries: forged requests, guessed passwords, strange addresses, names and hosts."""

from __future__ import annotations

import gc
import io
import logging
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from adapters.persistence.unit_of_work import SqlUnitOfWork
from application.ports.persistence import AuditQuery
from domain.account import LinkPurpose, Role
from domain.model import ModelStage
from entrypoints.bootstrap import create_application
from entrypoints.settings import Settings
from entrypoints.web.access import safe_next
from tests.builders import a_finished_run, a_model_version, a_run, a_training
from tests.fakes.security import FixedClock
from tests.integration.web.conftest import PASSWORD, Browser, JobsLeftAlone, Office

NEW_PASSWORD = "nine purple lanterns drift"
FILE = b"customerID,tenure,MonthlyCharges,PaperlessBilling,Contract\n7590-VHVEG,1,29.85,Yes,Month-to-month\n"


class CountingHasher:
    """Hashes as told, and counts how often it is asked to compare."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.asked = inner, 0

    def hash(self, password: str) -> str:
        return str(self.inner.hash(password))

    def verify(self, password: str, hashed: str | None) -> bool:
        self.asked += 1
        return bool(self.inner.verify(password, hashed))

    def is_outdated(self, hashed: str) -> bool:
        return bool(self.inner.is_outdated(hashed))


# ── Forged requests ──


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("token", [None, "wrong", "another session's"])
def test_a_change_without_this_sessions_csrf_token_is_refused(office: Office, token: str | None, htmx: bool) -> None:
    admin, other = office.browser(Role.ADMIN), office.browser(Role.MANAGER)
    given = other.token() if token == "another session's" else token
    headers = {**({"X-CSRFToken": given} if given else {}), **({"HX-Request": "true"} if htmx else {})}

    for url in ("/logout", "/profile/sessions/end-others", f"/admin/users/{office.people[Role.VIEWER].id}/disable"):
        assert admin.client.post(url, headers=headers).status_code == 400, url

    assert admin.get("/admin/users").status_code == 200, "still logged in"
    with office.desk.new_reading() as uow:
        assert not uow.accounts.get(office.people[Role.VIEWER].id).disabled


def test_nobody_can_be_logged_in_by_a_forged_form(office: Office) -> None:
    browser = office.browser()

    browser.client.post("/login", data={"email": office.people[Role.ADMIN].email, "password": PASSWORD})

    assert browser.get("/dashboard").status_code == 303


# ── Sessions ──


def test_logging_in_begins_a_new_session_and_the_cookie_from_before_is_nobodys(office: Office) -> None:
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
    clock = _movable(office)
    browser = office.browser(Role.ANALYST)

    clock.move(**wait)

    assert (browser.get("/profile").status_code == 200) is kept


def test_a_session_in_steady_use_ends_after_seven_days(office: Office) -> None:
    clock = _movable(office)
    browser = office.browser(Role.ANALYST)

    lasted = 0
    while browser.get("/profile").status_code == 200 and lasted < 40:
        clock.move(hours=6)
        lasted += 1

    assert lasted == 29, "7 days are 28 times six hours"


def test_cookies_are_kept_from_scripts_and_other_sites(new_office: Callable[..., Office]) -> None:
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


# ── One-time links ──


def test_a_reset_link_works_once(office: Office) -> None:
    token = _reset_link(office)

    first = _reset(office, token, NEW_PASSWORD)
    again = _reset(office, token, "four green kettles whistle")

    assert (first, again) == (303, 404)
    assert office.browser().log_in(office.people[Role.VIEWER].email, NEW_PASSWORD).status_code == 303


def test_a_reset_link_works_for_a_day(office: Office) -> None:
    clock = _movable(office)
    token = _reset_link(office)
    clock.move(hours=23, minutes=59)
    assert office.browser().get(f"/reset/{token}").status_code == 200

    clock.move(minutes=2)

    assert office.browser().get(f"/reset/{token}").status_code == 404
    assert _reset(office, token, NEW_PASSWORD) == 404


def test_a_newer_reset_link_replaces_the_older(office: Office) -> None:
    older, newer = _reset_link(office), _reset_link(office)

    assert _reset(office, older, NEW_PASSWORD) == 404
    assert _reset(office, newer, NEW_PASSWORD) == 303


def test_resetting_ends_every_session_of_the_person(office: Office) -> None:
    viewer = office.browser(Role.VIEWER)

    _reset(office, _reset_link(office), NEW_PASSWORD)

    assert viewer.get("/profile").status_code == 303


def test_of_sessions_and_links_only_hashes_are_stored(office: Office) -> None:
    office.browser(Role.ANALYST)
    token = _reset_link(office)

    stored = b"".join(file.read_bytes() for file in office.folder.glob("netone.db*"))

    assert token.encode() not in stored
    assert office.desk.check_link(token, LinkPurpose.RESET).token_hash.encode() in stored


# ── Finding out who has an account ──


def test_log_in_says_the_same_for_unknown_emails_and_wrong_passwords(office: Office) -> None:
    known = office.browser().log_in(office.people[Role.VIEWER].email, "not the password")
    unknown = office.browser().log_in("nobody@telco.example.com", "not the password")

    assert known.status_code == unknown.status_code == 422
    assert _words(known, office.people[Role.VIEWER].email) == _words(unknown, "nobody@telco.example.com")


def test_a_hash_is_compared_for_unknown_emails_too(office: Office) -> None:
    hasher = CountingHasher(office.desk.log_in.hasher)
    office.replace_everywhere("hasher", hasher)

    office.browser().log_in(office.people[Role.VIEWER].email, "not the password")
    office.browser().log_in("nobody@telco.example.com", "not the password")

    assert hasher.asked == 2


def test_a_disabled_account_is_told_what_an_unknown_one_is(office: Office) -> None:
    viewer = office.people[Role.VIEWER]
    office.desk.disable_account(viewer.id, by=office.people[Role.ADMIN])

    disabled = office.browser().log_in(viewer.email)
    unknown = office.browser().log_in("nobody@telco.example.com")

    assert _words(disabled, viewer.email) == _words(unknown, "nobody@telco.example.com")


def test_registration_says_the_same_for_new_and_taken_emails(office: Office) -> None:
    answers = []
    for email in (office.people[Role.VIEWER].email, "new@telco.example.com"):
        browser = office.browser()
        fields = {"name": "Somebody", "email": email, "password": PASSWORD, "confirm": PASSWORD}
        answer = browser.post("/register", fields)
        answers.append((answer.status_code, answer.headers["Location"], _words(browser.get("/login"), email)))

    assert answers[0] == answers[1]
    assert office.browser().log_in(office.people[Role.VIEWER].email).status_code == 303, "its password is as it was"


# ── Guessing passwords ──


def test_a_hundred_wrong_passwords_slow_down_but_the_right_one_works_after_waiting(office: Office) -> None:
    clock = _movable(office)
    person = office.people[Role.VIEWER]
    browser = office.browser()
    refused = slowed = 0
    for _ in range(100):
        answer = browser.log_in(person.email, "not the password")
        refused += answer.status_code == 422
        slowed += answer.status_code == 429
    waiting = browser.log_in(person.email)

    assert refused == 5, "then every attempt has to wait"
    assert slowed == 95
    assert waiting.status_code == 429
    assert 0 < int(_seconds(waiting)) <= 300
    clock.move(minutes=5)
    assert browser.log_in(person.email).status_code == 303


def test_the_slowing_down_is_as_slow_for_emails_without_an_account(office: Office) -> None:
    _movable(office)
    browser = office.browser()

    answers = [browser.log_in("nobody@telco.example.com", "not the password").status_code for _ in range(7)]

    assert answers == [422] * 5 + [429] * 2


def test_the_slowing_down_survives_a_restart(office: Office) -> None:
    for _ in range(12):
        answer = office.browser().log_in(office.people[Role.VIEWER].email, "not the password")
        if answer.status_code == 422:
            continue
        break

    again = create_application(Settings(data_dir=office.folder, bcrypt_cost=4, test=True), jobs=JobsLeftAlone())

    try:
        assert Browser(again).log_in(office.people[Role.VIEWER].email).status_code == 429
    finally:
        with again.app_context():
            again.extensions["sqlalchemy"].engine.dispose()


# ── Haste elsewhere ──


def test_registering_again_and_again_slows_down_alike_for_known_and_new_emails(office: Office) -> None:
    clock = _movable(office)
    answers = []
    for email in (office.people[Role.VIEWER].email, "new@telco.example.com"):
        browser = office.browser()
        fields = {"name": "Somebody", "email": email, "password": PASSWORD, "confirm": PASSWORD}
        answers.append([browser.post("/register", fields).status_code for _ in range(7)])
        clock.move(minutes=5)
        answers[-1].append(browser.post("/register", fields).status_code)

    assert answers[0] == answers[1] == [303] * 5 + [429] * 2 + [303]


def test_one_address_cannot_register_accounts_without_end(office: Office) -> None:
    _movable(office)
    browser = office.browser()

    def register(number: int) -> int:
        email = f"shop{number}@telco.example.com"
        return browser.post(
            "/register", {"name": "Shop", "email": email, "password": PASSWORD, "confirm": PASSWORD}
        ).status_code

    assert [register(number) for number in range(22)] == [303] * 20 + [429] * 2
    with office.desk.new_reading() as uow:
        assert sum(account.email.startswith("shop") for account in uow.accounts.all()) == 20


@pytest.mark.parametrize(
    ("url", "field", "others"),
    [
        ("/profile/password", "current_password", {"new_password": NEW_PASSWORD, "confirm": NEW_PASSWORD}),
        ("/profile", "account-current_password", {"account-name": "Shop", "account-email": "new@telco.example.com"}),
        ("/profile/delete", "delete-current_password", {"delete-sure": "y"}),
    ],
)
def test_the_current_password_cannot_be_guessed_fast(
    office: Office, url: str, field: str, others: dict[str, str]
) -> None:
    clock = _movable(office)
    browser = office.browser(Role.ANALYST)

    guesses = [browser.post(url, {**others, field: "not it at all"}, htmx=True) for _ in range(7)]
    right_too_soon = browser.post(url, {**others, field: PASSWORD}, htmx=True)

    assert [answer.status_code for answer in guesses] == [422] * 5 + [429] * 2
    assert right_too_soon.status_code == 429
    assert int(right_too_soon.headers["Retry-After"]) > 0
    assert "Please wait" in right_too_soon.get_data(as_text=True), "in place, as the form itself"
    clock.move(minutes=5)
    assert browser.post(url, {**others, field: PASSWORD}, htmx=True).headers["HX-Redirect"]


def test_slowed_down_in_one_place_is_slowed_down_in_all_that_ask_for_the_current_password(office: Office) -> None:
    _movable(office)
    browser = office.browser(Role.ANALYST)
    change = {"current_password": "not it at all", "new_password": NEW_PASSWORD, "confirm": NEW_PASSWORD}
    for _ in range(5):
        browser.post("/profile/password", change)

    answer = browser.post("/profile/delete", {"delete-sure": "y", "delete-current_password": PASSWORD})

    assert answer.status_code == 429
    assert browser.get("/profile").status_code == 200


@pytest.mark.parametrize("kind", ["reset", "setup", "invitation"])
def test_guessing_at_links_is_slowed_down(office: Office, kind: str) -> None:
    clock = _movable(office)
    browser = office.browser()

    guesses = [browser.get(f"/{kind}/guess-{number}").status_code for number in range(22)]
    posted = browser.post(f"/{kind}/another-guess", {"new_password": NEW_PASSWORD, "confirm": NEW_PASSWORD})

    assert guesses == [404] * 20 + [429] * 2
    assert posted.status_code == 429
    assert int(posted.headers["Retry-After"]) > 0
    clock.move(minutes=5)
    assert browser.get(f"/{kind}/yet-another").status_code == 404


def test_a_good_link_works_after_others_have_guessed(office: Office) -> None:
    clock = _movable(office)
    token = _reset_link(office)
    for number in range(25):
        office.browser().get(f"/reset/guess-{number}")

    assert office.browser().get(f"/reset/{token}").status_code == 429, "slowed down from this address"
    clock.move(minutes=5)
    assert _reset(office, token, NEW_PASSWORD) == 303


# ── Where one is led ──


@pytest.mark.parametrize(
    "target",
    [
        *("//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "https:evil.example"),
        *("%09//evil.example", "\t//evil.example", "/\\/evil.example", "/\r/evil.example"),
        *("javascript:alert(1)", "///evil.example", "/\t/evil.example", "/\n/evil.example", "http:///evil.example"),
        *(" //evil.example", "data:text/html,x", "/%09/evil.example\r\nSet-Cookie: a=b", "evil.example"),
    ],
)
def test_log_in_leads_nowhere_else(office: Office, target: str) -> None:
    answer = office.browser().log_in(office.people[Role.ANALYST].email, next=target)

    assert answer.headers["Location"] == "/dashboard"
    with office.app.test_request_context():
        assert safe_next(target) == "/dashboard"


def test_log_in_leads_to_where_one_was_going(office: Office) -> None:
    asked = office.browser().get("/history?q=october&page=2")

    assert asked.headers["Location"] == "/login?next=/history?q%3Doctober%26page%3D2"
    landed = office.browser().log_in(office.people[Role.ANALYST].email, next="/history?q=october&page=2")
    assert landed.headers["Location"] == "/history?q=october&page=2"


# ── Names of files ──


@pytest.mark.parametrize(
    "name",
    [
        *("../../evil.csv", "..\\..\\evil.csv", "/etc/cron.d/evil.csv", "C:\\Windows\\evil.csv", "evil\0.csv"),
        *("....//....//evil.csv", "%2e%2e%2fevil.csv", "a" * 300 + ".csv", ".htaccess", 'a"\r\nX-Evil: 1.csv'),
        *("<img src=x onerror=alert(1)>.csv", "=cmd|' /C calc'!A0.csv", "‮vsc.exe"),
    ],
)
def test_a_files_name_is_never_a_path_and_never_breaks_a_header(office: Office, name: str) -> None:
    _with_model(office)
    before = _files(office.folder.parent)
    answer = office.browser(Role.ANALYST).post(
        "/predictions", {"file": (io.BytesIO(FILE), name)}, content_type="multipart/form-data"
    )
    assert answer.status_code < 400, answer.get_data(as_text=True)

    new = {path for path in _files(office.folder.parent) - before if "netone.db" not in path.name}
    assert [path.parent for path in new] == [office.folder / "uploads"]
    assert re.fullmatch(r"[0-9a-f-]{36}\.upload", next(iter(new)).name)

    upload_id = next(iter(new)).name.removesuffix(".upload")
    download = office.browser(Role.ADMIN).get(f"/admin/uploads/{upload_id}/download")
    disposition = download.headers["Content-Disposition"]
    assert disposition.startswith("attachment; filename")
    assert not set("\r\n\0/\\") & set(disposition)
    assert "X-Evil" not in download.headers
    assert download.mimetype == "application/octet-stream"
    assert download.headers["X-Content-Type-Options"] == "nosniff"
    assert download.data == FILE
    download.close()


@pytest.mark.parametrize(
    "wanted", ["../netone.db", "..%2fsecret.key", "%2e%2e/%2e%2e/etc/passwd", "x/../../secret.key"]
)
def test_an_uploads_id_is_never_a_path(office: Office, wanted: str) -> None:
    admin = office.browser(Role.ADMIN)

    for url in (f"/admin/uploads/{wanted}/download", f"/predictions/{wanted}/rejected.csv", f"/static/{wanted}"):
        answer = admin.get(url)
        assert answer.status_code in (404, 405, 308), url
        assert b"SQLite" not in answer.data


# ── Hosts, sizes, headers ──


def test_only_named_hosts_are_answered(new_office: Callable[..., Office]) -> None:
    office = new_office(allowed_hosts=("churn.example.com",))
    browser = office.browser()

    assert browser.client.get("/login", base_url="http://churn.example.com").status_code == 200
    for host in ("evil.example", "churn.example.com.evil.example", "churn.example.com@evil.example"):
        assert browser.client.get("/login", headers={"Host": host}).status_code == 400, host


def test_a_body_beyond_the_limits_is_refused(office: Office) -> None:
    admin = office.browser(Role.ADMIN)
    with office.desk.new_reading() as uow:
        policy = replace(uow.policies.get(), upload_limit=1_000_000)
    office.desk.change_settings(policy, by=office.people[Role.ADMIN])

    too_many_fields = admin.post("/admin/users/invite", {"email": "a" * 600_000})
    too_large_file = admin.post(
        "/predictions", {"file": (io.BytesIO(b"a" * 2_000_000), "big.csv")}, content_type="multipart/form-data"
    )

    assert too_many_fields.status_code == 413
    assert too_large_file.status_code == 413
    assert "too large" in too_large_file.get_data(as_text=True).lower()
    assert not list((office.folder / "uploads").glob("*"))
    with warnings.catch_warnings():  # Werkzeug leaves the half-read file to the collector
        warnings.simplefilter("ignore", ResourceWarning)
        del too_large_file
        gc.collect()


REQUIRED = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def test_every_answer_carries_the_security_headers_errors_included(office: Office) -> None:
    admin = office.browser(Role.ADMIN)
    office.replace_everywhere("storage", None)  # the health page then fails on our side
    asked = {
        "page": admin.get("/admin/users"),
        "fragment": admin.htmx("/admin/users"),
        "redirect": admin.get("/admin/"),
        "CSV": admin.get("/admin/audit.csv"),
        "asset": admin.get("/static/js/app.js"),
        "400": admin.client.post("/logout"),
        "403": office.browser(Role.VIEWER).get("/admin/users"),
        "404": admin.get("/no-such-page"),
        "405": admin.get("/logout"),
        "413": admin.post("/admin/users/invite", {"email": "a" * 600_000}),
        "422": admin.post("/admin/users/invite", {"email": "a"}),
        "500": admin.get("/admin/health"),
        "to log-in": office.browser().get("/dashboard"),
    }

    assert asked["500"].status_code == 500
    for kind, answer in asked.items():
        for header, start in REQUIRED.items():
            assert answer.headers.get(header, "").startswith(start), f"{header} of {kind}"
        assert "Strict-Transport-Security" not in answer.headers, "not without TLS"
        if kind != "asset":
            assert "no-store" in answer.headers["Cache-Control"], kind
        answer.close()


def test_the_content_policy_lets_no_inline_script_or_style_run(office: Office) -> None:
    policy = office.browser().get("/").headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "http" not in policy
    for needed in ("script-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"):
        assert needed in policy


def test_behind_tls_browsers_are_told_to_stay_there(new_office: Callable[..., Office]) -> None:
    answer = new_office(https=True).browser().get("/")

    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_an_error_on_our_side_tells_nothing_of_the_inside(office: Office) -> None:
    office.replace_everywhere("storage", None)

    page = office.browser(Role.ADMIN).get("/admin/health").get_data(as_text=True)

    assert "Traceback" not in page
    assert "NoneType" not in page
    assert re.search(r"[0-9A-F]{4}-[0-9A-F]{4}", page), "a reference for the log"


def test_what_a_search_looks_for_is_shown_as_text(office: Office) -> None:
    admin = office.browser(Role.ADMIN)

    for url in ("/admin/users", "/admin/predictions", "/admin/uploads", "/admin/audit", "/history", "/login"):
        page = admin.get(url, query_string={"q": '"><script>alert(1)</script>', "next": '"><script>alert(1)</script>'})
        assert b"<script>alert" not in page.data, url


# ── What is kept and what is written ──


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET actor = 'somebody else'",
        "DELETE FROM audit_log",
        "DELETE FROM audit_log WHERE id = (SELECT max(id) FROM audit_log)",
        "INSERT OR REPLACE INTO audit_log SELECT id, at, 'x', action, subject, address, text_folded FROM audit_log",
        "REPLACE INTO audit_log SELECT id, at, 'x', action, subject, address, text_folded FROM audit_log",
        "UPDATE OR REPLACE audit_log SET id = 1 WHERE id = 2",
        "DROP TABLE audit_log",
        "DROP TRIGGER audit_log_no_delete",
        "DROP TRIGGER audit_log_no_update",
        "DROP TRIGGER audit_log_no_replace",
        "ALTER TABLE audit_log RENAME TO gone",
        "ALTER TABLE audit_log DROP COLUMN actor",
        "PRAGMA writable_schema = ON",
    ],
)
def test_the_audit_log_is_neither_changed_nor_shortened_by_the_applications_connection(
    office: Office, statement: str
) -> None:
    before = office.audit()

    with SqlUnitOfWork(_engine(office)) as uow, pytest.raises(SQLAlchemyError):  # noqa: PT012
        uow.audit.connection.execute(text(statement))
        uow.commit()

    assert office.audit() == before


def test_failed_log_ins_are_on_record_without_what_was_typed(office: Office) -> None:
    viewer = office.people[Role.VIEWER]
    office.browser().log_in(viewer.email, "not the password")
    office.browser().log_in("a-password-in-the-wrong-field", "not the password")
    office.browser(Role.VIEWER).post("/profile/delete", {"delete-sure": "y", "delete-current_password": "not it"})

    with office.desk.new_reading() as uow:
        entries, _ = uow.audit.find(AuditQuery(limit=4))
    assert [(entry.actor, entry.action, entry.address) for entry in entries] == [
        (viewer.email, "gave a wrong password", "127.0.0.1"),
        (viewer.email, "logged in", "127.0.0.1"),
        ("(no account)", "failed to log in", "127.0.0.1"),
        (viewer.email, "failed to log in", "127.0.0.1"),
    ]


def test_what_is_done_on_the_web_is_on_record_with_from_where(office: Office) -> None:
    admin = office.people[Role.ADMIN]
    with office.desk.new_uow() as uow:
        uow.models.add(a_model_version(id="v1"))
        uow.runs.add(a_finished_run(id="run-1", owner=str(admin.id)))
        uow.runs.add(a_run(id="run-2", owner=str(admin.id)))
        uow.trainings.add(a_training(id="training-1", owner=str(admin.id)))
        uow.commit()
    browser = office.browser(Role.ADMIN)
    browser.post("/history/run-1/rename", {"name": "march.csv"})
    browser.post("/history/run-1/share", {"shared": "yes"})
    browser.post("/predictions/run-2/cancel")
    browser.post("/models/trainings/training-1/cancel")
    browser.post("/dashboard/sample/remove")
    browser.post("/history/delete", {"run": "run-1"})

    with office.desk.new_reading() as uow:
        entries, _ = uow.audit.find(AuditQuery(search="127.0.0.1", limit=100))
    assert {entry.action for entry in entries} >= {
        *("logged in", "renamed a prediction", "shared a prediction", "cancelled a prediction", "cancelled a training"),
        *("removed the sample data", "deleted a prediction"),
    }


def test_a_refusal_is_logged_by_the_accounts_id_alone(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    office.browser(Role.VIEWER).get("/admin/users")

    assert f"refused admin.users to account {office.people[Role.VIEWER].id}" in caplog.text
    assert office.people[Role.VIEWER].email not in caplog.text


def test_logs_hold_no_email_no_password_and_no_customer(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    _with_model(office)
    secret, email, customer = "a very secret pass phrase 77", "branch.secret@telco.example.com", "7590-VHVEG"
    browser, admin = office.browser(), office.browser(Role.ADMIN)
    fields = {"name": "Branch", "email": email, "password": secret, "confirm": secret}
    browser.post("/register", fields)
    browser.log_in(email, "wrong " + secret)
    browser.log_in(email, secret)
    browser.post("/predictions", {"file": (io.BytesIO(FILE), "c.csv")}, content_type="multipart/form-data")
    admin.get("/admin/users", query_string={"q": email})
    admin.post("/admin/customers/export", {"customer_id": customer})
    office.replace_everywhere("storage", None)
    admin.post("/admin/customers/erase/confirmed", {"customer_id": customer})
    admin.get("/admin/health")

    written = caplog.text
    assert "unexpected error" in written, "the log was listened to"
    for word in (email, secret, customer, PASSWORD, office.people[Role.ADMIN].email):
        assert word not in written, word


def test_an_error_of_the_database_does_not_tell_the_values(office: Office) -> None:
    with SqlUnitOfWork(_engine(office)) as uow, pytest.raises(DatabaseError) as caught:
        uow.audit.connection.execute(text("SELECT :email FROM no_such_table"), {"email": "branch@telco.example.com"})

    assert "branch" not in str(caught.value)


def test_secrets_and_data_are_for_their_owner_alone(office: Office) -> None:
    _with_model(office)
    analyst = office.browser(Role.ANALYST)
    analyst.post("/predictions", {"file": (io.BytesIO(FILE), "c.csv")}, content_type="multipart/form-data")

    assert office.folder.stat().st_mode & 0o077 == 0
    written = [office.folder / "secret.key", *office.folder.glob("netone.db*"), *office.folder.glob("uploads/*")]
    assert len(written) > 3
    for file in written:
        assert file.stat().st_mode & 0o077 == 0, file.name


def test_whatever_the_application_writes_is_for_its_owner_alone(office: Office, tmp_path: Path) -> None:
    (tmp_path / "made later").touch()

    assert (tmp_path / "made later").stat().st_mode & 0o077 == 0


def test_each_installation_has_a_key_of_its_own(tmp_path: Path) -> None:
    from entrypoints.settings import Settings
    from entrypoints.wiring.first_start import prepare_folder, secret_key

    keys = set()
    for name in ("a", "b"):
        settings = Settings(data_dir=tmp_path / name)
        prepare_folder(settings)
        keys |= {secret_key(settings), secret_key(settings)}

    assert len(keys) == 2
    assert all(len(key) == 64 for key in keys)


def _movable(office: Office) -> FixedClock:
    clock = FixedClock()
    office.replace_everywhere("clock", clock)
    return clock


def _with_cookie(office: Office, value: str) -> Browser:
    browser = office.browser()
    browser.client.set_cookie("netone", value)
    return browser


def _reset_link(office: Office) -> str:
    return office.desk.offer_reset(office.people[Role.VIEWER].id, by=office.people[Role.ADMIN])[1]


def _reset(office: Office, token: str, new: str) -> int:
    return office.browser().post(f"/reset/{token}", {"new_password": new, "confirm": new}).status_code


def _words(answer: Any, email: str) -> str:
    """The page without what differs from one asking to the next."""
    page = answer.get_data(as_text=True).replace(email, "EMAIL")
    page = re.sub(r'(csrf_token"[^>]*value=")[^"]+', r"\1TOKEN", page)
    return re.sub(r'(X-CSRFToken": ")[^"]+', r"\1TOKEN", page)


def _seconds(answer: Any) -> str:
    found = re.search(r"wait (\d+) second", answer.get_data(as_text=True))
    assert found
    return found[1]


def _with_model(office: Office) -> None:
    with office.desk.new_uow() as uow:
        uow.models.add(a_model_version(id="v1", stage=ModelStage.CHAMPION))
        uow.runs.add(a_finished_run(owner="system"))
        uow.commit()


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def _engine(office: Office) -> Any:
    with office.app.app_context():
        return office.app.extensions["sqlalchemy"].engine
