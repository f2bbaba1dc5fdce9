"""The frame of every page in a browser: search by keyboard, shortcuts and how to switch them off, the bell, help."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.e2e.conftest import Finished
from tests.e2e.visitor import Visitor, expect_that


def test_search_shortcuts_bell_and_help_by_keyboard(visit: Callable[..., Visitor], finished: Finished) -> None:
    visitor = visit(finished.owner, moving=True)
    page = visitor.page
    visitor.open("/history")

    page.keyboard.press("/")
    expect_that(page.locator("#find")).to_be_focused()
    page.keyboard.type("second factor", delay=5)  # letters that are shortcuts elsewhere
    first = page.locator("#find-hits a[data-hit]").first
    expect_that(first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect_that(first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect_that(page.locator("#find")).to_be_focused()
    page.keyboard.press("Escape")
    expect_that(page.locator("#find-hits")).to_be_hidden()
    expect_that(page.locator("#find")).to_have_value("")

    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect_that(sheet).to_be_visible()
    page.keyboard.press("n")  # nothing behind a dialog
    page.keyboard.press("Escape")
    expect_that(sheet).to_be_hidden()
    page.keyboard.press("j")
    expect_that(page.locator("main tbody tr a").first).to_be_focused()
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/models")

    bell = page.locator(".side .bell")
    expect_that(bell).to_have_accessible_name(re.compile(r"^Notices, [1-9]\d* new$"))
    bell.click()
    visitor.press("Mark all as seen")
    expect_that(page.get_by_text("You have seen everything.")).to_be_visible()
    expect_that(page.locator(".side .bell")).to_have_accessible_name("Notices")

    visitor.open("/profile")
    page.get_by_label("Single keys work as shortcuts").uncheck()
    visitor.open("/dashboard")
    page.keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("h")
    expect_that(page.locator("dialog[open]")).to_have_count(0)
    assert page.url.endswith("/dashboard")

    page.get_by_role("link", name="Help", exact=True).click()
    page.get_by_role("link", name="Read a result").click()
    expect_that(page.locator(".prose img").first).to_be_visible()
    assert page.evaluate("[...document.images].every((image) => !image.complete || image.naturalWidth > 0)")
