"""What a column's numbers are counted in is asked on the check page and with the upload, and answered in one list."""

from __future__ import annotations

import re

import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.run import JobState, RunId
from tests.integration.web.conftest import Browser, Office
from tests.integration.web.test_asking_on_the_check_pages import choices, posted
from tests.integration.web.test_training_by_sample import send, started

SHARES = [f"0.{n:02d}" for n in range(1, 100)]
GIGABYTES = [f"{n / 4} GB" for n in range(1, 90)]
PERCENTAGES = [f"{n}" for n in range(1, 100)]


def customers(column: str, cells: list[str], *, labelled: bool = False) -> bytes:
    lines = [f"customerID,tenure,Contract,{column}" + (",Churn" if labelled else "")]
    for n in range(400):
        churn = f",{'Yes' if (n * 7919) % 100 < 30 else 'No'}" if labelled else ""
        lines.append(f"{n:06d}-A,{(n * 13) % 72},{('Two year', 'One year')[n % 2]},{cells[n * 7 % len(cells)]}{churn}")
    return "\n".join(lines).encode()


def trained(office: Office, column: str, cells: list[str]) -> Browser:
    browser = office.browser(Role.ANALYST)
    send(browser, "/models/new", customers(column, cells, labelled=True))
    ended = office.application.models.train_model(started(office))
    assert ended is not None
    assert ended.state is JobState.DONE, ended.error
    return browser


@pytest.mark.parametrize(
    ("learned", "column", "cells", "answers"),
    [
        (SHARES, "discount", PERCENTAGES, ["%", "as-written"]),
        (SHARES, "Rabatt", PERCENTAGES, ["%", "as-written"]),
        (PERCENTAGES, "taux de remise", SHARES, ["share", "as-written"]),
        (GIGABYTES, "data_mb", ["300", "450"], ["MB", "GB"]),
        ([f"{n / 4}" for n in range(1, 90)], "tráfico", ["300 MB", "450 MB"], ["MB", "KB", "GB", "TB"]),
    ],
)
def test_a_doubt_about_the_numbers_is_asked_on_the_page_and_the_answer_scores_the_file(
    office: Office, learned: list[str], column: str, cells: list[str], answers: list[str]
) -> None:
    browser, file = trained(office, column.replace("_mb", ""), learned), customers(column, cells)
    same = {"match:data": "3"} if column == "data_mb" else {}
    for path in ("/predictions/check", "/predictions"):
        status, asked = posted(browser, path, file, **same)
        assert status == 422
        assert "A question about this file." in asked
        assert [value for value, _ in choices(asked, f"unit:{column}")] == ["", *answers]
    for answer in answers[:2]:
        chosen = {f"unit:{column}": answer} | same
        assert posted(browser, "/predictions/check", file, **chosen)[0] == 200
        assert posted(browser, "/predictions", file, htmx=False, **chosen)[0] == 303
        ended = office.application.predictions.score_run(RunId(latest(office)))
        assert ended is not None
        assert ended.state is JobState.DONE, ended.error
        assert ended.format_override.units == ((column, answer),)


def test_a_second_question_is_asked_in_the_place_of_the_first(office: Office) -> None:
    browser = trained(office, "discount", SHARES)
    rows = [f"{n:06d}-A,{n % 72},{('Two year', 'One year')[n % 2]},{n % 99}" for n in range(300)]
    file = "\n".join(["customerID,tenure,Contract,discount", *rows, '"Genève",7,Two year,7']).encode("cp1252")
    status, first = posted(browser, "/predictions", file)
    assert (status, choices(first, "encoding")[1][0]) == (422, "cp1252")
    status, second = posted(browser, "/predictions", file, encoding="cp1252")
    assert status == 422
    assert [value for value, _ in choices(second, "unit:discount")] == ["", "%", "as-written"]
    assert '<option value="cp1252" selected>' in second
    assert posted(browser, "/predictions", file, htmx=False, encoding="cp1252", **{"unit:discount": "%"})[0] == 303


@pytest.mark.parametrize("answer", ["MB", "GB"])
def test_numbers_without_a_unit_among_others_are_asked_about_on_the_page_of_the_run(
    office: Office, answer: str
) -> None:
    browser = trained(office, "data", GIGABYTES)
    assert posted(browser, "/predictions", customers("data", ["300 MB"] * 50 + ["450"]), htmx=False)[0] == 303
    run = office.application.predictions.score_run(RunId(latest(office)))
    assert run is not None
    page = browser.get(f"/predictions/{run.id}").get_data(as_text=True)
    assert "some numbers have a unit (“300 MB”) and others have none (“450”)" in page
    assert re.findall(r'name="answer" value="([^"]*)"', page) == ["MB", "GB"]
    target = browser.post(f"/predictions/{run.id}/retry", {"answer": answer}).headers["Location"]
    ended = office.application.predictions.score_run(RunId(target.rsplit("/", 1)[-1]))
    assert ended is not None
    assert ended.state is JobState.DONE, ended.error


def latest(office: Office) -> str:
    with ports_of(office.application).new_reading() as uow:
        return max(uow.runs.unfinished(), key=lambda run: run.created_at).id


def test_octobers_unit_answers_novembers_question_until_it_is_forgotten(office: Office) -> None:
    browser, file = trained(office, "Rabatt", SHARES), customers("Rabatt", PERCENTAGES)
    assert posted(browser, "/predictions", file, htmx=False, **{"unit:Rabatt": "%"})[0] == 303
    october = office.application.predictions.score_run(RunId(latest(office)))

    status, page = posted(browser, "/predictions/check", file)
    assert (status, "The numbers of “Rabatt” are read as percentages, as confirmed on" in page) == (200, True)
    assert posted(browser, "/predictions", file, htmx=False)[0] == 303
    november = office.application.predictions.score_run(RunId(latest(office)))
    assert october is not None
    assert november is not None
    assert november.summary is not None
    assert november.format_override.units == (("Rabatt", "%"),)
    assert november.summary.remarks[0].startswith("The numbers of “Rabatt” are read as percentages, as confirmed on ")
    assert november.summary.mean_probability == october.summary.mean_probability

    shares = customers("Rabatt", SHARES)
    assert "are read as percentages" not in posted(browser, "/predictions/check", shares)[1], "nothing is in doubt"
    listed = browser.get("/models/matches").get_data(as_text=True)
    assert "Rabatt, read as percentages" in " ".join(listed.split())
    address = re.search(r'href="(/models/matches/[^"]+/remove)"', listed)
    assert address
    assert browser.post(address[1]).status_code == 303
    assert posted(browser, "/predictions/check", file)[0] == 422
