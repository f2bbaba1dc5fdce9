"""What became of a prediction, in the browser: graded by the next month's file, withdrawn and graded by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.account import Role
from tests.builders.months import monthly_files
from tests.e2e.site import ROOT
from tests.e2e.test_accessibility import problems_of
from tests.e2e.visitor import Person, Visitor, expect_that

Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three monthly files of one base, whose month is in their name alone and who do not say who left."""
    return monthly_files(tmp_path_factory.mktemp("months"), "base", rows=300, seed=8, months=3, last_month="2026-11")


def test_a_prediction_is_graded_withdrawn_and_graded_by_keyboard(
    visit: Visit, new_person: Callable[..., Person], months: list[Path]
) -> None:
    visitor = visit(new_person(Role.ANALYST))
    page = visitor.page
    first, second, third = [visitor.predict(file) for file in months]
    visitor.open(f"/predictions/{first}")
    panel = page.locator("#grading")
    expect_that(panel).to_contain_text("In September 2026 we expected")
    link = panel.get_by_role("link", name="All figures")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/grading$"))
    expect_that(page.locator(".answer")).to_contain_text("In September 2026 we expected")
    answer = page.locator(".answer").inner_text()
    _look(visitor, [f"/predictions/{first}/grading", f"/predictions/{first}", "/gradings", "/insights", "/models/v0"])

    visitor.open(f"/predictions/{first}/grading")
    page.get_by_role("button", name="Withdraw this grading").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Withdraw it", exact=True).focus()
    page.keyboard.press("Enter")
    expect_that(page.locator(".flashes")).to_contain_text("was withdrawn with all its figures")
    expect_that(page.locator(".answer")).to_contain_text("is not compared with what happened yet")
    _look(visitor, [f"/predictions/{first}/grading"])

    page.get_by_label("Later prediction").select_option(third)
    page.get_by_role("button", name="Grade this prediction").focus()
    page.keyboard.press("Enter")
    expect_that(page.get_by_role("alert")).to_contain_text("this file shows November 2026")
    page.get_by_label("Later prediction").select_option(second)
    page.get_by_role("button", name="Grade this prediction").focus()
    page.keyboard.press("Enter")
    expect_that(page.locator(".answer")).to_have_text(answer)


def _look(visitor: Visitor, addresses: list[str]) -> None:
    """axe finds nothing on these pages, in both themes, and they fit every window."""
    axe = next((ROOT / "vendor_static").glob("axe-core-*/axe.min.js")).read_text(encoding="utf-8")
    found = {address: problems_of(visitor, axe, address) for address in addresses}
    assert {address: problems for address, problems in found.items() if problems} == {}
    visitor.page.set_viewport_size({"width": 1440, "height": 900})
