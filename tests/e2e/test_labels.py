"""Making labels in the browser, from monthly files to a model, by keyboard where a person may use it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from domain.account import Role
from tests.e2e.site import ROOT
from tests.e2e.test_accessibility import LOOK, STANDARDS, THEMES, TOO_WIDE
from tests.e2e.visitor import Person, Visitor, expect_that

Visit = Callable[..., Visitor]
MONTHS = 4


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Monthly files of 300 customers, without a column of who left: 20 leave each month, and as many join."""
    folder, files = tmp_path_factory.mktemp("months"), list[Path]()
    customers, known = list(range(300)), 300
    for month in range(MONTHS):
        rows = (
            f"C{1000 + own},{('Basic', 'Pro')[own % 2]},{own % 60 + month},{20 + own * 7 % 31}" for own in customers
        )
        files.append(folder / f"base_2026-{4 + month:02d}.csv")
        files[-1].write_text("\n".join(["customer_id,plan,tenure,bill", *rows]), encoding="utf-8")
        left = {own for place, own in enumerate(customers) if (place + month) % 15 == 0}
        customers = [own for own in customers if own not in left] + list(range(known, known + len(left)))
        known += len(left)
    return files


def looked_at(visitor: Visitor, files: list[Path]) -> Any:
    page = visitor.page
    visitor.open("/models/labels")
    page.get_by_label("Customer file").set_input_files(files)
    expect_that(page.locator("[data-file-name]")).to_contain_text("base_2026-04.csv, base_2026-05.csv")
    with page.expect_navigation(timeout=60_000):
        visitor.press("Look at the files")
    return page


def test_monthly_files_become_a_training_file_and_a_model(
    visit: Visit, new_person: Callable[..., Person], months: list[Path]
) -> None:
    visitor = visit(new_person(Role.ANALYST))
    page = looked_at(visitor, months)
    expect_that(page.locator(".answer")).to_have_text("60 of 900 rows of customers (6.7%) left.")
    page.get_by_label("Looked for after").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect_that(page.locator(".answer")).to_have_text("76 of 600 rows of customers (12.7%) left.")
    expect_that(page).to_have_url(re.compile(r"horizon=2"))
    page.go_back()
    expect_that(page.locator(".answer")).to_have_text("60 of 900 rows of customers (6.7%) left.")
    visitor.press("Make the file")
    link = page.get_by_role("link", name="Download labels 2026-04 to 2026-06.csv")
    with page.expect_download() as download:
        link.click()
    assert len(download.value.path().read_text(encoding="utf-8").splitlines()) == 901
    page.get_by_label("Algorithm").select_option("logistic")
    page.get_by_label("Effort").select_option("low")
    visitor.press("Train model")
    page.wait_for_url(re.compile(r"/models/v\d+$"), timeout=180_000)
    expect_that(page.locator("main")).to_contain_text("The label was made here from 4 files, April 2026 to June 2026.")


def test_the_figures_are_accessible_and_fit_every_window(
    visit: Visit, new_person: Callable[..., Person], months: list[Path]
) -> None:
    visitor = visit(new_person(Role.ANALYST))
    page = looked_at(visitor, [*months[:2], months[3]])
    expect_that(page.get_by_role("alert")).to_contain_text("There is no file of June 2026")
    visitor.press("Start over")
    page = looked_at(visitor, months)
    expect_that(page.get_by_role("heading", name="What each month shows")).to_be_visible()
    page.evaluate(next((ROOT / "vendor_static").glob("axe-core-*/axe.min.js")).read_text(encoding="utf-8"))
    for width in (1440, 1024, 768, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(TOO_WIDE) <= 0, width
        if width in (1440, 390):
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                assert page.evaluate(LOOK, [theme, STANDARDS, theme == THEMES[1]]) == [], (width, theme)
