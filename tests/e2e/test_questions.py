"""A question that a file raises further down: its run's page asks, and a button scores the file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from entrypoints.application import Application
from tests.e2e.visitor import Person, Visitor, expect_that

Visit = Callable[..., Visitor]
ROWS = 9_000
"""Rows that fill more than the first part of a file, which is examined at its arrival."""


@pytest.fixture(scope="session")
def unclear_file(application: Application, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Generated customers with whole numbers, but for the last bill."""
    path = tmp_path_factory.mktemp("unclear") / "customers.csv"
    application.predictions.write_sample(path, rows=ROWS, seed=5, months=None, labelled=False)
    with path.open(newline="") as file:
        header, *rows = list(csv.reader(file))
    bill = header.index("MonthlyCharges")
    rows = [[cell.partition(".")[0] for cell in row] for row in rows]
    rows[-1][bill] = "2.915"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def test_a_question_further_down_is_answered_on_the_page_of_the_run(
    visit: Visit, analyst: Person, unclear_file: Path
) -> None:
    visitor = visit(analyst)
    page = visitor.page
    visitor.open("/predictions/new")
    visitor.choose(unclear_file)
    visitor.press("Predict churn")
    question = page.get_by_role("region", name="The question")
    expect_that(question).to_contain_text("2.915 can be read in two ways")
    asking = page.url
    visitor.press("Decimal point: 2.915 is 2.915")
    expect_that(page).not_to_have_url(asking)
    visitor.wait_for_result()
