"""Deleting predictions in the history, and undoing it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect as expect_that

from tests.e2e.visitor import Person, Visitor


def test_deleted_predictions_come_back(
    visit: Callable[..., Visitor], analyst: Person, customers: Path, tmp_path: Path
) -> None:
    visitor = visit(analyst)
    page = visitor.page
    names = ("first.csv", "second.csv")
    for name in names:
        (tmp_path / name).write_bytes(customers.read_bytes())
        visitor.predict(tmp_path / name)
    visitor.open("/history")
    rows = page.locator("#run_table tbody tr")
    expect_that(rows).to_have_count(2)
    for box in page.locator("[data-select-row]").all():
        box.check()
    page.get_by_role("button", name="Delete").first.click()
    dialog = page.get_by_role("dialog")
    for name in names:
        expect_that(dialog.get_by_text(name)).to_be_visible()
    dialog.get_by_role("button", name="Delete").click()
    undo = page.get_by_role("button", name="Undo")
    expect_that(page.get_by_text("2 predictions deleted.")).to_be_visible()
    undo.click()
    expect_that(page.get_by_text("2 predictions are back.")).to_be_visible()
    expect_that(rows).to_have_count(2)

    visitor.open("/predictions/new")
    page.get_by_label("Delete my 2 previous predictions").check()
    visitor.choose(customers)
    visitor.press("Predict churn")
    visitor.wait_for_result()
    expect_that(page.get_by_text("2 earlier predictions deleted")).to_be_visible()
    undo.click()
    expect_that(rows).to_have_count(3)
