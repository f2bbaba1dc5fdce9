"""What every answer says of itself: its type, its charset, and that it is for this site alone."""

from __future__ import annotations

import pytest

from domain.account import Role
from tests.integration.web.conftest import Office

TYPES = {
    "/": "text/html; charset=utf-8",
    "/login": "text/html; charset=utf-8",
    "/profile": "text/html; charset=utf-8",
    "/no-such-page": "text/html; charset=utf-8",
    "/profile/my-data.json": "application/json; charset=utf-8",
    "/admin/audit.csv": "text/csv; charset=utf-8",
    "/static/js/app.js": "text/javascript; charset=utf-8",
    "/static/css/tokens.css": "text/css; charset=utf-8",
    "/static/icons.svg": "image/svg+xml; charset=utf-8",
    "/healthz": ("application/json", "text/plain; charset=utf-8"),
}


@pytest.mark.parametrize("url", TYPES)
def test_each_response_names_its_type_and_texts_their_charset(office: Office, url: str) -> None:
    answer = office.browser(Role.ADMIN).get(url)
    expected = TYPES[url]
    assert answer.headers["Content-Type"] in ((expected,) if isinstance(expected, str) else expected)
    answer.close()


@pytest.mark.parametrize("url", ["/", "/profile", "/profile/my-data.json", "/static/js/app.js", "/no-such-page"])
@pytest.mark.parametrize("origin", ["https://evil.example.com", "null"])
def test_no_other_origin_is_allowed(office: Office, url: str, origin: str) -> None:
    answer = office.browser(Role.ADMIN).get(url, headers={"Origin": origin})
    assert [name for name in answer.headers.keys() if name.lower().startswith("access-control-")] == []  # noqa: SIM118
    answer.close()


@pytest.mark.parametrize(
    "url",
    ["/static/", "/static/js/", "/static/../app.py", "/static/%2e%2e/app.py", "/.git/config", "/static/.git/config"],
)
def test_no_folder_is_listed_and_only_assets_are_served(office: Office, url: str) -> None:
    assert office.browser(Role.ADMIN).get(url).status_code in (404, 308)
