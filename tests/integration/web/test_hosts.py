"""Host names, addresses of clients, and links that are handed over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from domain.account import Role
from entrypoints.commands.serving import with_local_hosts
from entrypoints.settings import Settings
from entrypoints.web.hosts import LOCAL_HOSTS, known_address
from tests.integration.web.conftest import Office


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1", "[::1]"])
def test_a_server_bound_to_localhost_answers_only_local_names(host: str, tmp_path: Path) -> None:
    assert with_local_hosts(Settings(data_dir=tmp_path), host).allowed_hosts == ("localhost", "127.0.0.1", "[::1]")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "churn.company.com"])  # noqa: S104 (not bound)
def test_a_server_bound_elsewhere_answers_any_name_unless_configured(host: str, tmp_path: Path) -> None:
    assert with_local_hosts(Settings(data_dir=tmp_path), host).allowed_hosts == ()


def test_configured_names_are_kept(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, allowed_hosts=("churn.company.com",))

    assert with_local_hosts(settings, "127.0.0.1").allowed_hosts == ("churn.company.com",)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        *(("localhost", 200), ("localhost:8000", 200), ("127.0.0.1:1", 200), ("[::1]:8000", 200), ("LOCALHOST.", 200)),
        *(("evil.example", 400), ("localhost.evil.example", 400), ("127.0.0.1.evil.example", 400)),
        *(("localhost@evil.example", 400), ("evil.example#localhost", 400), ("[::2]", 400), ("", 400)),
    ],
)
def test_only_names_of_this_machine(new_office: Callable[..., Office], host: str, status: int) -> None:
    browser = new_office(allowed_hosts=LOCAL_HOSTS).browser()

    assert browser.client.get("/login", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    "host", ["a" * 64 + ".example", "a" * 254, "a." * 200 + "b", "a..b", "é.example", "a b", "a:99999999", "x" * 5_000]
)
@pytest.mark.parametrize("allowed", [(), LOCAL_HOSTS])
def test_a_malformed_host_is_a_bad_request(
    new_office: Callable[..., Office], host: str, allowed: tuple[str, ...]
) -> None:
    answer = new_office(allowed_hosts=allowed).browser().client.get("/login", headers={"Host": host})

    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"
    assert "NETONE_ALLOWED_HOSTS" in answer.get_data(as_text=True)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_name_with_a_dot_before_it_includes_subdomains(new_office: Callable[..., Office]) -> None:
    browser = new_office(allowed_hosts=(".company.com",)).browser()

    for host, status in (("churn.company.com", 200), ("evilcompany.com", 400)):
        assert browser.client.get("/login", headers={"Host": host}).status_code == status


def test_one_time_links_never_contain_a_host_that_was_not_configured(new_office: Callable[..., Office]) -> None:
    admin = new_office(proxies=1).browser(Role.ADMIN)
    fields = {"email": "new@telco.example.com", "role": "viewer"}

    answer = admin.post("/admin/users/invite", fields, headers={"X-Forwarded-Host": "evil.example"})

    page = answer.get_data(as_text=True)
    assert "evil.example" not in page
    assert '<code class="break" id="one-time-link" data-complete-address>/invitation/' in page


def test_one_time_links_are_absolute_under_a_configured_name(new_office: Callable[..., Office]) -> None:
    admin = new_office(allowed_hosts=("localhost",)).browser(Role.ADMIN)

    page = admin.post("/admin/users/invite", {"email": "new@telco.example.com", "role": "viewer"})

    assert '<code class="break" id="one-time-link">http://localhost/invitation/' in page.get_data(as_text=True)


@pytest.mark.parametrize(
    ("given", "known"),
    [
        *(("10.0.0.7", "10.0.0.7"), ("10.0.0.7:5123", "10.0.0.7"), (" 10.0.0.7 ", "10.0.0.7")),
        *(("2001:DB8:0::1", "2001:db8::1"), ("[2001:db8::1]:443", "2001:db8::1"), ("fe80::1%eth0", "fe80::1")),
        *(("", "unknown"), (None, "unknown"), ("=cmd|' /C calc'!A0", "unknown"), ("<script>", "unknown")),
        *(("10.0.0.7, 10.0.0.8", "unknown"), ("x" * 5_000, "unknown")),
    ],
)
def test_an_address_is_an_ip_address_or_unknown(given: str | None, known: str) -> None:
    assert known_address(given) == known


def test_an_odd_forwarded_address_is_not_stored(new_office: Callable[..., Office]) -> None:
    office = new_office(proxies=1)
    person = office.people[Role.ANALYST]

    browser = office.browser()
    answer = browser.post(
        "/login",
        {"email": person.email, "password": "correct horse battery staple 9"},
        headers={"X-Forwarded-For": "<b>odd</b> =1+1"},
    )

    assert answer.status_code == 303
    stored = b"".join(file.read_bytes() for file in office.folder.glob("netone.db*"))
    assert b"<b>odd</b>" not in stored
    assert "unknown" in browser.get("/profile").get_data(as_text=True)
