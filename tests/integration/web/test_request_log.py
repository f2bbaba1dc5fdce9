"""One log line per request, with an id that goes back to the client."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from domain.account import Role
from tests.integration.web.conftest import Office

A_UUID = "0190b8f2-7d3c-7c61-9d0e-3f8c2b1a4d5e"


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [record.msg for record in caplog.records if record.name == "netone.request"]  # type: ignore[misc]


def last(caplog: pytest.LogCaptureFixture) -> dict[str, Any]:
    return lines(caplog)[-1]


def test_a_page_is_logged_by_endpoint_status_time_and_account(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    browser = office.browser(Role.ANALYST)
    caplog.set_level(logging.INFO)
    page = browser.get("/history?q=7590-VHVEG")

    size = len(page.data)
    line = last(caplog)
    assert line["event"] == "request"
    assert (line["endpoint"], line["method"], line["status"]) == ("history.index", "GET", 200)
    assert line["account"] == str(office.people[Role.ANALYST].id)
    assert line["bytes"] == size
    assert line["ms"] >= line["sql_ms"] >= 0
    assert line["sql_count"] > 0
    assert line["render_ms"] > 0
    assert line["address"] is None
    assert "7590-VHVEG" not in caplog.text


def test_the_address_is_logged_only_where_the_setting_says_so(
    new_office: Callable[..., Office], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    new_office(log_addresses=True).browser().get("/login").get_data()

    assert last(caplog)["address"] == "127.0.0.1"


@pytest.mark.parametrize("given", [A_UUID, "0" * 32])
def test_a_well_formed_request_id_is_kept(office: Office, given: str) -> None:
    answer = office.browser().get("/login", headers={"X-Request-Id": given})

    assert answer.headers["X-Request-Id"] == given


@pytest.mark.parametrize(
    "given", ["", "7590-VHVEG", "0" * 31, "0" * 33, A_UUID.upper(), A_UUID + " ", "a@b.example.com", "0" * 31 + "\x1b"]
)
def test_any_other_request_id_is_replaced(office: Office, given: str) -> None:
    answer = office.browser().get("/login", headers={"X-Request-Id": given})

    assert answer.headers["X-Request-Id"] != given
    assert len(answer.headers["X-Request-Id"]) == 32


def test_two_requests_have_two_ids(office: Office) -> None:
    browser = office.browser()

    assert browser.get("/login").headers["X-Request-Id"] != browser.get("/login").headers["X-Request-Id"]


def test_an_unknown_address_and_method_have_no_names_of_their_own(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    office.browser().client.open("/7590-VHVEG", method="BREW").get_data()

    assert (last(caplog)["endpoint"], last(caplog)["method"]) == ("none", "OTHER")
    assert "7590-VHVEG" not in caplog.text


def test_health_checks_and_assets_are_logged_at_debug_level_only(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "netone.request")
    office.browser().get("/healthz").get_data()
    with office.browser().get("/static/mark.svg") as asset:
        assert asset.data
    assert lines(caplog) == []

    caplog.set_level(logging.DEBUG, "netone.request")
    office.browser().get("/healthz").get_data()
    assert last(caplog)["endpoint"] == "health.healthz"


def test_a_request_above_the_limit_is_logged_as_slow_with_its_phases(
    new_office: Callable[..., Office], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    office = new_office(slow_ms=1)
    answer = office.browser(Role.ADMIN).get("/history")
    answer.get_data()

    line = last(caplog)
    assert line["event"] == "slow request"
    assert caplog.records[-1].levelname == "WARNING"
    assert answer.headers["X-Request-Id"]
    assert {"endpoint", "ms", "cpu_ms", "sql_ms", "sql_count", "render_ms"} <= line.keys()


def test_an_unexpected_error_is_logged_with_the_reference_on_the_page_and_the_request_id(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    browser = office.browser(Role.ADMIN)
    office.replace_everywhere("storage", None)
    caplog.set_level(logging.INFO)
    page = browser.get("/admin/health")

    text = page.get_data(as_text=True)
    (error,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert error.msg["reference"] in text  # type: ignore[index]
    assert last(caplog)["status"] == 500
