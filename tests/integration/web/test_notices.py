"""The bell and the list of notices."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from bench.ports import ports_of
from domain.account import Role
from tests.builders import a_finished_run
from tests.integration.web.conftest import Browser, Office


@pytest.fixture
def notified(office: Office) -> Office:
    """A prediction of the analyst, which ended an hour ago."""
    created = office.application.now() - timedelta(hours=1)
    with ports_of(office.application).new_uow() as uow:
        owner = str(office.people[Role.ANALYST].id)
        uow.runs.add(a_finished_run(id="run-1", owner=owner, file_name="a <b>.csv", created_at=created))
        uow.commit()
    return office


def unseen(browser: Browser) -> int:
    answer = browser.get("/notifications/count")
    assert answer.mimetype == "application/json"
    return int(json.loads(answer.data)["unseen"])


def test_a_notice_leads_to_its_place_and_is_seen_by_a_form(notified: Office) -> None:
    browser = notified.browser(Role.ANALYST)
    new = unseen(browser)
    page = browser.get("/notifications").get_data(as_text=True)
    assert f"<strong>{new} notice" in page
    assert re.search(
        r'<a class="break strong" href="/predictions/run-1">The prediction of a &lt;b&gt;.csv is done.', page
    )

    keys = re.findall(r'name="key" value="([^"]+)"', page)
    assert len(keys) == new
    assert browser.post("/notifications/seen", {"key": keys}).headers["Location"] == "/notifications"

    assert unseen(browser) == 0
    assert "You have seen everything." in browser.get("/notifications").get_data(as_text=True)


def test_others_are_not_told_of_it(notified: Office) -> None:
    for role in (Role.VIEWER, Role.MANAGER, Role.ADMIN):
        assert "/predictions/run-1" not in notified.browser(role).get("/notifications").get_data(as_text=True)


def test_who_sees_nothing_is_told_what_will_be_here(office: Office) -> None:
    page = office.browser(Role.VIEWER).get("/notifications").get_data(as_text=True)
    assert "There is nothing to know." in page
    assert "when a nightly file has not come" in page


def test_the_bell_is_a_link_on_every_page_and_counts_nothing_by_itself(notified: Office) -> None:
    page = notified.browser(Role.ANALYST).get("/history").get_data(as_text=True)
    bells = re.findall(r'<a class="btn btn-quiet btn-icon bell" href="/notifications"[^>]*>', page)
    assert len(bells) == 2  # of the menu, and of the bar on small screens
    assert all('data-bell="/notifications/count"' in bell and 'aria-label="Notices"' in bell for bell in bells)


def test_what_was_seen_is_in_the_download_of_ones_own_data(notified: Office) -> None:
    browser = notified.browser(Role.ANALYST)
    browser.post("/notifications/seen", {"key": ["run run-1 done"]})
    own = json.loads(browser.get("/profile/my-data.json").data)
    assert [entry["notice"] for entry in own["seen_notices"]] == ["run run-1 done"]
