"""The whole way of a team that has nothing but monthly files, in the browser, by keyboard.

Labels, a model, a prediction, what became of it, training again, and the comparison with the model in use.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from domain.account import Role
from tests.builders.months import monthly_files
from tests.e2e.site import ROOT, Site, wait_for
from tests.e2e.test_accessibility import LOOK, STANDARDS, THEMES, TOO_WIDE
from tests.e2e.visitor import Person, Visitor, expect_that

Visit = Callable[..., Visitor]
VERSION = re.compile(r"/models/(v\d+)$")


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Five monthly files of one base, whose month is in their name alone and who do not say who left."""
    return monthly_files(tmp_path_factory.mktemp("months"), "walk", rows=400, seed=9, months=5, last_month="2026-09")


@pytest.fixture
def starter_again(site: Site) -> Iterator[None]:
    """Puts the starter model in charge again, for the tests that follow."""
    yield
    back = site.command("models", "promote", "v0", "--force", "--reason", "the tests go on with it")
    assert back.returncode == 0, back.stderr


def enter(page: Page, role: str, name: str) -> None:
    page.get_by_role(role, name=name).first.focus()  # type: ignore[arg-type] - the role's name as a text
    page.keyboard.press("Enter")


@pytest.mark.usefixtures("starter_again")
def test_monthly_files_become_a_model_that_is_graded_and_trained_again(
    visit: Visit, new_person: Callable[..., Person], months: list[Path]
) -> None:
    visitor = visit(new_person(Role.MANAGER))
    page = visitor.page
    visitor.open("/models/labels")
    page.get_by_label("Customer file").set_input_files(months[:2])
    with page.expect_navigation(timeout=60_000):
        enter(page, "button", "Look at the files")
    expect_that(page.locator(".answer")).to_contain_text("of 400 rows of customers")
    enter(page, "button", "Make the file")
    page.get_by_label("Algorithm").select_option("logistic")
    page.get_by_label("Effort").select_option("low")
    enter(page, "button", "Train model")
    page.wait_for_url(VERSION, timeout=600_000)
    model = page.url
    expect_that(page.locator("main")).to_contain_text("The label was made here from 2 files")

    runs = [visitor.predict(file) for file in months[1:]]
    graded = "select 1 from gradings where run_id = ?"
    wait_for(lambda: visitor.site.sql(graded, runs[-2]), of="the grading, which follows the scoring")
    visitor.open(f"/predictions/{runs[-2]}")
    expect_that(page.locator("#grading")).to_contain_text("In August 2026 we expected")

    visitor.open("/models")
    enter(page, "link", "Train again")
    page.wait_for_url(re.compile("/models/train-again$"))
    expect_that(page.locator(".answer")).to_contain_text("enough to train again")
    looked_at(page)
    enter(page, "button", "Train on")
    page.wait_for_url(VERSION, timeout=600_000)
    assert page.url != model
    expect_that(page.locator("main")).to_contain_text("August 2026")
    expect_that(page.locator("[id^=compared-]")).to_be_visible()
    looked_at(page)


def looked_at(page: Page) -> None:
    """axe finds nothing on this page, in both themes, and it fits a desktop and a phone."""
    axe = next((ROOT / "vendor_static").glob("axe-core-*/axe.min.js")).read_text(encoding="utf-8")
    page.evaluate(axe)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(TOO_WIDE) <= 0, width
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            assert page.evaluate(LOOK, [theme, STANDARDS, theme == THEMES[1]]) == [], (width, theme)
    page.set_viewport_size({"width": 1440, "height": 900})
