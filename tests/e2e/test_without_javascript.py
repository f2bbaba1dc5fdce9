"""The main jobs without JavaScript, as where a company's browsers switch it off: links, plain forms, and tables."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.e2e.test_mapping import foreign
from tests.e2e.visitor import RUN_PAGE, Person, Visitor, expect_that, words

__all__ = ["foreign"]
"""A fixture of the tests of matches: a file with other names, which has to be asked about."""


def looked_at_again(visitor: Visitor, selector: str) -> None:
    """Press "Look again" until the part is there, as a page that does not refresh by itself needs it."""
    for _ in range(200):
        if visitor.page.locator(selector).count():
            return
        visitor.page.get_by_role("link", name="Look again").click()
        visitor.page.wait_for_timeout(200)
    raise AssertionError(f"{selector} never came on {visitor.page.url}")


def test_a_person_without_javascript_predicts_reads_plans_and_deletes(
    visit: Callable[..., Visitor], analyst: Person, foreign: Path
) -> None:
    visitor = visit(scripts=False)
    page = visitor.page
    visitor.log_in(analyst)

    page.get_by_role("link", name="New prediction").first.click()
    chooser = page.get_by_label("Customer file")
    expect_that(chooser).to_be_visible()
    chooser.set_input_files(foreign)
    visitor.press("Predict churn")
    expect_that(page.locator("#upload_error")).to_contain_text("matches wait for your answer")
    expect_that(page.locator("#upload_error")).to_contain_text("“export-2026-11.csv” is kept for your answer")
    expect_that(chooser).to_have_value("")
    visitor.press("Predict churn")
    page.wait_for_url(RUN_PAGE)
    looked_at_again(visitor, "#result")
    run = visitor.run_id
    expect_that(page.locator("#file-report")).to_contain_text("Bindung → Contract")

    expect_that(page.get_by_role("link", name="Look again")).to_be_hidden()
    expect_that(page.locator("canvas:visible")).to_have_count(0)
    expect_that(page.get_by_role("table", name=re.compile("^Histogram of churn probability"))).to_be_visible()
    page.get_by_label("Risk band").select_option("high")
    visitor.press("Filter")
    expect_that(page).to_have_url(re.compile(r"[?&]band=high"))
    filtered = page.url
    page.locator("#customers_table a.id").first.click()
    expect_that(page.locator("table.waterfall")).to_be_visible()
    page.get_by_label("Contract", exact=True).select_option("Two year")
    visitor.press("Show what would happen")
    expect_that(page.locator("#what_if_outcome")).to_contain_text("%")
    visitor.open(filtered.removeprefix(visitor.site.url))
    assert visitor.download(re.compile(r"^Download \d+ as CSV$")).startswith(b"\xef\xbb\xbf")

    page.get_by_role("link", name="Make a campaign").click()
    page.get_by_label("Name").fill("By hand")
    visitor.press("Show whom it chooses")
    page.wait_for_url(re.compile(r"/campaigns/(?!new)"))
    looked_at_again(visitor, "#plan-title")
    page.get_by_role("button", name="Delete this draft").click()
    page.locator("#delete-campaign").get_by_role("button", name="Delete", exact=True).click()
    page.wait_for_url("**/campaigns")

    visitor.open("/history")
    page.locator("[data-select-row]").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("link", name="Cancel").click()
    visitor.open(f"/predictions/{run}")
    page.get_by_role("button", name="Delete prediction").click()
    asked = page.locator("#delete-run")
    expect_that(asked).to_be_visible()
    assert "110 scored customers" in words(asked)
    asked.get_by_role("link", name="Cancel").click()
    expect_that(asked).to_be_hidden()
    page.get_by_role("button", name="Delete prediction").click()
    asked.get_by_role("button", name="Delete prediction").click()
    page.wait_for_url("**/history")
    visitor.press("Undo")
    expect_that(page.get_by_text("is back.")).to_be_visible()

    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Menu", exact=True).click()
    expect_that(page.get_by_role("link", name="Models", exact=True)).to_be_in_viewport()
    visitor.press("Log out")
    page.wait_for_url("**/login")
    assert visitor.open("/history").url.endswith("/login?next=/history")
