"""Keyboard use at phone and desktop width: focus reaches every control, is visible, and is never trapped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from domain.account import Role
from tests.e2e.site import Site
from tests.e2e.visitor import Person, Visitor, expect_that

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
ADMIN = (
    *("/admin/users", "/admin/users/invite", "/admin/predictions", "/admin/uploads", "/admin/settings"),
    *("/admin/economics", "/admin/customers", "/admin/audit", "/admin/health", "/profile", "/profile/delete"),
)
GATES = ("/", "/login", "/register", "/setup")
MAX_ENTRIES = 400
WHAT_HAS_FOCUS = """
() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const box = e.getBoundingClientRect(), style = getComputedStyle(e);
  const said = (e.getAttribute("aria-label") || e.innerText || e.name || e.value || "").trim().slice(0, 40);
  // a visually hidden control (a file input, a switch) shows its focus on what stands for it
  const small = box.width < 2 || box.height < 2;
  const marks = [e, e.parentElement, e.nextElementSibling, ...(e.labels || [])].filter(Boolean);
  const ringed = (part) => { const s = getComputedStyle(part);
    return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none"; };
  return {
    number: e.dataset.walked ?? null,
    what: `${e.tagName.toLowerCase()} ${said}`,
    seen: small || (box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
          && style.visibility !== "hidden"),
    ringed: e.id === "main" || marks.some(ringed),
    inSide: !!e.closest("#side"),
  };
}
"""
REACHABLE = """
() => {
  const wanted = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  return [...document.querySelectorAll(wanted)].filter((e) => !e.disabled && e.tabIndex >= 0 && !e.closest("[inert]")
    && (!document.querySelector("dialog[open]") || e.closest("dialog[open]"))
    && !(e.type === "radio" && !e.checked) && e.checkVisibility({ visibilityProperty: true }))
    .map((e, number) => { e.dataset.walked = number; return number; }).length;
}
"""


@pytest.fixture(scope="module")
def walker(browser: Browser, site: Site, new_person: Callable[..., Person]) -> Iterator[Visitor]:
    """An administrator without a mouse."""
    context = browser.new_context(reduced_motion="reduce", viewport=PHONE)
    visitor = Visitor(site, context).take_session(new_person(Role.ADMIN))
    yield visitor
    visitor.leave()
    assert visitor.troubles == []


@pytest.fixture(scope="module")
def stranger(browser: Browser, site: Site) -> Iterator[Visitor]:
    context = browser.new_context(reduced_motion="reduce", viewport=PHONE)
    visitor = Visitor(site, context)
    yield visitor
    visitor.leave()
    assert visitor.troubles == []


def walked(visitor: Visitor, key: str = "Tab") -> list[dict[str, Any]]:
    """What has the focus, as a window that has just opened does, and then gets it, until it leaves or begins again."""
    first = visitor.page.evaluate(WHAT_HAS_FOCUS)
    steps: list[dict[str, Any]] = [first] if first and first["number"] is not None else []
    for _ in range(MAX_ENTRIES):
        visitor.page.keyboard.press(key)
        step = visitor.page.evaluate(WHAT_HAS_FOCUS)
        if step is None or (steps and step["number"] is not None and step["number"] == steps[0]["number"]):
            return steps
        steps.append(step)
    raise AssertionError(f"the focus never came round on {visitor.page.url}")


def check_walkable(visitor: Visitor, path: str, size: dict[str, int]) -> None:
    visitor.page.set_viewport_size(size)  # type: ignore[arg-type]
    visitor.open(path)
    visitor.rest()
    there = visitor.page.evaluate(REACHABLE)
    steps = walked(visitor)
    numbers = [int(step["number"]) for step in steps if step["number"] is not None]

    assert set(range(there)) - set(numbers) == set(), "never reached"
    assert numbers == sorted(numbers), "the focus goes as the page is read"
    assert [step["what"] for step in steps if not step["seen"]] == [], "focused, but out of sight"
    assert [step["what"] for step in steps if not step["ringed"]] == [], "focused, but not shown to be"
    if size is PHONE:
        assert [step["what"] for step in steps if step["inSide"]] == [], "behind the closed menu"


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("path", ADMIN)
def test_tab_reaches_every_control_in_order_with_visible_focus(
    walker: Visitor, path: str, size: dict[str, int]
) -> None:
    check_walkable(walker, path, size)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("path", GATES)
def test_tab_reaches_every_control_of_public_pages(stranger: Visitor, path: str, size: dict[str, int]) -> None:
    check_walkable(stranger, path, size)


def test_the_menu_opens_holds_the_focus_and_closes_by_keyboard(walker: Visitor) -> None:
    page = walker.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    walker.open("/admin/users")
    opener = page.get_by_role("button", name="Menu", exact=True)

    page.keyboard.press("Tab")  # past the way to the content
    page.keyboard.press("Tab")
    expect_that(opener).to_be_focused()
    page.keyboard.press("Enter")

    expect_that(opener).to_have_attribute("aria-expanded", "true")
    expect_that(page.locator("#side :focus")).to_have_count(1)
    page.evaluate(REACHABLE)
    assert all(step["inSide"] and step["seen"] and step["ringed"] for step in walked(walker))
    page.get_by_role("link", name="History").focus()
    page.keyboard.press("Escape")
    expect_that(opener).to_have_attribute("aria-expanded", "false")
    expect_that(opener, "back where one was").to_be_focused()

    page.keyboard.press("Space")
    expect_that(opener).to_have_attribute("aria-expanded", "true")
    expect_that(page.locator("#side :focus")).to_have_count(1)
    page.keyboard.press("Enter")  # the way to close it has the focus
    expect_that(opener).to_have_attribute("aria-expanded", "false")


def test_a_menu_item_is_opened_by_keyboard(walker: Visitor) -> None:
    page = walker.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    walker.open("/admin/users")
    page.get_by_role("button", name="Menu", exact=True).press("Enter")
    expect_that(page.locator("#side :focus")).to_have_count(1)

    while "History" not in page.evaluate(WHAT_HAS_FOCUS)["what"]:
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.wait_for_url("**/history")
    expect_that(page.get_by_role("heading", level=1, name="History")).to_be_visible()


def test_a_question_is_answered_by_keyboard_and_the_focus_comes_back(walker: Visitor, new_person: Any) -> None:
    person: Person = new_person()
    page = walker.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    walker.open(f"/admin/users?q={person.email}")
    menu = page.get_by_role("button", name="More for")

    menu.press("Enter")
    page.locator(".menu[popover]:popover-open").wait_for()
    page.keyboard.press("Tab")
    while "Disable" not in page.evaluate(WHAT_HAS_FOCUS)["what"]:
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator("dialog[open]").wait_for()
    page.evaluate(REACHABLE)
    assert {step["what"] for step in walked(walker)} >= {"button Cancel", "button Disable account"}
    page.keyboard.press("Escape")
    page.locator("dialog[open]").wait_for(state="hidden")
    expect_that(page.locator("main :focus"), "the focus is on the page, not lost").to_have_count(1)

    menu.press("Enter")
    page.locator(".menu[popover]:popover-open").wait_for()
    page.keyboard.press("Tab")
    while "Disable" not in page.evaluate(WHAT_HAS_FOCUS)["what"]:
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Disable account").press("Enter")
    page.get_by_text("was disabled and logged out.").wait_for()
