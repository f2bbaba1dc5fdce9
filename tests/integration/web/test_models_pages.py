"""The pages of models: comparing, one in full, its card, training, promoting."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest

from domain.account import Role
from domain.evaluation import Metric
from domain.model import Algorithm, ModelStage, ModelVersion
from domain.run import Progress
from domain.training import Training, TrainingId
from tests.builders import a_model_version, a_training, an_evaluation
from tests.integration.web.conftest import Office

LABELLED = "customerID,Contract,MonthlyCharges,Churn\n" + "\n".join(
    f"{n:04d}-ABCDE,{'Month-to-month' if n % 3 else 'Two year'},{20 + n % 60},{'Yes' if n % 5 < 2 else 'No'}"
    for n in range(200)
)


def a_version(auc: float = 0.85, **given: object) -> ModelVersion:
    evaluation = an_evaluation()
    metrics = evaluation.metrics | {"auc": Metric(auc, auc - 0.01, auc + 0.01)}
    return a_model_version(**({"evaluation": replace(evaluation, metrics=metrics)} | given))


def keep(office: Office, *versions: ModelVersion) -> None:
    with office.desk.new_uow() as uow:
        for version in versions:
            uow.models.add(version)
        uow.commit()


def keep_training(office: Office, **given: object) -> Training:
    training = a_training(owner=str(office.people[Role.ANALYST].id), **given)
    with office.desk.new_uow() as uow:
        uow.trainings.add(training)
        uow.commit()
    return training


def champion(**given: object) -> ModelVersion:
    return a_version(stage=ModelStage.CHAMPION, **given)


def a_file(text: str = LABELLED, name: str = "labelled.csv") -> dict[str, object]:
    return {"file": (io.BytesIO(text.encode()), name), "horizon": "the next month"}


def test_without_a_model_the_page_says_what_will_stand_there(office: Office) -> None:
    page = office.browser(Role.VIEWER).get("/models").get_data(as_text=True)

    assert "No model yet" in page
    assert "/models/new" not in page, "a viewer may not train"


def test_the_champion_answers_in_words_and_every_version_stands_beside_it(office: Office) -> None:
    keep(office, champion(id="v1"), a_version(id="v2"))
    page = office.browser(Role.ANALYST).get("/models").get_data(as_text=True)

    assert "Of 100 customers it calls likely to leave, <strong>85 do</strong>" in page
    assert "0.840–0.860" in page
    assert 'href="/models/v2"' in page
    assert "All from the same file" in page
    assert "data-dialog-open" not in page, "an analyst may not promote"


def test_a_manager_can_promote_and_the_log_keeps_why(office: Office) -> None:
    keep(office, champion(id="v1"), a_version(id="v2"))
    browser = office.browser(Role.MANAGER)

    answer = browser.post("/models/v2/promote", {"why": "newer months"})

    assert answer.headers["Location"] == "/models/v2"
    page = browser.get("/models").get_data(as_text=True)
    assert "Newer months" in page
    assert "Roll back" in page


def test_a_worse_candidate_is_promoted_only_when_insisted_on_with_a_reason(office: Office) -> None:
    keep(office, champion(id="v1"), a_version(0.80, id="v2"))
    browser = office.browser(Role.MANAGER)

    refused = browser.post("/models/v2/promote", {"why": "because"})
    assert refused.status_code == 409
    assert "data-open-now" in refused.get_data(as_text=True)
    assert "Promote all the same" in refused.get_data(as_text=True)

    silent = browser.post("/models/v2/promote", {"insist": "1", "why": "  "})
    assert silent.status_code == 422
    assert "Say why" in silent.get_data(as_text=True)

    assert browser.post("/models/v2/promote", {"insist": "1", "why": "wanted for a test"}).status_code == 303
    with office.desk.new_reading() as uow:
        assert uow.models.champion().id == "v2"  # type: ignore[union-attr]


def test_promoting_the_champion_says_that_it_is_that_already(office: Office) -> None:
    keep(office, champion(id="v1"))

    answer = office.browser(Role.MANAGER).post("/models/v1/promote")

    assert answer.status_code == 409
    assert "is the champion already" in answer.get_data(as_text=True)


def test_a_manager_changes_the_threshold_and_new_predictions_are_labelled_by_it(office: Office) -> None:
    keep(office, champion(id="v1"))
    browser = office.browser(Role.MANAGER)

    answer = browser.post("/models/v1/threshold", {"strategy": "fixed", "target": "25"})

    assert answer.headers["Location"] == "/models/v1"
    page = browser.get("/models/v1").get_data(as_text=True)
    assert "The threshold of Model v1 is 25.0% now." in page
    assert "At the threshold of 25.0%" in page
    assert "1,600" in page, "the confusion matrix is that of the new threshold"
    with office.desk.new_reading() as uow:
        kept = uow.models.get("v1")
    assert (kept.threshold, kept.threshold_strategy) == (0.25, "fixed")
    assert kept.evaluation.metrics["recall"].value == 1600 / 1869


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"strategy": "fixed", "target": "12.5"}, "A fixed value is a whole percentage"),
        ({"strategy": "share"}, "needs a percentage"),
        ({"strategy": "share", "target": "many"}, "Not a valid decimal value"),
        ({"strategy": "luck"}, "Not a valid choice"),
    ],
)
def test_a_threshold_that_does_not_do_is_refused_beside_its_field(
    office: Office, asked: dict[str, str], words: str
) -> None:
    keep(office, champion(id="v1"))

    answer = office.browser(Role.MANAGER).post("/models/v1/threshold", asked)

    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    with office.desk.new_reading() as uow:
        assert uow.models.get("v1").threshold_strategy == "profit"


def test_the_page_says_which_model_was_in_charge_on_a_day(office: Office) -> None:
    keep(office, champion(id="v1"), a_version(id="v2"))
    browser = office.browser(Role.MANAGER)
    browser.post("/models/v2/promote", {"why": "newer months"})

    assert '<span class="strong">v2</span> was in charge' in browser.get("/models?on=2199-01-31").get_data(as_text=True)
    assert "no model was in charge yet" in browser.get("/models?on=1999-01-31").get_data(as_text=True)
    assert "Not a valid date" in browser.get("/models?on=31.1.1999").get_data(as_text=True)


def test_a_version_shows_every_chart_with_its_finding(office: Office) -> None:
    keep(office, champion(id="v1", algorithm=Algorithm.XGBOOST))
    page = office.browser(Role.VIEWER).get("/models/v1").get_data(as_text=True)

    for chart in ("accuracy", "log-loss", "roc", "precision-recall", "calibration", "lift", "gain", "profit"):
        assert f'<template id="{chart}-chart">' in page
    assert all(label.strip() for label in re.findall(r'<canvas[^>]*aria-label="([^"]*)"', page))
    assert "What it cannot know" in page
    assert "It is only known once a customer has left." in page
    assert "22 duplicate rows were counted once." in page


def test_a_logistic_model_says_why_it_has_no_accuracy_curve(office: Office) -> None:
    keep(office, champion(id="v1", evaluation=replace(an_evaluation(), rounds=None)))
    page = office.browser(Role.VIEWER).get("/models/v1").get_data(as_text=True)

    assert "A logistic model has no rounds." in page
    assert "log-loss-chart" not in page


def test_a_model_without_a_baseline_is_compared_with_none(office: Office) -> None:
    keep(office, champion(id="v1"), a_version(id="v2", evaluation=replace(an_evaluation(), baseline=None)))
    browser = office.browser(Role.VIEWER)

    for path in ("/models/{}", "/models/{}/card", "/models/{}/card?format=md"):
        with_one, without = (browser.get(path.format(own)).get_data(as_text=True) for own in ("v1", "v2"))
        assert re.search(r"(>|\| )Logistic(<| \|)", with_one)
        assert not re.search(r"(>|\| )Logistic(<| \|)", without)
    assert "No baseline stands beside it" in browser.get("/models/v2").get_data(as_text=True)


def test_a_version_with_hardly_anything_known_still_opens(office: Office) -> None:
    bare = replace(
        an_evaluation(), rounds=None, baseline=None, segments=(), thresholds=(), out_of_time=None, calibration=()
    )
    keep(
        office,
        champion(
            id="v1",
            evaluation=bare,
            left_out=(),
            notes=(),
            parameters={},
            libraries={},
            threshold_strategy="of-tomorrow",
        ),
    )
    browser = office.browser(Role.VIEWER)

    assert browser.get("/models/v1").status_code == 200
    assert browser.get("/models/v1/card").status_code == 200
    assert browser.get("/models/v1/card?format=md").status_code == 200


def test_file_and_column_names_are_shown_as_text(office: Office) -> None:
    keep(office, champion(id="v1", file_name="<script>alert(1)</script>.csv"))
    browser = office.browser(Role.VIEWER)

    for address in ("/models", "/models/v1", "/models/v1/card"):
        assert "<script>alert" not in browser.get(address).get_data(as_text=True)


def test_an_unknown_version_is_not_found(office: Office) -> None:
    assert office.browser(Role.VIEWER).get("/models/v99").status_code == 404


def test_the_model_card_can_be_kept_as_markdown(office: Office) -> None:
    keep(office, champion(id="v1"))
    answer = office.browser(Role.VIEWER).get("/models/v1/card?format=md")

    assert answer.mimetype == "text/markdown"
    assert 'filename="model-card-v1.md"' in answer.headers["Content-Disposition"]
    text = answer.get_data(as_text=True)
    assert text.startswith("# Model card: Model v1")
    assert "| AUC | 0.850 | 0.840–0.860 | 0.835 |" in text
    assert "## Limits" in text


def test_checking_a_labelled_file_tells_what_was_recognised_and_stores_nothing(office: Office) -> None:
    answer = office.browser(Role.ANALYST).post("/models/new/check", a_file(), htmx=True)
    page = answer.get_data(as_text=True)

    assert answer.status_code == 200
    assert page.lstrip().startswith('<div id="training_options">')
    assert "80 of 200 customers left" in page
    assert '<option selected value="Churn">' in page
    assert not list((office.folder / "uploads").glob("**/check-*"))
    with office.desk.new_reading() as uow:
        assert uow.uploads.all() == []


def test_a_column_that_a_person_keeps_stays_kept_when_the_file_is_looked_at_again(office: Office) -> None:
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


def test_values_that_come_late_in_the_file_can_be_chosen_too(office: Office) -> None:
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


def test_a_file_that_is_no_table_is_refused_beside_the_file(office: Office) -> None:
    answer = office.browser(Role.ANALYST).post("/models/new", a_file("\x00\x01\x02"), htmx=True)

    assert answer.status_code == 422
    assert "This file cannot be used as it is." in answer.get_data(as_text=True)


def test_a_training_is_queued_with_what_was_chosen(office: Office) -> None:
    form = a_file() | {"target": "Churn", "positive": "Yes", "algorithm": "logistic", "effort": "low", "promote": "y"}
    answer = office.browser(Role.ANALYST).post("/models/new", form, htmx=True)

    assert answer.status_code == 204
    training_id = answer.headers["HX-Redirect"].rsplit("/", 1)[1]
    with office.desk.new_reading() as uow:
        training = uow.trainings.get(TrainingId(training_id))
    assert training.request.target == "Churn"
    assert training.request.algorithm is Algorithm.LOGISTIC
    assert training.promote is False, "an analyst may not promote"


@pytest.mark.parametrize("field", ["algorithm", "effort"])
def test_a_choice_that_does_not_exist_is_refused(office: Office, field: str) -> None:
    answer = office.browser(Role.ANALYST).post("/models/new", a_file() | {field: "magic"}, htmx=True)

    assert answer.status_code == 422


def test_a_training_under_way_replaces_itself_and_shows_its_fold(office: Office) -> None:
    training = keep_training(office)
    with office.desk.new_uow() as uow:
        started = training.started(worker="w", at=office.desk.clock.now())
        stage = "Checking on held-out customers, fold 3 of 5"
        uow.trainings.save(replace(started, progress=Progress(stage, 7043, 7043)))
        uow.commit()
    browser = office.browser(Role.ANALYST)
    page = browser.htmx("/models/trainings/training-1").get_data(as_text=True)

    assert page.lstrip().startswith('<div id="training_progress" hx-get="/models/trainings/training-1"')
    assert "3 of 5" in page
    assert "Cancel the training" in page
    assert "fold 3 of 5" in browser.get("/models").get_data(as_text=True)


def test_a_cancelled_training_stops_asking_and_says_what_to_do(office: Office) -> None:
    keep_training(office)
    browser = office.browser(Role.ANALYST)

    assert browser.post("/models/trainings/training-1/cancel").status_code == 303
    page = browser.get("/models/trainings/training-1").get_data(as_text=True)
    assert "was cancelled" in page
    assert "hx-trigger" not in page


def test_a_failed_training_says_what_happened_what_is_safe_and_what_to_do(office: Office) -> None:
    training = keep_training(office)
    with office.desk.new_uow() as uow:
        uow.trainings.save(training.failed("Only 3 of 60 customers left.", at=office.desk.clock.now()))
        uow.commit()
    page = office.browser(Role.ANALYST).get("/models/trainings/training-1").get_data(as_text=True)

    assert "Only 3 of 60 customers left." in page
    assert "What is safe" in page
    assert "Train again" in page


def test_a_finished_training_leads_to_its_model(office: Office) -> None:
    training = keep_training(office)
    now = office.desk.clock.now()
    keep(office, champion(id="v1"))
    with office.desk.new_uow() as uow:
        uow.trainings.save(training.started(worker="w", at=now).done("v1", at=now))
        uow.commit()
    browser = office.browser(Role.ANALYST)

    assert browser.get("/models/trainings/training-1").headers["Location"] == "/models/v1"
    assert browser.htmx("/models/trainings/training-1").headers["HX-Redirect"] == "/models/v1"


def test_a_training_of_somebody_else_is_not_found_but_managers_see_it(office: Office) -> None:
    keep_training(office)
    stranger = office.add("stranger@telco.example.com", Role.ANALYST)
    browser = office.browser()
    browser.log_in(stranger.email)

    assert browser.get("/models/trainings/training-1").status_code == 404
    assert office.browser(Role.MANAGER).get("/models/trainings/training-1").status_code == 200
