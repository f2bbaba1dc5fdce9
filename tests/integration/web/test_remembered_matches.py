"""October's odd header is confirmed; November's is certain and says so, until the match is forgotten."""

from __future__ import annotations

import re

from domain.account import Role
from domain.actor import Actor
from tests.integration.web.conftest import Browser, Office
from tests.integration.web.test_any_file import (
    Rows,
    as_csv,
    browser,
    installed,
    learned,
    renamed,
    scored,
    sent,
    table,
)

__all__ = ["browser", "installed", "learned", "table"]
"""Fixtures of the tests of any file."""


def matches_page(browser: Browser) -> str:
    return " ".join(browser.get("/models/matches").get_data(as_text=True).split())


def test_octobers_match_is_certain_in_november_until_it_is_forgotten(
    office: Office, browser: Browser, table: Rows
) -> None:
    rows = renamed(table, Contract="Bindung")
    place = str(rows[0].index("Bindung"))
    assert "Nothing to remember yet" in matches_page(browser)
    taken = scored(office, browser, as_csv(rows), **{"match:Contract": place})

    checked = " ".join(sent(browser, "/predictions/check", as_csv(rows)).get_data(as_text=True).split())
    assert "19 of 19 columns are recognised." in checked
    assert f'<option value="{place}" selected>Bindung</option>' in checked
    unwanted = sent(browser, "/predictions/check", as_csv(rows), **{"match:Contract": "out"}).get_data(as_text=True)
    assert '<option value="out" selected>Leave out</option>' in " ".join(unwanted.split())
    assert "18 of 19 columns are recognised." in unwanted
    assert "by analyst, in customers.csv" in checked
    november = scored(office, browser, as_csv(rows))
    assert november.summary is not None
    assert taken.summary is not None
    assert november.summary.columns_missing == ()
    (remark,) = november.summary.remarks
    assert remark.startswith("“Bindung” is used as Contract, as confirmed on ")
    assert remark.endswith(", in customers.csv.")
    assert (november.matches, taken.summary.remarks) == (taken.matches, ())

    left_out = scored(office, browser, as_csv(rows), **{"match:Contract": "out"})
    assert left_out.summary is not None
    assert left_out.summary.columns_missing == ("Contract",)
    page = matches_page(browser)
    assert "for 1 file, last" in page
    address = re.search(r'href="(/models/matches/[^"]+/remove)"', page)
    assert address
    assert office.browser(Role.MANAGER).get(address[1]).status_code == 200
    assert "Forget that “Bindung” is Contract?" in browser.get(address[1]).get_data(as_text=True)
    assert browser.post(address[1]).headers["Location"] == "/models/matches"
    assert office.audit()[0] == "removed a remembered match"
    asked = sent(browser, "/predictions", as_csv(rows))
    assert asked.status_code == 422
    assert "1 match waits for your answer: “Bindung” looks like Contract." in asked.get_data(as_text=True)
    again = office.application.predictions.score_again(november.id, by=Actor(office.people[Role.ANALYST]))
    assert again.matches == november.matches, "scored again as it was read before"
    assert "Nothing to remember yet" in matches_page(browser), "which confirms nothing"


def test_other_content_under_a_remembered_header_is_asked_about(office: Office, browser: Browser, table: Rows) -> None:
    rows = renamed(table, Contract="Bindung")
    place = rows[0].index("Bindung")
    scored(office, browser, as_csv(rows), **{"match:Contract": str(place)})
    other = [rows[0], *([*row[:place], "12.5", *row[place + 1 :]] for row in rows[1:])]

    checked = " ".join(sent(browser, "/predictions/check", as_csv(other)).get_data(as_text=True).split())
    assert "“Bindung” was used as Contract in customers.csv, but its values here cannot be those of Contract" in checked
    assert "18 of 19 columns are recognised." in checked
