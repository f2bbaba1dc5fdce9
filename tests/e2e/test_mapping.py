"""A file with other names and another format, put right by keyboard alone before it is scored."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.site import ROOT, Site
from tests.e2e.test_accessibility import RUN_AXE, STANDARDS, THEMES, WIDTHS
from tests.e2e.visitor import Person, Visitor, expect_that

Visit = Callable[..., Visitor]
RENAMED = {"Contract": "Bindung", "PaymentMethod": "Payment_Type", "customerID": "Account No.", "gender": "g"}


@pytest.fixture
def foreign(site: Site, customers: Path, tmp_path: Path) -> Path:
    """The made-up customers as somebody else exports them. Nobody has confirmed their names before."""
    with closing(sqlite3.connect(site.data / "netone.db", timeout=20)) as database, database:
        database.execute("DELETE FROM remembered_matches")
    with customers.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[0] = [RENAMED.get(name, name) for name in rows[0]]
    path = tmp_path / "export-2026-11.csv"
    with path.open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    return path


def opened(visit: Visit, analyst: Person, file: Path, **how: object) -> Visitor:
    visitor = visit(analyst, **how)
    visitor.open("/predictions/new")
    visitor.choose(file)
    expect_that(visitor.page.locator("#column-mapping")).to_be_visible()
    return visitor


def tab_to(visitor: Visitor, selector: str) -> None:
    """By the Tab key alone, as somebody without a mouse gets there."""
    for _ in range(80):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by keyboard")


def test_matches_are_confirmed_and_the_file_is_scored_by_keyboard_alone(
    visit: Visit, site: Site, analyst: Person, foreign: Path
) -> None:
    visitor = opened(visit, analyst, foreign)
    page = visitor.page

    tab_to(visitor, "select[name='match:Contract']")
    with visitor.checked():
        page.keyboard.press("B")
    expect_that(page.locator("select[name='match:Contract']")).to_be_focused()
    expect_that(page.locator("select[name='match:Contract']")).not_to_have_value("")
    tab_to(visitor, "select[name='match:PaymentMethod']")
    with visitor.checked():
        page.keyboard.press("P")
    expect_that(page.locator("select[name='match:PaymentMethod']")).to_be_focused()
    tab_to(visitor, "[data-decide=out]")
    with visitor.checked():
        page.keyboard.press("Enter")
    tab_to(visitor, "form#upload button[type=submit]")
    page.keyboard.press("Enter")
    visitor.wait_for_result()

    run = visitor.run_id
    (matches,) = site.sql("select matches from runs where id = ?", run)[0]
    assert '"Contract"' in matches
    assert '"PaymentMethod"' in matches
    expect_that(page.locator("#file-report")).to_contain_text("Bindung → Contract")


def test_all_suggestions_are_taken_at_once(visit: Visit, analyst: Person, foreign: Path) -> None:
    visitor = opened(visit, analyst, foreign)
    page = visitor.page
    predict = page.get_by_role("button", name="Predict churn")
    expect_that(predict).not_to_have_class("btn btn-lg mt16 btn-primary")
    predict.click()
    expect_that(page.locator("#upload_error")).to_contain_text("matches wait for your answer")
    expect_that(predict).to_be_enabled()
    page.locator("#upload_error").evaluate("own => { own.tabIndex = -1; own.focus() }")
    tab_to(visitor, "[data-decide=suggested]")
    with visitor.checked():
        page.keyboard.press("Enter")
    for name in ("Contract", "PaymentMethod"):
        expect_that(page.locator(f"select[name='match:{name}']")).not_to_have_value("")
    assumed = page.locator("select[name='match:customerID'] option:checked")
    expect_that(assumed).to_have_text("As recognised: Account No.")
    expect_that(page.locator("#file_check_words")).to_contain_text("19 of 19 columns are recognised.")
    expect_that(page.locator("p.answer")).to_have_text("19 of 19 columns are recognised in export-2026-11.csv.")
    expect_that(page.locator("select:focus")).to_have_count(1)


def test_octobers_match_is_certain_in_november_until_it_is_forgotten(
    visit: Visit, analyst: Person, foreign: Path
) -> None:
    visitor = opened(visit, analyst, foreign)
    page, contract = visitor.page, visitor.page.locator("select[name='match:Contract']")
    with visitor.checked():
        contract.select_option(label="Bindung (suggested)")
    with visitor.checked():
        visitor.press("Leave them out")
    visitor.press("Predict churn")
    visitor.wait_for_result()

    november = foreign.rename(foreign.with_name("export-2026-12.csv"))
    visitor.open("/predictions/new")
    visitor.choose(november)
    expect_that(contract).to_have_value("15")
    expect_that(page.locator("#column-mapping")).to_contain_text("in export-2026-11.csv")
    with visitor.checked():
        visitor.press("Leave them out")
    visitor.press("Predict churn")
    visitor.wait_for_result()
    expect_that(page.locator("#file-report")).to_contain_text("“Bindung” is used as Contract, as confirmed on")

    visitor.open("/models/matches")
    page.get_by_role("link", name="Forget Bindung").click()
    page.get_by_role("button", name="Forget this match").click()
    expect_that(page.get_by_text("Nothing to remember yet")).to_be_visible()
    visitor.open("/predictions/new")
    visitor.choose(november)
    expect_that(contract).to_have_value("")
    expect_that(page.locator("#column-mapping")).not_to_contain_text("as confirmed on")


def test_the_format_is_corrected_by_keyboard(visit: Visit, analyst: Person, foreign: Path) -> None:
    visitor = opened(visit, analyst, foreign)
    page = visitor.page
    tab_to(visitor, "summary")
    page.keyboard.press("Enter")
    tab_to(visitor, "#format-delimiter")
    with visitor.checked():
        page.keyboard.press("T")
    expect_that(page.locator("#format-delimiter")).to_be_focused()
    expect_that(page.locator("#file_check .note-bad")).to_be_visible()
    with visitor.checked():
        page.keyboard.press("R")
    expect_that(page.locator("#file_check .note-bad")).to_have_count(0)
    expect_that(page.locator("#file_check")).to_contain_text("semicolon")


def test_a_new_file_is_checked_without_earlier_choices(
    visit: Visit, analyst: Person, foreign: Path, customers: Path
) -> None:
    visitor = opened(visit, analyst, foreign)
    page = visitor.page
    page.locator("summary").first.click()
    with visitor.checked():
        page.locator("#format-delimiter").select_option("tab")
    visitor.choose(customers)
    expect_that(page.locator("#file_check")).to_contain_text("19 of 19 columns")
    expect_that(page.locator("#file_check .note-bad")).to_have_count(0)


@pytest.fixture(scope="module")
def axe() -> str:
    return next((ROOT / "vendor_static").glob("axe-core-*/axe.min.js")).read_text(encoding="utf-8")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_mapping_and_the_format_are_accessible(
    visit: Visit, analyst: Person, foreign: Path, axe: str, theme: str, width: int
) -> None:
    visitor = opened(visit, analyst, foreign, theme=theme, width=width)
    page = visitor.page
    for summary in page.locator("#file_check summary").all():
        summary.click()
    page.evaluate(f"() => {{ {axe} }}")
    assert page.evaluate(RUN_AXE, STANDARDS) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
