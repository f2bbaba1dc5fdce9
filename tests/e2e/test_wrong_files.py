"""A file that cannot be used: one clear sentence on the page, and nothing stored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.site import Site
from tests.e2e.visitor import Person, Visitor, expect_that, words

Visit = Callable[..., Visitor]

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
WRONG = {
    "a picture": ("picture.csv", PICTURE),
    "an empty file": ("empty.csv", b""),
    "a header alone": ("header.csv", b"customerID,gender,SeniorCitizen,Partner,Dependents,tenure,Contract\n"),
    "columns that no model knows": ("recipes.csv", b"dish,oven,minutes\nsoup,no,20\nbread,yes,45\n"),
    "a letter": ("letter.csv", b"Dear Sir or Madam\n\nplease find enclosed our list.\n\nYours faithfully\n"),
    "a spreadsheet": ("book.csv", b"PK\x03\x04" + bytes(range(256)) * 8),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_rejected_in_one_sentence_and_not_stored(
    visit: Visit, site: Site, analyst: Person, tmp_path: Path, case: str
) -> None:
    name, content = WRONG[case]
    file = tmp_path / name
    file.write_bytes(content)
    visitor = visit(analyst)
    page = visitor.page
    visitor.open("/predictions/new")
    before = {path for path in site.data.rglob("*") if path.is_file()}
    visitor.choose(file)
    expect_that(page.locator("#file_check .note-bad")).to_be_visible()
    with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        visitor.press("Predict churn")
    assert answered.value.status == 422
    refusal = page.locator("#upload_error .note-bad")
    expect_that(refusal).to_have_count(1)
    said = words(refusal)
    assert said.startswith("This file was not accepted.")
    assert "Nothing was stored." in said
    assert "Traceback" not in said
    assert "Error" not in said
    assert len(said) < 400
    expect_that(page.get_by_label("Customer file")).to_have_js_property("files.length", 1)
    owned = "select count(*) from runs r join accounts a on a.id = r.owner where a.email = ?"
    assert site.sql(owned, analyst.email) == [(0,)]
    assert {path for path in site.data.rglob("*") if path.is_file() and "upload" in str(path)} <= before


def test_without_a_file_the_button_says_what_is_missing_and_leads_to_it(
    visit: Visit, analyst: Person, customers: Path
) -> None:
    visitor = visit(analyst)
    page = visitor.page
    visitor.open("/predictions/new")
    button = page.get_by_role("button", name="Predict churn")
    expect_that(button).to_have_attribute("aria-disabled", "true")
    expect_that(button).to_have_accessible_description("Choose a customer file first.")
    expect_that(page.locator("#no_file")).to_be_visible()
    button.press("Enter")
    expect_that(page.get_by_label("Customer file")).to_be_focused()
    visitor.choose(customers)
    expect_that(page.locator("#no_file")).to_be_hidden()
    expect_that(button).to_be_enabled()


def test_after_a_refusal_another_file_works_on_the_same_page(
    visit: Visit, analyst: Person, customers: Path, tmp_path: Path
) -> None:
    file = tmp_path / "empty.csv"
    file.write_bytes(b"")
    visitor = visit(analyst)
    visitor.open("/predictions/new")
    visitor.mark()
    visitor.choose(file)
    visitor.press("Predict churn")
    expect_that(visitor.page.locator("#upload_error .note-bad")).to_be_visible()
    visitor.choose(customers)
    expect_that(visitor.page.locator("#upload_error .note-bad")).to_have_count(0)
    visitor.press("Predict churn")
    visitor.wait_for_result()
    assert visitor.same_page


def test_a_file_without_the_answer_cannot_train_and_the_page_says_why(
    visit: Visit, site: Site, analyst: Person, customers: Path
) -> None:
    visitor = visit(analyst)
    visitor.open("/models/new")
    visitor.choose(customers)
    with visitor.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        visitor.press("Train model")
    assert answered.value.status == 422
    expect_that(visitor.page.locator("#training_options .note-bad, #training_options .help-bad").first).to_be_visible()
    owned = "select count(*) from trainings t join accounts a on a.id = t.owner where a.email = ?"
    assert site.sql(owned, analyst.email) == [(0,)]
