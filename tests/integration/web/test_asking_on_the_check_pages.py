"""What the first part of a file leaves unclear is asked before anything is stored."""

from __future__ import annotations

import io
import re

import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.run import JobState
from tests.integration.web.conftest import Browser, Office
from tests.integration.web.test_training_by_sample import send, started

HEADER = "customerID,tenure,Contract,joined"


def customers(*, written: str, rows: int = 400, days: int = 12, labelled: bool = False) -> bytes:
    """Customers with the day they joined; up to day 12 it can be read as a month too."""
    lines = [HEADER + (",Churn" if labelled else "")]
    for n in range(rows):
        year, month, day = 2019 + n % 5, 1 + n % 12, 1 + n * 7 % days
        joined = written.format(year=year, month=month, day=day)
        churn = f",{'Yes' if (n * 7919) % 100 < 30 else 'No'}" if labelled else ""
        lines.append(f"{n:06d}-AAAAA,{(n * 13) % 72},{('Two year', 'One year')[n % 2]},{joined}{churn}")
    return "\n".join(lines).encode()


ISO, UNCLEAR = "{year}-{month:02d}-{day:02d}", "{day:02d}/{month:02d}/{year}"


@pytest.fixture
def analyst(office: Office) -> Browser:
    """An analyst with a model that uses the day on which customers joined."""
    browser = office.browser(Role.ANALYST)
    send(browser, "/models/new", customers(written=ISO, labelled=True))
    ended = office.application.models.train_model(started(office))
    assert ended is not None
    assert ended.state is JobState.DONE, ended.error
    return browser


def posted(browser: Browser, path: str, content: bytes, *, htmx: bool = True, **fields: str) -> tuple[int, str]:
    answer = browser.post(
        path,
        {"file": (io.BytesIO(content), "base.csv")} | fields,
        htmx=htmx,
        content_type="multipart/form-data",
    )
    return answer.status_code, answer.get_data(as_text=True)


def choices(page: str, name: str) -> list[tuple[str, str]]:
    """Values and words of the first list of this name."""
    select = re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.DOTALL)
    assert select, page
    return re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)', select[0])


def test_the_check_page_asks_for_the_order_of_dates(analyst: Browser) -> None:
    status, asked = posted(analyst, "/predictions/check", customers(written=UNCLEAR))
    assert status == 422
    assert "A question about this file." in asked
    assert "The dates in “joined” can be read with the day or the month first, for example “08/02/2020”." in asked
    assert re.findall(r'<select[^>]*name="([^"]*)"', asked)[0] == "date_order", "the answer comes first"
    assert choices(asked, "date_order") == [
        ("", "Choose"),
        ("day-first", "Day first: 08/02/2020 is 8 February 2020"),
        ("month-first", "Month first: 08/02/2020 is 2 August 2020"),
    ]

    status, known = posted(analyst, "/predictions/check", customers(written=UNCLEAR), date_order="month-first")
    assert status == 200
    assert "What was recognised" in known


@pytest.mark.parametrize("written", [ISO, "{day:02d}.{month:02d}.{year}"])
def test_clear_dates_raise_no_question(analyst: Browser, written: str) -> None:
    assert posted(analyst, "/predictions/check", customers(written=written))[0] == 200


def test_dates_that_further_rows_decide_raise_no_question(office: Office, analyst: Browser) -> None:
    assert posted(analyst, "/predictions/check", customers(written=UNCLEAR, days=28))[0] == 200


@pytest.mark.parametrize("htmx", [True, False])
def test_a_file_that_is_sent_without_an_answer_is_asked_about_and_stores_nothing(
    office: Office, analyst: Browser, htmx: bool
) -> None:
    """Without JavaScript there is no check page: the answer of the form asks."""
    status, asked = posted(analyst, "/predictions", customers(written=UNCLEAR), htmx=htmx, encoding="cp1252")
    assert status == 422
    assert "A question about this file." in asked
    assert choices(asked, "date_order")[1][0] == "day-first"
    assert '<option value="cp1252" selected>' in asked, "other choices are kept"
    with ports_of(office.application).new_reading() as uow:
        assert uow.uploads.all()[1:] == []  # the training's file alone

    status, _ = posted(analyst, "/predictions", customers(written=UNCLEAR), htmx=False, date_order="day-first")
    assert status == 303


def test_the_training_page_asks_once_and_takes_the_answer(office: Office) -> None:
    browser, content = office.browser(Role.ANALYST), customers(written=UNCLEAR, labelled=True)
    asked = send(browser, "/models/new/check", content)
    assert "can be read with the day or the month first" in asked
    assert re.findall(r'<select[^>]*name="(date_order|encoding)"', asked) == ["date_order", "encoding"]
    assert choices(asked, "date_order")[1] == ("day-first", "Day first: 08/02/2020 is 8 February 2020")

    send(browser, "/models/new", content, date_order="day-first", target="Churn", positive="Yes")
    with ports_of(office.application).new_reading() as uow:
        assert uow.trainings.latest()[0].request.format_override.date_order == "day-first"


def test_both_pages_offer_the_same_choices_of_the_format(analyst: Browser) -> None:
    training = send(analyst, "/models/new/check", customers(written=ISO, labelled=True))
    _, prediction = posted(analyst, "/predictions/check", customers(written=ISO))
    for name in ("encoding", "delimiter", "decimal", "date_order"):
        assert choices(training, name) == choices(prediction, name)


def test_a_last_row_without_a_line_end_is_checked_too(analyst: Browser) -> None:
    text = customers(written=ISO).decode().splitlines()
    cells = text[-1].split(",")
    content = "\n".join([*text[:-1], ",".join([cells[0], "99.100", *cells[2:]])]).encode()
    assert "99.100 can be read in two ways" in posted(analyst, "/predictions/check", content)[1]


def with_a_telling_column(rows: int = 600) -> bytes:
    """Labelled customers, and a column that agrees with the label for 93 % of each outcome."""
    lines = [HEADER.removesuffix(",joined") + ",team,Churn"]
    for n in range(rows):
        left = n % 3 == 0
        team = ("sales", "retention")[left == (n // 3 % 100 >= 7)]
        lines.append(f"{n:06d}-AAAAA,{(n * 13) % 72},{('Two year', 'One year')[n % 2]},{team},{('No', 'Yes')[left]}")
    return "\n".join(lines).encode()


def test_the_training_page_asks_whether_a_telling_column_was_known_before(office: Office) -> None:
    browser, content = office.browser(Role.ANALYST), with_a_telling_column()
    asked = send(browser, "/models/new/check", content)
    assert "“team” alone ranks customers very well" in asked
    assert choices(asked, "known:team") == [
        ("", "Choose"),
        ("before", "Before a customer leaves: use it"),
        ("afterwards", "Only afterwards: leave it out"),
    ]
    assert "“team” alone ranks customers very well" in send(browser, "/models/new", content, target="Churn")
    assert "Choose from the list" in send(browser, "/models/new", content, **{"known:team": "sometimes"})

    known = send(browser, "/models/new/check", content, **{"known:team": "afterwards"})
    assert "a person said that it is known only once a customer has left" in known
    assert '<option value="afterwards" selected>' in known, "the answer goes with the training"
    fields = {"target": "Churn", "positive": "Yes", "known:team": "before"}
    send(browser, "/models/new", content, **fields)
    with ports_of(office.application).new_reading() as uow:
        assert uow.trainings.latest()[0].request.known_before == ("team",)
