"""A search for a customer, and the way back to it: no address holds what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect as expect_that

from tests.e2e.conftest import Finished
from tests.e2e.visitor import Visitor


def test_back_forward_and_reload_show_the_search_again(visit: Callable[..., Visitor], finished: Finished) -> None:
    visitor = visit(finished.owner)
    page = visitor.page
    visitor.open(f"/predictions/{finished.run}")
    customer = page.locator("#customers_table a.id").nth(3).inner_text()
    matches = page.locator("#customers_table .panel-head p")
    page.get_by_label("Find a customer").fill(customer)
    expect_that(matches).to_have_text("1 customer of 110 matches")
    expect_that(page).to_have_url(re.compile(r"[?&]s="))
    address = page.url

    page.go_back()
    expect_that(matches).to_have_text("110 customers of 110 match")
    page.go_forward()
    expect_that(matches).to_have_text("1 customer of 110 matches")
    expect_that(page.get_by_label("Find a customer")).to_have_value(customer)
    page.reload()
    expect_that(matches).to_have_text("1 customer of 110 matches")

    expect_that(page).to_have_url(address)
    assert customer not in address
    assert not any(customer in url for url in visitor.asked)


def test_the_threshold_slider_and_the_search_keep_each_other(visit: Callable[..., Visitor], finished: Finished) -> None:
    visitor = visit(finished.owner)
    page = visitor.page
    visitor.open(f"/predictions/{finished.run}")
    customer = page.locator("#customers_table a.id").nth(3).inner_text()
    page.get_by_label("Find a customer").fill(customer)
    matches = page.locator("#customers_table .panel-head p")
    expect_that(matches).to_have_text("1 customer of 110 matches")

    with page.expect_response("**/predictions/*percent=*") as moved:
        page.locator("#thr").fill("12.5")
    expect_that(page).to_have_url(re.compile(r"[?&]threshold=0.125&s="))
    expect_that(page.locator("output[for=thr]")).to_have_text("12.5%")
    expect_that(matches).to_have_text("1 customer of 110 matches")
    page.reload()

    assert "csrf_token" not in moved.value.url
    assert customer not in moved.value.url
    expect_that(page.locator("output[for=thr]")).to_have_text("12.5%")
    expect_that(page.get_by_label("Find a customer")).to_have_value(customer)
