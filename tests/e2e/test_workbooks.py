"""An Excel export, dropped on the page, becomes a result; a workbook with two tables is asked about."""

from __future__ import annotations

import csv
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders.tables import workbook
from tests.e2e.visitor import Person, Visitor, expect_that

Visit = Callable[..., Visitor]
MORE_THAN_THE_FIRST_PART = 1_200_000
"""Bytes. The browser sends only the first MiB of a text to be checked; a workbook's directory is at its end."""


@pytest.fixture
def two_months(customers: Path, tmp_path: Path) -> Path:
    """The made-up customers on two sheets, with numbers as numbers, and a sheet of notes."""
    with customers.open(encoding="utf-8", newline="") as file:
        rows = [[_typed(cell) for cell in row] for row in csv.reader(file)]
    path = tmp_path / "export-2026-11.xlsx"
    path.write_bytes(workbook({"October": rows, "Notes": [["Exported by billing"]], "November": rows[:-3]}))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/media/logo.png", os.urandom(MORE_THAN_THE_FIRST_PART))
    return path


def _typed(cell: str) -> str | float:
    try:
        return float(cell)
    except ValueError:
        return cell


def test_a_workbook_is_asked_about_and_becomes_a_result(visit: Visit, analyst: Person, two_months: Path) -> None:
    visitor = visit(analyst)
    page = visitor.page
    visitor.open("/predictions/new")
    visitor.choose(two_months)
    question = "The workbook has several sheets with a table: “October”, “November”."
    expect_that(page.locator("#file_check .note")).to_contain_text(question)
    expect_that(page.get_by_label("Encoding")).to_have_count(0)
    with visitor.checked():
        page.get_by_label("Sheet").select_option("November")
    expect_that(page.locator("#file_check")).to_contain_text("Excel workbook, sheet “November”")
    visitor.press("Predict churn")
    visitor.wait_for_result()
    expect_that(page.locator("#result")).to_contain_text("Excel workbook, sheet “November”")
    assert visitor.troubles == []
