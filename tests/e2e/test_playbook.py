"""A manager changes an action beside its preview, sees the difference, and goes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect as expect_that

from domain.account import Role
from tests.e2e.visitor import Person, Visitor


def test_an_action_is_changed_beside_its_preview_and_restored(
    visit: Callable[..., Visitor], new_person: Callable[..., Person], customers: Path
) -> None:
    visitor = visit(new_person(Role.MANAGER))
    page = visitor.page
    visitor.predict(customers)
    visitor.open("/dashboard")
    page.get_by_role("link", name="Playbook").click()
    page.get_by_role("link", name="One-year contract, 10% off", exact=True).click()
    preview = page.locator("#preview")
    expect_that(preview).to_contain_text("customers.csv")

    with page.expect_response("**/admin/playbook/preview*"):
        page.get_by_label("Cost of a contact").fill("much")
    expect_that(preview).to_contain_text("Complete the form")
    page.get_by_label("Cost of a contact").fill("90000")
    expect_that(preview).to_contain_text("0 customers")
    page.get_by_label("Why this change").fill("Nobody may call")
    page.get_by_role("button", name="Save action").press("Enter")

    page.get_by_role("link", name="Versions").click()
    expect_that(page.locator("#differences")).to_contain_text("$90,000.00")
    expect_that(page.get_by_text("Changed “One-year contract, 10% off”: Nobody may call")).to_be_visible()
    page.get_by_role("button", name="Restore version 1").click()
    expect_that(page.locator("h1")).to_have_text("Playbook")
    visitor.open("/admin/playbook/versions")
    expect_that(page.get_by_text("Restored version 1")).to_be_visible()
