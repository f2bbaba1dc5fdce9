"""Hosts that are answered, sizes that are taken, and the headers of every answer."""

from __future__ import annotations

import gc
import io
import re
import warnings
from collections.abc import Callable
from dataclasses import replace

from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from tests.integration.web.conftest import Office


def test_only_configured_hosts_are_answered(new_office: Callable[..., Office]) -> None:
    office = new_office(allowed_hosts=("churn.example.com",))
    browser = office.browser()

    assert browser.client.get("/login", base_url="http://churn.example.com").status_code == 200
    for host in ("evil.example", "churn.example.com.evil.example", "churn.example.com@evil.example"):
        assert browser.client.get("/login", headers={"Host": host}).status_code == 400, host


def test_a_body_beyond_the_limits_is_refused(office: Office) -> None:
    admin = office.browser(Role.ADMIN)
    with ports_of(office.application).new_reading() as uow:
        policy = replace(uow.policies.get(), upload_limit=1_000_000)
    office.application.administration.change_settings(policy, by=Actor(office.people[Role.ADMIN]))

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


def test_every_response_has_the_security_headers_including_errors(office: Office) -> None:
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
    for needed in (
        "object-src 'none'",
        "script-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ):
        assert needed in policy


def test_responses_over_tls_set_hsts(new_office: Callable[..., Office]) -> None:
    answer = new_office(https=True).browser().get("/")

    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_an_internal_error_page_shows_no_internals(office: Office) -> None:
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
