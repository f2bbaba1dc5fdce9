"""Train again: one click from stored months to a candidate beside the champion."""

from __future__ import annotations

import io

import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.actor import Actor
from domain.model import Algorithm, Effort
from domain.run import RunId
from domain.training import TrainingId, TrainingRequest
from tests.integration.web.conftest import Browser, Office
from tests.integration.web.stored_models import a_version, champion, keep

URL = "/models/train-again"
HEADER = "customerID,Contract,MonthlyCharges"


def month(number: int, *, start: int = 0, prefix: str = "C") -> str:
    """300 customers: the first 30 of each month, of whom most pay by the month, leave."""
    first = 30 * number + start
    rows = [
        f"{prefix}{10_000 + own},{'Month-to-month' if own % 60 < 40 else 'Two year'},{20 + own % 50}"
        for own in range(first, first + 300)
    ]
    return "\n".join([HEADER, *rows])


@pytest.fixture
def trained(office: Office) -> Browser:
    """A browser of an analyst; there is a champion that scores files with these columns."""
    labelled = [HEADER + ",Churn"] + [
        f"L{n},{'Month-to-month' if n % 3 else 'Two year'},{20 + n % 60},{'Yes' if n % 5 < 2 else 'No'}"
        for n in range(200)
    ]
    by = Actor(office.people[Role.MANAGER])
    models = office.application.models
    training = models.submit_training(
        io.BytesIO("\n".join(labelled).encode()),
        "labelled.csv",
        TrainingRequest(algorithm=Algorithm.LOGISTIC, effort=Effort.LOW),
        by=by,
    )
    ended = models.train_model(training.id)
    assert ended is not None
    assert ended.version is not None, ended.error
    return office.browser(Role.ANALYST)


def score(office: Office, text: str, name: str) -> RunId:
    by = Actor(office.people[Role.ANALYST])
    run = office.application.predictions.submit_scoring(io.BytesIO(text.encode()), name, by=by)
    done = office.application.predictions.score_run(run.id)
    assert done is not None
    assert done.summary is not None, done.error
    return run.id


def page_of(browser: Browser) -> str:
    return " ".join(str(browser.get(URL).get_data(as_text=True)).split())


def test_the_page_says_what_is_missing(office: Office, trained: Browser) -> None:
    assert "<strong>No month</strong> is stored yet." in page_of(trained)
    score(office, month(0), "base_2026-01.csv")
    score(office, month(1), "base_2026-02.csv")
    page = page_of(trained)
    assert "<strong>January to February 2026</strong> are stored. That is not enough yet." in page
    assert "score the file of March 2026, or that of December 2025." in page
    assert "Train on" not in page
    refused = trained.post(URL)
    assert refused.status_code == 422
    assert "Training again needs 3 months" in refused.get_data(as_text=True)


def test_one_click_trains_a_candidate_that_is_shown_beside_the_champion(office: Office, trained: Browser) -> None:
    for number in range(3):
        score(office, month(number), f"base_2026-0{number + 1}.csv")
    score(office, month(0, start=9000, prefix="Z"), "other_2026-02.csv")
    score(office, month(2), "no month.csv")
    score(office, month(2), "base_2026-03.csv")
    page = page_of(trained)
    assert "Train on January to March 2026" in page
    for own, use in (("Jan", "Learned from"), ("Feb", "Compared on"), ("Mar", "Shows who left")):
        assert f"{own} 2026</th>" in page
        assert f"<td>{use}</td>" in page
    assert "they show another base: other_2026-02.csv" in page
    assert "nothing says their month: no month.csv" in page

    address = trained.post(URL).headers["Location"]
    assert address.startswith("/models/trainings/")
    ended = office.application.models.train_model(TrainingId(address.rpartition("/")[2]))
    assert ended is not None
    assert ended.version == "v2", ended.error
    shown = " ".join(trained.get("/models/v2").get_data(as_text=True).split())
    assert "Compared with model v1" in shown
    assert "Both on the same rows of February 2026, which Model v2 had not learned from" in shown
    assert "30 left; Model v2 expected" in shown
    listed = " ".join(office.browser(Role.MANAGER).get("/models").get_data(as_text=True).split())
    assert "Model v2</a> compared with model v1" in listed
    assert listed.count("Model v2 learned from January 2026 and was compared on February 2026.") == 2, "panel, dialog"
    assert f'href="{URL}"' in listed
    card = trained.get("/models/v2/card?format=md").get_data(as_text=True)
    assert "## Compared with the champion\n\n- Model v2 learned from January 2026" in card
    with ports_of(office.application).new_reading() as uow:
        assert uow.models.champion() is not None
        assert uow.models.get("v2").stage.value == "candidate"


def test_what_is_unusual_is_asked_before_a_training(office: Office, trained: Browser) -> None:
    score(office, month(0), "base_2026-01.csv")
    score(office, month(1), "base_2026-02.csv")
    score(office, "\n".join(month(2).splitlines()[:200]), "base_2026-03.csv")
    address = trained.post(URL).headers["Location"]
    assert address == "/models/labels"
    page = trained.get(address).get_data(as_text=True)
    assert "Look at this first" in page
    assert "I have looked at what is unusual" in page
    assert "is compared on them with the champion" in " ".join(page.split())
    fields = {"then": "train", "horizon": "1", "returning": "left", "accept": "yes", "algorithm": "logistic"}
    then = trained.post("/models/labels/make", fields | {"effort": "low"}).headers["Location"]
    record = office.application.models.view_training(
        TrainingId(then.rpartition("/")[2]), by=office.people[Role.ANALYST]
    )
    assert record.request.compare is not None
    assert record.request.compare.compared == ("2026-02",)


def test_only_the_candidate_that_was_compared_has_a_panel(office: Office) -> None:
    bare = a_version(id="v3")
    keep(office, champion(id="v1"), a_version(id="v2"), bare)
    page = office.browser(Role.VIEWER).get("/models").get_data(as_text=True)
    assert page.count("was compared on") == 1
