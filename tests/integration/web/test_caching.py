"""What browsers keep, and how much later pages weigh: front-end files for a year, pages compressed."""

from __future__ import annotations

import gzip

import pytest

from domain.account import Role
from entrypoints.web.compression import page_gzipped
from tests.integration.web.conftest import Office

GZIP = {"Accept-Encoding": "gzip"}
FILES = (
    "/static/css/base.css",
    "/static/js/app.js",
    "/static/icons.svg",
    "/vendor/inter-5.3.0/inter-latin-wght-normal.woff2",
)


@pytest.mark.parametrize("url", FILES)
def test_front_end_files_neither_set_cookies_nor_vary_by_them(office: Office, url: str) -> None:
    browser = office.browser(Role.ADMIN)
    browser.get("/profile")
    answer = browser.get(url)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    answer.close()


def test_a_missing_file_answers_with_a_page_that_varies_by_who_asks(office: Office) -> None:
    answer = office.browser(Role.ADMIN).get("/static/none.css")
    assert answer.status_code == 404
    assert "Cookie" in answer.headers["Vary"]


def test_pages_do_not_send_the_session_again(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    browser.get("/profile")
    again = browser.get("/profile")
    assert "Set-Cookie" not in again.headers
    assert "Cookie" in again.headers["Vary"]


@pytest.mark.parametrize("htmx", [False, True])
def test_pages_and_their_parts_are_compressed(office: Office, htmx: bool) -> None:
    browser = office.browser(Role.ADMIN)
    plain = browser.client.get("/admin/users", headers={"HX-Request": "true"} if htmx else {}).data
    answer = browser.client.get("/admin/users", headers=GZIP | ({"HX-Request": "true"} if htmx else {}))
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(plain) / 2
    assert len(gzip.decompress(answer.data)) == len(plain)


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "identity"])
def test_who_does_not_take_gzip_gets_the_page_as_it_is(office: Office, accepted: str) -> None:
    answer = office.browser(Role.ADMIN).client.get("/admin/users", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert b"<!DOCTYPE html>" in answer.data


def test_short_answers_and_downloads_are_left_as_they_are(office: Office) -> None:
    admin = office.browser(Role.ADMIN)
    short = admin.client.get("/healthz", headers=GZIP)
    table = admin.client.get("/admin/audit.csv", headers=GZIP)
    assert "Content-Encoding" not in short.headers
    assert "Content-Encoding" not in table.headers
    assert b"," in table.data


def test_the_length_of_a_compressed_page_does_not_tell_what_it_holds() -> None:
    """The same page has lengths that differ by up to a hundred bytes."""
    page = b"<p>the same page</p>" * 200
    lengths = {len(page_gzipped(page)) for _ in range(200)}
    assert len(lengths) > 60
    assert max(lengths) - min(lengths) <= 100
    assert gzip.decompress(page_gzipped(page)) == page


@pytest.mark.parametrize(
    "url", ["/dashboard", "/history", "/insights", "/models", "/profile", "/admin/users", "/campaigns"]
)
def test_a_later_page_weighs_at_most_60_kb(office: Office, url: str) -> None:
    """Everything else is cached by then."""
    answer = office.browser(Role.ADMIN).client.get(url, headers=GZIP)
    assert answer.status_code == 200
    assert len(answer.data) <= 60_000
