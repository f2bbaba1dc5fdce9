"""What a person does on a page to bring it into a state."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect as expect_that

from tests.e2e.visitor import PASSWORD, Person, Visitor

Act = Callable[[Visitor, dict[str, str]], None]
CAREFUL = Person("Careful Moyo", "careful@telco.example.com")
"""Somebody with a second factor."""


def press(name: str) -> Act:
    def act(visitor: Visitor, _: dict[str, str]) -> None:
        visitor.page.locator("main").get_by_role("button", name=name, exact=True).first.click()
        visitor.rest()

    return act


def choose(file: str) -> Act:
    """Choose the installation's file of this name."""

    def act(visitor: Visitor, names: dict[str, str]) -> None:
        visitor.choose(Path(names[f"file {file}"]))
        visitor.rest()

    return act


def send_the_form(visitor: Visitor, _: dict[str, str]) -> None:
    """As it is, without the browser's own check."""
    page = visitor.page
    page.locator("main form[method=post]").first.evaluate("form => { form.noValidate = true; form.requestSubmit(); }")
    page.locator(".is-invalid, .note-bad").first.wait_for()
    visitor.rest()


def send_a_wrong_log_in(visitor: Visitor, _: dict[str, str]) -> None:
    visitor.fill_in_log_in(Person("", "nobody@telco.example.com", "a wrong password here"))
    visitor.page.locator("form .note").wait_for()


def ask_for_the_code(visitor: Visitor, _: dict[str, str]) -> None:
    visitor.open("/login")
    visitor.page.get_by_label("Email").fill(CAREFUL.email)
    visitor.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visitor.page.get_by_role("button", name="Log in").click()
    visitor.page.wait_for_url("**/login/code**")


def open_folds(visitor: Visitor, _: dict[str, str]) -> None:
    visitor.page.locator("main details").evaluate_all("folds => folds.forEach(fold => { fold.open = true; })")
    visitor.rest()


def look_beside(visitor: Visitor, _: dict[str, str]) -> None:
    """Open the first customer beside the list, where the window has room for it."""
    cell = visitor.page.locator("#customers_table tbody tr td.num").first
    if cell.is_visible():
        cell.click()
        visitor.page.wait_for_load_state("networkidle")
    visitor.rest()


def choose_rows(visitor: Visitor, _: dict[str, str]) -> None:
    for box in visitor.page.locator("[data-select-row]").all()[:2]:
        box.check()


def search_for(text: str) -> Act:
    def act(visitor: Visitor, _: dict[str, str]) -> None:
        field = visitor.page.locator("main input[type=search]").first
        field.fill(text)
        field.press("Enter")
        visitor.page.wait_for_load_state("networkidle")
        visitor.rest()

    return act


def open_menu(visitor: Visitor, _: dict[str, str]) -> None:
    button = visitor.page.get_by_role("button", name="Menu", exact=True)
    if button.is_visible():
        button.click()
        visitor.page.locator("#side").wait_for(state="visible")


def ask_for_the_keys(visitor: Visitor, _: dict[str, str]) -> None:
    visitor.page.keyboard.press("?")
    visitor.page.locator("dialog[open]").wait_for()


def open_the_first_menu(visitor: Visitor, _: dict[str, str]) -> None:
    visitor.page.get_by_role("button", name=re.compile("^More for")).last.click()


def refuse_settings(visitor: Visitor, _: dict[str, str]) -> None:
    visitor.page.get_by_label("Keep files for").fill("0")
    send_the_form(visitor, {})


def look_at_the_months(visitor: Visitor, names: dict[str, str]) -> None:
    """The files are kept with the person, so they are sent once."""
    page = visitor.page
    if page.get_by_role("heading", name="What each month shows").count():
        return
    page.get_by_label("Customer file").set_input_files(names["file months"].split("|"))
    with page.expect_navigation(timeout=120_000):
        visitor.press("Look at the files")
    expect_that(page.get_by_role("heading", name="What each month shows")).to_be_visible()
