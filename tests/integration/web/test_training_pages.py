"""Training on the web: checking a labelled file, choosing what it means, and following the training."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.model import Algorithm
from domain.progress import Progress, TrainingStage
from domain.training import TrainingId
from tests.integration.web.conftest import Office
from tests.integration.web.stored_models import LABELLED, a_file, champion, keep, keep_training


def test_checking_a_labelled_file_shows_what_was_recognised_and_stores_nothing(office: Office) -> None:
    answer = office.browser(Role.ANALYST).post("/models/new/check", a_file(), htmx=True)
    page = answer.get_data(as_text=True)

    assert answer.status_code == 200
    assert page.lstrip().startswith('<div id="training_options">')
    assert "80 of 200 customers left" in page
    assert '<option selected value="Churn">' in page
    assert not list((office.folder / "uploads").glob("**/check-*"))
    with ports_of(office.application).new_reading() as uow:
        assert uow.uploads.all() == []


def test_a_column_kept_by_a_person_is_still_kept_when_the_file_is_checked_again(office: Office) -> None:
    lines = LABELLED.splitlines()
    leaky = "\n".join(
        [f"{lines[0]},Left because", *(f"{row},{'Price' if row.endswith('Yes') else ''}" for row in lines[1:])]
    )
    browser = office.browser(Role.ANALYST)

    first = browser.post("/models/new/check", a_file(leaky), htmx=True).get_data(as_text=True)
    assert 'name="keep" value="Left because">' in first
    again = browser.post("/models/new/check", a_file(leaky) | {"keep": "Left because"}, htmx=True)
    assert 'name="keep" value="Left because" checked>' in again.get_data(as_text=True)


def test_a_file_without_a_target_offers_its_columns_to_choose_from(office: Office) -> None:
    text = LABELLED.replace("Churn", "Colour").replace("Yes", "red").replace("No", "blue")
    answer = office.browser(Role.ANALYST).post("/models/new/check", a_file(text), htmx=True)

    assert answer.status_code == 422
    assert '<option value="Contract">' in answer.get_data(as_text=True)


def test_several_values_that_mean_left_are_offered_and_kept(office: Office) -> None:
    lines = LABELLED.replace("Churn", "Status").splitlines()
    rows = [
        line.replace(",Yes", ",InVol" if at % 3 else ",Vol").replace(",No", ",Current") for at, line in enumerate(lines)
    ]
    text = "\n".join(rows)
    browser = office.browser(Role.ANALYST)

    asked = browser.post("/models/new/check", a_file(text), htmx=True)
    assert asked.status_code == 422
    assert 'name="further"' in asked.get_data(as_text=True)
    chosen = a_file(text) | {"target": "Status", "positive": "Vol", "further": "InVol"}
    page = browser.post("/models/new/check", chosen, htmx=True).get_data(as_text=True)
    assert "80 of 200 customers left" in page
    assert "Vol or InVol" in page
    assert re.search(r'value="InVol"[^>]* checked', page)


def test_values_late_in_the_file_can_be_chosen(office: Office) -> None:
    lines = LABELLED.replace("Yes", "No").replace("Churn", "status").splitlines()
    text = "\n".join([*lines[:150], *(line.removesuffix("No") + "Adiós" for line in lines[150:])])
    answer = office.browser(Role.ANALYST).post("/models/new/check", a_file(text), htmx=True)
    page = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert "Which value of &#39;status&#39; means that the customer left?" in page
    assert "--" not in page.replace("<!--", "")
    assert '<option selected value="status">' in page
    assert '<option value="Adiós">' in page
    chosen = a_file(text) | {"target": "status", "positive": "Adiós"}
    assert "51 of 200 customers left" in browser_says(office, chosen)


def browser_says(office: Office, chosen: dict[str, object]) -> str:
    answer = office.browser(Role.ANALYST).post("/models/new/check", chosen, htmx=True)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_training_without_a_file_asks_for_one(office: Office) -> None:
    answer = office.browser(Role.ANALYST).post("/models/new", {"horizon": "the next month"}, htmx=True)

    assert answer.status_code == 422
    assert "Choose a customer file first." in answer.get_data(as_text=True)


def test_a_file_without_a_table_is_rejected_next_to_its_field(office: Office) -> None:
    answer = office.browser(Role.ANALYST).post("/models/new", a_file("\x00\x01\x02"), htmx=True)

    assert answer.status_code == 422
    assert "This file cannot be used as it is." in answer.get_data(as_text=True)


def test_a_training_is_queued_with_what_was_chosen(office: Office) -> None:
    form = a_file() | {"target": "Churn", "positive": "Yes", "algorithm": "logistic", "effort": "low", "promote": "y"}
    answer = office.browser(Role.ANALYST).post("/models/new", form, htmx=True)

    assert answer.status_code == 204
    training_id = answer.headers["HX-Redirect"].rsplit("/", 1)[1]
    with ports_of(office.application).new_reading() as uow:
        training = uow.trainings.get(TrainingId(training_id))
    assert training.request.target == "Churn"
    assert training.request.algorithm is Algorithm.LOGISTIC
    assert training.promote is False, "an analyst may not promote"


def test_an_algorithm_that_is_not_installed_is_shown_and_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.ml.training.neural.keras_runtime.is_installed", lambda: False)
    browser, how = office.browser(Role.ANALYST), "Install it with “make neural” (the extra netone-churn[neural])"

    page = browser.get("/models/new").get_data(as_text=True)
    assert re.search(r'<option disabled value="neural">Neural additive model: [^<]*\(not installed\)</option>', page)
    assert how in page
    for path in ("/models/new/check", "/models/new"):
        answer = browser.post(path, a_file() | {"algorithm": "neural"}, htmx=True)
        assert answer.status_code == 422
        assert how in answer.get_data(as_text=True)


def test_an_installed_algorithm_can_be_chosen(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.ml.training.neural.keras_runtime.is_installed", lambda: True)

    page = office.browser(Role.ANALYST).get("/models/new").get_data(as_text=True)
    assert re.search(r'<option value="neural">Neural additive model: [^(<]*</option>', page)
    assert "make neural" not in page


@pytest.mark.parametrize("field", ["algorithm", "effort"])
def test_a_choice_that_does_not_exist_is_refused(office: Office, field: str) -> None:
    answer = office.browser(Role.ANALYST).post("/models/new", a_file() | {field: "magic"}, htmx=True)

    assert answer.status_code == 422


def test_a_running_training_refreshes_itself_and_shows_its_fold(office: Office) -> None:
    training = keep_training(office)
    with ports_of(office.application).new_uow() as uow:
        started = training.started(worker="w", at=office.application.now())
        uow.trainings.save(replace(started, progress=Progress(TrainingStage.CHECKING, done=2, of=5, left=45)))
        uow.commit()
    browser = office.browser(Role.ANALYST)
    page = browser.htmx("/models/trainings/training-1").get_data(as_text=True)

    assert page.lstrip().startswith('<div id="training_progress" hx-get="/models/trainings/training-1"')
    assert "3 of 5" in page
    assert "About 45 seconds left." in page
    assert "Cancel the training" in page
    assert "part 3 of 5" in browser.get("/models").get_data(as_text=True)


def test_a_cancelled_training_stops_asking_and_says_what_to_do(office: Office) -> None:
    keep_training(office)
    browser = office.browser(Role.ANALYST)

    assert browser.post("/models/trainings/training-1/cancel").status_code == 303
    page = browser.get("/models/trainings/training-1").get_data(as_text=True)
    assert "was cancelled" in page
    assert "hx-trigger" not in page.partition("<main")[2]


def test_a_failed_training_says_what_happened_what_is_safe_and_what_to_do(office: Office) -> None:
    training = keep_training(office)
    with ports_of(office.application).new_uow() as uow:
        uow.trainings.save(training.failed("Only 3 of 60 customers left.", at=office.application.now()))
        uow.commit()
    page = office.browser(Role.ANALYST).get("/models/trainings/training-1").get_data(as_text=True)

    assert "Only 3 of 60 customers left." in page
    assert "What is safe" in page
    assert "Train again" in page


def test_a_finished_training_leads_to_its_model(office: Office) -> None:
    training = keep_training(office)
    now = office.application.now()
    keep(office, champion(id="v1"))
    with ports_of(office.application).new_uow() as uow:
        uow.trainings.save(training.started(worker="w", at=now).done("v1", at=now))
        uow.commit()
    browser = office.browser(Role.ANALYST)

    assert browser.get("/models/trainings/training-1").headers["Location"] == "/models/v1"
    assert browser.htmx("/models/trainings/training-1").headers["HX-Redirect"] == "/models/v1"


def test_another_persons_training_is_visible_to_managers_only(office: Office) -> None:
    keep_training(office)
    stranger = office.add("stranger@telco.example.com", Role.ANALYST)
    browser = office.browser()
    browser.log_in(stranger.email)

    assert browser.get("/models/trainings/training-1").status_code == 404
    assert office.browser(Role.MANAGER).get("/models/trainings/training-1").status_code == 200
