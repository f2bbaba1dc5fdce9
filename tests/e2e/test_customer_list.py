"""The list of customers by mouse and keyboard: a customer beside the list, filters, groups, and the way back."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect as expect_that

from tests.e2e.conftest import Finished
from tests.e2e.visitor import Visitor


def test_a_row_opens_its_customer_beside_the_list(visit: Callable[..., Visitor], finished: Finished) -> None:
    visitor = visit(finished.owner)
    page, panel = visitor.page, visitor.page.locator("#customer-panel")
    visitor.open(f"/predictions/{finished.run}")
    ids = page.locator("#customers_table a.id").all_inner_texts()
    rows = page.locator("tr[data-customer]")
    address = page.url

    rows.nth(2).locator("td.wide").click()
    expect_that(panel.get_by_role("heading", name=f"Customer {ids[2]}")).to_be_visible()
    page.keyboard.press("j")
    expect_that(panel.get_by_role("heading", name=f"Customer {ids[3]}")).to_be_visible()
    expect_that(rows.nth(3)).to_be_focused()
    page.keyboard.press("Escape")
    expect_that(panel).to_be_hidden()
    expect_that(rows.nth(3).locator("a.id")).to_be_focused()

    page.keyboard.press("k")
    expect_that(rows.nth(2)).to_be_focused()
    expect_that(panel).to_be_hidden()
    page.keyboard.press("Enter")
    expect_that(panel.get_by_role("heading", name=f"Customer {ids[2]}")).to_be_focused()
    panel.get_by_role("button", name="Close the customer").click()
    expect_that(panel).to_be_hidden()
    assert page.url == address

    rows.nth(1).locator("td.wide").select_text()
    rows.nth(1).locator("td.wide").dispatch_event("click")
    expect_that(panel).to_be_hidden()
    page.evaluate("getSelection().removeAllRanges()")

    page.locator("#filter-attribute").select_option("Contract")
    page.locator(".choice").first.click()
    expect_that(page.locator(".filters .chip")).to_have_count(1)
    page.locator("#group-by").select_option("action")
    expect_that(page).to_have_url(re.compile(r"\?attr=Contract&level=[^&]+&group=action$"))
    page.locator("#customers_table .row-link").first.click()
    expect_that(rows.first).to_be_visible()
    page.go_back()
    expect_that(page.locator("#group-by")).to_have_value("action")
    page.go_back()
    expect_that(page.locator("#group-by")).to_have_value("")
    page.go_back()
    expect_that(page.locator("#choose-title")).to_be_visible()

    page.set_viewport_size({"width": 1024, "height": 800})
    rows.nth(1).locator("td.wide").click()
    expect_that(page).to_have_url(re.compile(r"/customers/\d+$"))
