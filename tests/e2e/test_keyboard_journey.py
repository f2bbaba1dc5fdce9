"""A whole working day without a mouse: the focus is always visible, and never lost to the page's body."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page

from tests.e2e.test_keyboard import WHAT_HAS_FOCUS
from tests.e2e.visitor import Person, Visitor, content_of, expect_that

FOCUS_IS_KEPT = "() => document.activeElement && document.activeElement !== document.body"


def go(page: Page, wanted: Locator, *, back: bool = False, within: int = 120) -> None:
    """Press Tab until the focus is there; every step on the way shows that it has the focus."""
    wanted.first.wait_for()
    for _ in range(within):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        step = page.evaluate(WHAT_HAS_FOCUS)
        shows = step is None or step["ringed"] or step["what"] == "input percent"  # the slider's thumb shows it
        assert shows, f"{step['what']} has the focus and does not show it"
        if wanted.first.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{within} times Tab did not reach {wanted}")


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    go(page, wanted)
    page.keyboard.press(key)


def settled(visitor: Visitor) -> None:
    visitor.rest()
    visitor.page.wait_for_function(FOCUS_IS_KEPT)


def test_a_working_day_needs_no_mouse(visit: Callable[..., Visitor], analyst: Person, customers: Path) -> None:
    visitor = visit()
    page = visitor.page
    visitor.open("/login")
    go(page, page.get_by_label("Email"))
    page.keyboard.type(analyst.email)
    go(page, page.get_by_label("Password", exact=True))
    page.keyboard.type(analyst.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard")

    page.keyboard.press("n")
    page.wait_for_url("**/predictions/new")
    go(page, page.get_by_label("Customer file"))
    with page.expect_file_chooser() as asked:
        page.keyboard.press("Space")
    with visitor.checked():
        asked.value.set_files(customers)
    press(page, page.get_by_role("button", name="Predict churn"))
    visitor.wait_for_result()
    settled(visitor)

    go(page, page.get_by_label("Risk band"))
    with visitor.refreshed("#customers_table"):
        page.keyboard.press("h")
    expect_that(page.get_by_label("Risk band")).to_be_focused()
    expect_that(page).to_have_url(re.compile("band=high"))
    page.keyboard.press("j")
    expect_that(page.locator("#customers_table :focus")).to_have_count(1)
    go(page, page.locator("tr[data-customer] a.id"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/*")
    page.go_back()
    expect_that(page).to_have_url(re.compile("band=high"))
    go(page, page.get_by_role("link", name=re.compile(r"^Download \d+ as CSV$")))
    with page.expect_download() as started:
        page.keyboard.press("Enter")
    assert content_of(started.value)

    press(page, page.get_by_role("button", name="Delete prediction"), "Space")
    dialog = page.get_by_role("dialog", name="Delete this prediction?")
    expect_that(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Enter")
    expect_that(dialog).to_be_hidden()
    expect_that(page.get_by_role("button", name="Delete prediction")).to_be_focused()

    page.keyboard.press("/")
    expect_that(page.locator("#find")).to_be_focused()
    page.keyboard.type("customers")
    expect_that(page.locator("#find-hits a[data-hit]").first).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect_that(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url("**/history")

    more = page.get_by_role("button", name=re.compile("^More for"))
    for item, typed in (("Rename", "november.csv"), ("Delete", "")):
        press(page, more)
        page.locator(".menu[popover]:popover-open").wait_for()
        press(page, page.locator(".menu:popover-open").get_by_text(item, exact=True))
        dialog = page.locator("dialog[open]")
        dialog.wait_for()
        if typed:
            expect_that(dialog.get_by_label("New name")).to_be_focused()
            page.keyboard.press("Control+a")
            page.keyboard.type(typed)
            page.keyboard.press("Enter")
            expect_that(page.get_by_role("link", name=typed, exact=True)).to_be_visible()
            expect_that(more).to_be_focused()
        else:
            expect_that(dialog.get_by_role("button", name="Cancel")).to_be_focused()
            page.keyboard.press("Escape")
            expect_that(more).to_be_focused()
