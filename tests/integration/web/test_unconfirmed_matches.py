"""Columns that look like the model's: asked about before a prediction, and never left out without a word."""

from __future__ import annotations

import hashlib
import io
import re

from domain.account import Role
from domain.actor import Actor
from domain.run import RunId
from tests.integration.web.conftest import Browser, Office
from tests.integration.web.test_any_file import (
    Rows,
    as_csv,
    browser,
    installed,
    learned,
    renamed,
    scored,
    sent,
    table,
)

__all__ = ["browser", "installed", "learned", "table"]
"""Fixtures of the tests of any file."""


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def without_script(browser: Browser, content: bytes, **fields: str) -> tuple[int, str]:
    """The form as a browser without JavaScript sends it: a whole page, without the check before."""
    answer = browser.post(
        "/predictions",
        {"file": (io.BytesIO(content), "customers.csv"), **fields},
        content_type="multipart/form-data",
    )
    return answer.status_code, answer.get_data(as_text=True)


def test_the_check_asks_and_its_answer_is_the_primary_button(browser: Browser, table: Rows) -> None:
    rows = renamed(table, Contract="Bindung", PaymentMethod="Payment_Type")
    page = sent(browser, "/predictions/check", as_csv(rows)).get_data(as_text=True)
    assert "2 matches wait for your answer." in words(page)
    assert re.search(r'class="btn btn-primary"\s+type="button"\s+data-decide="suggested">Use all 2 suggestions<', page)
    assert page.count("Use or leave out?") == 2
    place = str(rows[0].index("Bindung"))
    decided = {"match:Contract": place, "match:PaymentMethod": "out"}
    page = sent(browser, "/predictions/check", as_csv(rows), **decided).get_data(as_text=True)
    assert "data-decide" not in page
    assert "Use or leave out?" not in page


def test_without_javascript_the_upload_asks_with_suggestions_chosen(browser: Browser, table: Rows) -> None:
    rows = renamed(table, Contract="Bindung", PaymentMethod="Payment_Type")
    contract, payment = str(rows[0].index("Bindung")), str(rows[0].index("Payment_Type"))
    status, page = without_script(browser, as_csv(rows))
    assert status == 422
    assert "2 matches wait for your answer: " in words(page)
    assert "“customers.csv” is kept for your answer for an hour." in words(page)
    for place in (contract, payment):
        assert re.search(rf'<option value="{place}" selected>\s*\S+ \(suggested\)', page)
    status, _ = without_script(browser, as_csv(rows), **{"match:Contract": contract})
    assert status == 422, "one answer of two"
    status, _ = without_script(browser, as_csv(rows), **{"match:Contract": contract, "match:PaymentMethod": "out"})
    assert status == 303


def test_without_javascript_the_file_is_kept_for_the_answer(office: Office, browser: Browser, table: Rows) -> None:
    rows = renamed(table, Contract="Bindung")
    content = as_csv(rows)
    _, page = without_script(browser, content)
    kept = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("kept", "kept_name")}  # type: ignore[index]
    assert kept == {"kept": hashlib.sha256(content).hexdigest(), "kept_name": "customers.csv"}

    answer = browser.post("/predictions", {**kept, "match:Contract": ""})
    assert answer.status_code == 422, "asked again, and kept again"
    assert kept["kept"] in answer.get_data(as_text=True)
    answer = browser.post("/predictions", {**kept, "match:Contract": str(rows[0].index("Bindung"))})
    assert answer.status_code == 303
    answer = browser.post("/predictions", {**kept, "match:Contract": "out"})
    assert answer.status_code == 409
    assert "The file is no longer kept for your answer." in words(answer.get_data(as_text=True))


def test_a_kept_file_is_its_owners_and_the_one_that_was_asked_about(
    office: Office, browser: Browser, table: Rows
) -> None:
    content = as_csv(renamed(table, Contract="Bindung"))
    without_script(browser, content)
    fields = {"kept": hashlib.sha256(content).hexdigest(), "kept_name": "customers.csv", "match:Contract": "out"}
    assert office.browser(Role.MANAGER).post("/predictions", fields).status_code == 409
    without_script(browser, as_csv(renamed(table, Contract="Bindung")[:-1]))
    assert browser.post("/predictions", fields).status_code == 409, "a later file has its place"


def test_a_column_left_out_by_choice_is_named_as_such(office: Office, browser: Browser, table: Rows) -> None:
    run = scored(office, browser, as_csv(renamed(table, Contract="Bindung")), **{"match:Contract": "out"})
    page = words(browser.get(f"/predictions/{run.id}").get_data(as_text=True))
    assert "Left out by choice Contract" in page
    assert "Not in the file" not in page
    assert "not used," not in page


def test_a_result_without_a_similar_column_says_so_and_scores_again_with_it(
    office: Office, browser: Browser, table: Rows
) -> None:
    rows = renamed(table, Contract="Bindung")
    by = Actor(office.people[Role.ANALYST])
    predictions = office.application.predictions
    run = predictions.submit_scoring(io.BytesIO(as_csv(renamed(table, Contract="Bindung"))), "night.csv", by=by)
    predictions.score_run(run.id)
    html = browser.get(f"/predictions/{run.id}").get_data(as_text=True)
    page = words(html)
    assert "1 column was not used, because nobody said what it is: “Bindung” looks like Contract." in page
    assert "Not in the file" not in page
    field = re.search(r'name="(match:Contract)"\s+value="(\d+)"\s+checked', html)
    assert field
    assert browser.post(f"/predictions/{run.id}/match", {}).status_code == 422
    again = browser.post(f"/predictions/{run.id}/match", {field[1]: field[2]})
    second = predictions.score_run(RunId(again.headers["Location"].rsplit("/", 1)[-1]))
    assert second is not None
    assert second.summary is not None
    assert second.summary.columns_missing == ()
    page = words(browser.get(f"/predictions/{second.id}").get_data(as_text=True))
    assert "nobody said what" not in page
    assert "by analyst, in night.csv" in words(sent(browser, "/predictions/check", as_csv(rows)).get_data(as_text=True))


def test_the_check_reads_values_and_says_what_would_be_rejected(browser: Browser, table: Rows) -> None:
    place = table[0].index("MonthlyCharges")

    def checked(bad: int) -> str:
        rows = [[*row[:place], "abc", *row[place + 1 :]] if number <= bad else row for number, row in enumerate(table)]
        page = sent(browser, "/predictions/check", as_csv([table[0], *rows[1:101]])).get_data(as_text=True)
        return " ".join(re.sub(r"<[^>]+>", " ", page).split())

    half = checked(50)
    assert "The values cannot be read. 50 of 100 rows could not be read, for example “abc” in MonthlyCharges" in half
    assert "on line 2" in half
    assert "A file of such rows is not scored." in half
    few = checked(3)
    assert "3 of the first 100 rows cannot be read and will be rejected: 3 × MonthlyCharges: is not a number" in few
    assert "The values cannot be read" not in few
    assert "cannot be read" not in checked(0)
