"""Demands on the direction of curves: typed or chosen on the training page, kept by the training, said by its model."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from application.ports.audit import AuditQuery
from bench.ports import ports_of
from domain.account import Role
from domain.curve_demand import CurveDemand, Direction
from domain.run import JobState
from domain.training import Training
from tests.integration.web.conftest import Browser, Office
from tests.integration.web.stored_models import a_file, champion, keep
from tests.integration.web.test_training_by_sample import labelled, proposed, send, started
from tests.unit.ml.files import customers

PRICE = CurveDemand("MonthlyCharges", Direction.NEVER_LOWERS)
FILE = pd.DataFrame(customers(200)).to_csv(index=False)


def posted(browser: Browser, path: str, *, htmx: bool = True, **fields: object) -> tuple[int, str]:
    answer = browser.post(path, a_file(FILE) | fields, htmx=htmx)
    return answer.status_code, answer.get_data(as_text=True)


def trainings(office: Office) -> list[Training]:
    with ports_of(office.application).new_reading() as uow:
        return list(uow.trainings.latest())


def typed(page: str, name: str) -> str:
    area = re.search(rf'<textarea[^>]*name="{name}"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL)
    assert area, page
    return area[1]


def chosen(page: str, column: str) -> str:
    """The selected value of the column's list; "" for the first one."""
    select = re.search(rf'<select[^>]*name="direction:{column}".*?</select>', page, re.DOTALL)
    assert select, page
    value = re.search(r'<option value="([^"]*)" selected>', select[0])
    return value[1] if value else ""


def test_without_a_file_columns_are_typed(office: Office) -> None:
    page = office.browser(Role.ANALYST).get("/models/new").get_data(as_text=True)
    assert "Demand the direction of a curve" in page
    assert (typed(page, "never_lowers"), typed(page, "never_raises")) == ("", "")


def test_a_recognised_file_offers_its_numbers_and_takes_over_what_was_typed(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    status, page = posted(browser, "/models/new/check", never_lowers="monthly charges\r\n")
    assert status == 200
    assert chosen(page, "MonthlyCharges") == "never-lowers"
    assert re.findall(r'name="direction:([^"]*)"', page) == ["tenure", "MonthlyCharges"]
    assert chosen(page, "tenure") == ""
    assert 'name="never_lowers"' not in page

    again = posted(browser, "/models/new/check", **{"direction:MonthlyCharges": "never-raises"})[1]
    assert chosen(again, "MonthlyCharges") == "never-raises"
    free = posted(browser, "/models/new/check", **{"direction:MonthlyCharges": ""})[1]
    assert chosen(free, "MonthlyCharges") == ""


@pytest.mark.parametrize("path", ["/models/new/check", "/models/new"])
@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("Contract", "It cannot be demanded that “Contract” never lowers the risk: it holds words"),
        ("Churn", "it is the column that says who left"),
        ("customerID", "the model does not use it, because it names the customer"),
        ("Monthly fee", "The file has no column called “Monthly fee”"),
    ],
)
def test_an_impossible_demand_is_explained_can_be_corrected_and_stores_nothing(
    office: Office, path: str, htmx: bool, column: str, message: str
) -> None:
    status, page = posted(office.browser(Role.ANALYST), path, htmx=htmx, never_lowers=column)
    assert status == 422
    assert message in page
    assert typed(page, "never_lowers") == column
    assert trainings(office) == []


def test_both_directions_and_a_direction_that_is_not_offered_are_refused(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    both = {"direction:MonthlyCharges": "never-lowers", "never_raises": "monthly_charges"}
    status, page = posted(browser, "/models/new", **both)
    assert status == 422
    assert "“MonthlyCharges” is demanded in both directions" in page
    assert (typed(page, "never_lowers"), typed(page, "never_raises")) == ("MonthlyCharges", "monthly_charges")
    status, page = posted(browser, "/models/new", **{"direction:MonthlyCharges": "up"})
    assert status == 422
    assert "Choose the direction of a curve from its list." in page
    assert trainings(office) == []


def test_a_training_keeps_its_demand_and_its_model_and_card_say_it(office: Office) -> None:
    browser = office.browser(Role.ANALYST)
    status, _ = posted(
        browser,
        "/models/new",
        htmx=False,
        effort="low",
        algorithm="logistic",
        **{"direction:MonthlyCharges": "never-lowers"},
    )
    assert status in (302, 303)
    training = trainings(office)[0]
    assert training.request.demands == (PRICE,)
    with ports_of(office.application).new_reading() as uow:
        recorded = uow.audit.find(AuditQuery(action="uploaded a training file"))[0]
    assert [entry.subject for entry in recorded] == ["labelled.csv; MonthlyCharges never lowers the risk"]
    ended = office.application.models.train_model(training.id)
    assert ended is not None
    assert ended.state is JobState.DONE, ended.error

    page = browser.get(f"/models/{ended.version}").get_data(as_text=True)
    assert "Demanded curves" in page
    assert "A rise of MonthlyCharges never lowers the risk" in page
    assert "Demanding that MonthlyCharges never lowers the risk " in page
    for card in ("", "?format=md"):
        text = browser.get(f"/models/{ended.version}/card{card}").get_data(as_text=True)
        assert "A rise of MonthlyCharges never lowers the risk" in text
        assert "± is the standard error" in text


def test_a_model_without_demands_says_nothing_of_them(office: Office) -> None:
    model = champion(id="v1")
    keep(office, replace(model, evaluation=replace(model.evaluation, kept=None)))
    assert "Demanded curves" not in office.browser(Role.ANALYST).get("/models/v1").get_data(as_text=True)


def test_training_again_with_an_answer_keeps_the_demand(office: Office) -> None:
    browser, data = office.browser(Role.ANALYST), labelled(6_000, late="Churned")
    demand = {"direction:MonthlyCharges": "never-lowers"}
    fields = proposed(send(browser, "/models/new/check", data, target="Status", positive="Joined"))
    send(browser, "/models/new", data, **fields, **demand)
    failed = office.application.models.train_model(started(office))
    assert failed is not None
    assert failed.question is not None

    browser.post(f"/models/trainings/{failed.id}/again", {"answer": "Churned"})

    again = trainings(office)[0]
    assert again.id != failed.id
    assert (again.request.positive, again.request.demands) == ("Churned", (PRICE,))
