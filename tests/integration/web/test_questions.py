"""A file that raises a question while it is read: the page of its run asks, and the answer scores the same file."""

from __future__ import annotations

import gzip
import io
import re

import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.run import JobState, Run, RunId
from tests.integration.web.conftest import Browser, Office
from tests.integration.web.test_training_by_sample import labelled, send, started

MANY = 40_000
"""Rows that fill more than the first part of a file, which is examined at its arrival."""


@pytest.fixture
def analyst(office: Office) -> Browser:
    """An analyst with a model."""
    browser = office.browser(Role.ANALYST)
    send(browser, "/models/new", labelled(400, late="", first=("No", "Yes"), target="Churn"))
    ended = office.application.models.train_model(started(office))
    assert ended is not None
    assert ended.state is JobState.DONE, ended.error
    return browser


def uploaded(browser: Browser) -> RunId:
    rows = [f"{n:06d}-AAAAA,{n % 72},{('Month-to-month', 'Two year')[n % 2]},{20 + n % 79}" for n in range(MANY)]
    text = "\n".join(["customerID,tenure,Contract,MonthlyCharges", *rows, "last,7,Two year,2.915"])
    answer = browser.post(
        "/predictions",
        {"file": (io.BytesIO(gzip.compress(text.encode())), "base.csv.gz")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303
    return RunId(answer.headers["Location"].rsplit("/", 1)[-1])


def scored(office: Office, run_id: RunId) -> Run:
    ended = office.application.predictions.score_run(run_id)
    assert ended is not None
    return ended


@pytest.mark.parametrize("htmx", [False, True])
def test_a_question_is_answered_with_a_button_and_the_file_is_not_sent_again(
    office: Office, analyst: Browser, htmx: bool
) -> None:
    run_id = uploaded(analyst)
    assert scored(office, run_id).state is JobState.FAILED

    page = analyst.get(f"/predictions/{run_id}").get_data(as_text=True)
    assert "In the column “MonthlyCharges”, 2.915 can be read in two ways: 2.915 is 2.915 or 2915." in page
    assert f'action="/predictions/{run_id}/retry"' in page
    assert re.findall(r'<button class="btn" type="submit" name="answer" value="([^"]*)">([^<]*)<', page) == [
        (".", "Decimal point: 2.915 is 2.915"),
        (",", "Decimal comma: 2.915 is 2915"),
    ]
    assert "Score the file again" not in page
    assert "Question" in analyst.get("/history").get_data(as_text=True)

    answer = analyst.post(f"/predictions/{run_id}/retry", {"answer": ","}, htmx=htmx)

    target = answer.headers["HX-Redirect" if htmx else "Location"]
    again = RunId(target.rsplit("/", 1)[-1])
    assert again != run_id
    ended = scored(office, again)
    assert ended.state is JobState.DONE, ended.error
    assert ended.format_override.decimal == ","
    assert office.audit()[0] == "answered a question about a file"


def test_a_question_without_a_token_of_the_session_is_not_answered(office: Office, analyst: Browser) -> None:
    run_id = uploaded(analyst)
    scored(office, run_id)
    assert analyst.client.post(f"/predictions/{run_id}/retry", data={"answer": ","}).status_code == 400
    assert analyst.post(f"/predictions/{run_id}/retry", {"answer": ";"}).status_code == 422


def test_whoever_may_only_read_sees_the_question_without_its_buttons(office: Office, analyst: Browser) -> None:
    run_id = uploaded(analyst)
    scored(office, run_id)
    analyst.post(f"/history/{run_id}/share", {"shared": "yes"})
    viewer = office.browser(Role.VIEWER)
    page = viewer.get(f"/predictions/{run_id}").get_data(as_text=True)
    assert "can be read in two ways" in page
    assert 'name="answer"' not in page
    assert viewer.post(f"/predictions/{run_id}/retry", {"answer": ","}).status_code == 403


def test_a_question_about_a_deleted_file_has_no_buttons(office: Office, analyst: Browser) -> None:
    run_id = uploaded(analyst)
    scored(office, run_id)
    ports_of(office.application).uploads.discard(run_id)
    page = analyst.get(f"/predictions/{run_id}").get_data(as_text=True)
    assert "The file is no longer kept." in page
    assert 'name="answer"' not in page
    assert analyst.post(f"/predictions/{run_id}/retry", {"answer": ","}).status_code == 404


def test_a_training_asks_for_the_decimal_mark_in_the_same_way(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    lines = labelled(6_000, late="Yes", first=("No", "Yes"), target="Churn").decode().splitlines()
    cells = lines[-1].split(",")
    late = ",".join([*cells[:3], "2.915", cells[4]])
    send(browser, "/models/new", "\n".join([*lines[:-1], late]).encode(), target="Churn", positive="Yes")
    training_id = started(office)
    failed = office.application.models.train_model(training_id)
    assert failed is not None
    assert failed.question is not None

    page = browser.get(f"/models/trainings/{training_id}").get_data(as_text=True)
    assert re.findall(r'name="answer" value="([^"]*)"', page) == [".", ","]
    assert browser.post(f"/models/trainings/{training_id}/again", {"answer": "cp1252"}).status_code == 422
    answer = browser.post(f"/models/trainings/{training_id}/again", {"answer": "."})

    again = started(office)
    assert answer.headers["Location"].endswith(f"/models/trainings/{again}")
    ended = office.application.models.train_model(again)
    assert ended is not None
    assert ended.state is JobState.DONE, ended.error
    assert office.audit()[:2] == ["made its model the champion", "answered a question about a file"]


def test_ids_that_repeat_further_down_are_asked_for_with_the_columns_as_buttons(
    office: Office, analyst: Browser
) -> None:
    ids = [f"{n:06d}" for n in range(60)] + [f"{n:06d}" for n in range(40)]
    rows = [
        f"{own},{n % 72},{('Month-to-month', 'Two year')[n % 2]},{20 + n % 79},V{n:05d}" for n, own in enumerate(ids)
    ]
    text = "\n".join(["Kundennummer,tenure,Contract,MonthlyCharges,Vorgang", *rows])
    answer = analyst.post(
        "/predictions", {"file": (io.BytesIO(text.encode()), "base.csv")}, content_type="multipart/form-data"
    )
    run_id = RunId(answer.headers["Location"].rsplit("/", 1)[-1])
    assert scored(office, run_id).state is JobState.FAILED
    page = analyst.get(f"/predictions/{run_id}").get_data(as_text=True)
    assert re.findall(r'<button class="btn" type="submit" name="answer" value="([^"]*)">([^<]*)<', page) == [
        ("4", "Vorgang"),
        ("0", "Kundennummer"),
        ("-1", "No column: number the rows"),
    ]
    again = analyst.post(f"/predictions/{run_id}/retry", {"answer": "4"}).headers["Location"].rsplit("/", 1)[-1]
    ended = scored(office, RunId(again))
    assert ended.summary is not None, ended.error
    assert ended.summary.id_header == "Vorgang"
