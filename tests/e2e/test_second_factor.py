"""A second factor in the browser: set up, logged in with, and without a phone; by keyboard, in both themes."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyotp
import pytest
from PIL import Image
from playwright.sync_api import Browser

from bench.ports import ports_of
from domain.account import Role, system_account
from domain.actor import Actor
from entrypoints.application import Application
from tests.e2e.site import Site
from tests.e2e.test_accessibility import RUN_AXE, STANDARDS, axe
from tests.e2e.visitor import PASSWORD, Person, Visitor, expect_that

__all__ = ["axe"]
PAGE = "/profile/second-factor"


class Phone:
    """An authenticator app. No code is given twice, as a person waits for the next one."""

    def __init__(self, key: str) -> None:
        self.app, self.last = pyotp.TOTP(key), 0

    def code(self) -> str:
        """A code of the present step, or of the next one, which is accepted too."""
        self.last = max(self.last + 1, int(time.time()) // 30)
        return self.app.generate_otp(self.last)


def set_up(visitor: Visitor) -> tuple[Phone, list[str]]:
    """From the profile to the recovery codes."""
    visitor.open(PAGE)
    visitor.press("Set up")
    phone = Phone(visitor.page.locator("#second-factor-key").inner_text().replace(" ", ""))
    visitor.page.get_by_label("Current password").fill(PASSWORD)
    visitor.page.get_by_label("Code", exact=True).fill(phone.code())
    visitor.press("Turn on")
    codes = visitor.page.locator("#recovery-codes").inner_text().split()
    assert len(codes) == 10
    return phone, codes


def test_a_second_factor_is_set_up_and_used_with_codes_and_recovery_codes(
    visit: Callable[..., Visitor], analyst: Person
) -> None:
    visitor = visit(analyst)
    phone, codes = set_up(visitor)
    visitor.page.get_by_role("link", name="I have saved them").click()
    visitor.page.wait_for_url("**/dashboard")
    visitor.page.get_by_role("button", name="Log out").click()
    visitor.page.wait_for_url("**/login")

    visitor.fill_in_log_in(analyst)
    visitor.page.wait_for_url("**/login/code**")
    field = visitor.page.get_by_label("Code", exact=True)
    expect_that(field).to_be_focused()
    visitor.page.keyboard.type("000000")
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_text("This code is not right").wait_for()
    field = visitor.page.get_by_label("Code", exact=True)
    field.fill(phone.code())
    field.press("Enter")
    visitor.page.wait_for_url("**/dashboard")

    visitor.page.get_by_role("button", name="Log out").click()
    visitor.page.wait_for_url("**/login")
    visitor.fill_in_log_in(analyst)
    visitor.page.get_by_role("link", name="Use a recovery code").click()
    visitor.page.get_by_label("Recovery code").fill(codes[4])
    visitor.press("Log in")
    visitor.page.wait_for_url("**/dashboard")
    visitor.page.get_by_text("You used a recovery code; 9 codes left.").wait_for()


def test_the_recovery_codes_can_be_downloaded_and_copied(
    visit: Callable[..., Visitor], analyst: Person, tmp_path: Path
) -> None:
    visitor = visit(analyst)
    _, codes = set_up(visitor)
    with visitor.page.expect_download() as started:
        visitor.page.get_by_role("link", name="Download").click()
    kept = tmp_path / "codes.txt"
    started.value.save_as(kept)
    assert started.value.suggested_filename == "netone-churn-recovery-codes.txt"
    text = kept.read_text(encoding="utf-8")
    assert all(code in text for code in codes)
    visitor.page.evaluate("window.print = () => { window.printed = true }")
    visitor.press("Print")
    visitor.page.wait_for_function("window.printed")
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.press("Copy")
    visitor.page.get_by_text("Copied.").wait_for()
    assert visitor.page.evaluate("navigator.clipboard.readText()").split() == codes


def test_a_second_factor_can_be_set_up_without_scripts(browser: Browser, site: Site, analyst: Person) -> None:
    context = browser.new_context(java_script_enabled=False)
    visitor = Visitor(site, context)
    visitor.log_in(analyst)
    phone, codes = set_up(visitor)
    visitor.page.get_by_role("link", name="I have saved them").click()
    visitor.page.wait_for_url("**/dashboard")
    visitor.page.get_by_role("button", name="Log out").click()
    visitor.page.wait_for_url("**/login")
    visitor.fill_in_log_in(analyst)
    visitor.page.get_by_label("Code", exact=True).fill(phone.code())
    visitor.press("Log in")
    visitor.page.wait_for_url("**/dashboard")
    visitor.page.get_by_role("button", name="Log out").click()
    visitor.page.wait_for_url("**/login")
    visitor.fill_in_log_in(analyst)
    visitor.page.get_by_role("link", name="Use a recovery code").click()
    visitor.page.get_by_label("Recovery code").fill(codes[0])
    visitor.press("Log in")
    visitor.page.wait_for_url("**/dashboard")
    visitor.leave()
    assert visitor.troubles == []


def test_a_role_that_needs_a_second_factor_is_sent_to_its_set_up(
    visit: Callable[..., Visitor], new_person: Callable[..., Person], application: Application
) -> None:
    viewer = new_person(Role.VIEWER)
    _require(application, (Role.VIEWER,))
    try:
        visitor = visit()
        visitor.open("/login")
        visitor.fill_in_log_in(viewer)
        visitor.page.wait_for_url(f"**{PAGE}")
        visitor.page.get_by_text("Your role needs a second factor").wait_for()
        visitor.open("/history")
        expect_that(visitor.page).to_have_url(f"{visitor.site.url}{PAGE}")
        set_up(visitor)
        visitor.open("/history")
        expect_that(visitor.page).to_have_url(f"{visitor.site.url}/history")
    finally:
        _require(application, ())


def _require(application: Application, roles: tuple[Role, ...]) -> None:
    with ports_of(application).new_reading() as uow:
        policy = uow.policies.get()
    application.administration.change_settings(
        replace(policy, second_factor_roles=roles), by=Actor(system_account(application.now()))
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_no_page_is_wider_than_its_screen(
    visit: Callable[..., Visitor], analyst: Person, axe: str, theme: str
) -> None:
    visitor = visit(analyst, theme=theme)
    wrong: list[str] = []

    def look(name: str) -> None:
        for width in (1440, 390):
            visitor.page.set_viewport_size({"width": width, "height": 900})
            visitor.page.evaluate(axe)
            wrong.extend(f"{name} at {width}: {violation}" for violation in visitor.page.evaluate(RUN_AXE, STANDARDS))
            if visitor.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wrong.append(f"{name} is wider than {width}")

    visitor.open(PAGE)
    look("not set up")
    visitor.press("Set up")
    visitor.page.locator("#second-factor-key").wait_for()
    look("key and QR code")
    assert _pixel_beside_the_code(visitor) == [255, 255, 255, 255]
    phone = Phone(visitor.page.locator("#second-factor-key").inner_text().replace(" ", ""))
    visitor.page.get_by_label("Current password").fill(PASSWORD)
    visitor.page.get_by_label("Code", exact=True).fill(phone.code())
    visitor.press("Turn on")
    visitor.page.locator("#recovery-codes").wait_for()
    look("recovery codes")
    visitor.open(PAGE)
    look("set up")
    visitor.open("/profile")
    look("profile")
    visitor.page.context.clear_cookies()
    visitor.open("/login")
    visitor.fill_in_log_in(analyst)
    visitor.page.wait_for_url("**/login/code**")
    look("code")
    visitor.page.get_by_role("link", name="Use a recovery code").click()
    visitor.page.get_by_label("Recovery code").wait_for()
    look("recovery code")

    assert wrong == []


def _pixel_beside_the_code(visitor: Visitor) -> list[int]:
    """The colour of the quiet zone as it is drawn: red, green, blue, opacity."""
    picture = Image.open(io.BytesIO(visitor.page.locator("svg.qr").screenshot())).convert("RGBA")
    return list(picture.getpixel((picture.width // 2, 6)))
