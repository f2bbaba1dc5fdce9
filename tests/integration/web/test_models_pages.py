"""The pages of models: comparing, one in full, its card, training, promoting."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bench.ports import ports_of
from domain.account import Role
from domain.evaluation import Metric, SegmentQuality
from domain.model import Algorithm
from tests.builders import a_model_version, an_evaluation
from tests.integration.web.conftest import Office
from tests.integration.web.stored_models import a_version, champion, keep


def test_an_empty_model_page_says_what_it_will_show(office: Office) -> None:
    page = office.browser(Role.VIEWER).get("/models").get_data(as_text=True)

    assert "No model yet" in page
    assert "/models/new" not in page, "a viewer may not train"


def test_the_page_describes_the_champion_and_lists_every_version(office: Office) -> None:
    keep(office, champion(id="v1"), a_version(id="v2"))
    page = office.browser(Role.ANALYST).get("/models").get_data(as_text=True)

    assert "Of 100 customers it calls likely to leave, <strong>85 do</strong>" in page
    assert "0.840–0.860" in page
    assert 'href="/models/v2"' in page
    assert "All from the same file" in page
    assert "data-dialog-open" not in page, "an analyst may not promote"


def test_a_manager_can_promote_and_the_log_keeps_the_reason(office: Office) -> None:
    keep(office, champion(id="v1"), a_version(id="v2"))
    browser = office.browser(Role.MANAGER)

    answer = browser.post("/models/v2/promote", {"reason": "newer months"})

    assert answer.headers["Location"] == "/models/v2"
    page = browser.get("/models").get_data(as_text=True)
    assert "Newer months" in page
    assert "Roll back" in page


def test_a_worse_candidate_is_promoted_only_by_insisting_with_a_reason(office: Office) -> None:
    keep(office, champion(id="v1"), a_version(0.80, id="v2"))
    browser = office.browser(Role.MANAGER)

    refused = browser.post("/models/v2/promote", {"reason": "because"})
    assert refused.status_code == 409
    assert "data-open-now" in refused.get_data(as_text=True)
    assert "Promote anyway" in refused.get_data(as_text=True)

    silent = browser.post("/models/v2/promote", {"force": "1", "reason": "  "})
    assert silent.status_code == 422
    assert "Enter a reason" in silent.get_data(as_text=True)

    assert browser.post("/models/v2/promote", {"force": "1", "reason": "wanted for a test"}).status_code == 303
    with ports_of(office.application).new_reading() as uow:
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
    with ports_of(office.application).new_reading() as uow:
        kept = uow.models.get("v1")
    assert (kept.threshold, kept.threshold_strategy) == (0.25, "fixed")
    assert kept.evaluation.metrics["recall"].value == 1600 / 1869


def test_the_page_offers_a_balanced_threshold_to_an_older_version(office: Office) -> None:
    keep(office, champion(id="v1"))
    browser = office.browser(Role.MANAGER)
    assert "As many customers as leave" in browser.get("/models/v1").get_data(as_text=True)

    answer = browser.post("/models/v1/threshold", {"strategy": "balanced"})

    assert answer.headers["Location"] == "/models/v1"
    with ports_of(office.application).new_reading() as uow:
        kept = uow.models.get("v1")
    assert (kept.threshold, kept.threshold_strategy) == (0.5, "balanced"), "1,500 labelled is nearest to 1,869"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"strategy": "fixed", "target": "12.5"}, "A fixed value is a whole percentage"),
        ({"strategy": "share"}, "needs a percentage"),
        ({"strategy": "share", "target": "many"}, "Not a valid decimal value"),
        ({"strategy": "luck"}, "Not a valid choice"),
    ],
)
def test_an_invalid_threshold_is_rejected_next_to_its_field(office: Office, asked: dict[str, str], words: str) -> None:
    keep(office, champion(id="v1"))

    answer = office.browser(Role.MANAGER).post("/models/v1/threshold", asked)

    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    with ports_of(office.application).new_reading() as uow:
        assert uow.models.get("v1").threshold_strategy == "profit"


def test_the_page_says_which_model_was_champion_on_a_day(office: Office) -> None:
    keep(office, champion(id="v1"), a_version(id="v2"))
    browser = office.browser(Role.MANAGER)
    browser.post("/models/v2/promote", {"reason": "newer months"})

    later = browser.get("/models?on=2199-01-31").get_data(as_text=True)
    assert '<span class="strong">v2</span> was the champion' in later
    assert "there was no champion yet" in browser.get("/models?on=1999-01-31").get_data(as_text=True)
    assert "Not a valid date" in browser.get("/models?on=31.1.1999").get_data(as_text=True)


def test_a_version_shows_every_chart_with_its_finding(office: Office) -> None:
    keep(office, champion(id="v1", algorithm=Algorithm.XGBOOST))
    page = office.browser(Role.VIEWER).get("/models/v1").get_data(as_text=True)

    for chart in ("accuracy", "log-loss", "roc", "precision-recall", "calibration", "lift", "gain", "profit"):
        assert f'<template id="{chart}-chart">' in page
    assert all(label.strip() for label in re.findall(r'<canvas[^>]*aria-label="([^"]*)"', page))
    assert "Known limits" in page
    assert "It is only known once a customer has left." in page
    assert "22 duplicate rows were counted once." in page


def test_a_model_without_rounds_whose_files_are_missing_says_that_there_is_no_curve(office: Office) -> None:
    keep(office, champion(id="v1", evaluation=replace(an_evaluation(), rounds=None)))
    page = office.browser(Role.VIEWER).get("/models/v1").get_data(as_text=True)

    assert "This kind of model learns in one step," in page
    assert "log-loss-chart" not in page
    assert "curve-chart" not in page


def test_a_model_without_a_baseline_is_compared_with_none(office: Office) -> None:
    keep(office, champion(id="v1"), a_version(id="v2", evaluation=replace(an_evaluation(), baseline=None)))
    browser = office.browser(Role.VIEWER)

    for path in ("/models/{}", "/models/{}/card", "/models/{}/card?format=md"):
        with_one, without = (browser.get(path.format(own)).get_data(as_text=True) for own in ("v1", "v2"))
        assert re.search(r"(>|\| )Logistic(<| \|)", with_one)
        assert not re.search(r"(>|\| )Logistic(<| \|)", without)
    assert "There is no baseline" in browser.get("/models/v2").get_data(as_text=True)


def test_unseen_months_are_compared_with_what_was_expected(office: Office) -> None:
    keep(office, champion(id="v1"))
    browser = office.browser(Role.VIEWER)
    page, card, markdown = (
        browser.get(path).get_data(as_text=True)
        for path in ("/models/v1", "/models/v1/card", "/models/v1/card?format=md")
    )

    for text in (page, card, markdown):
        assert "Forward in time the model expects 1.7 points too many: 25.7% instead of 24.0%." in text
    assert "| 2026-09 | 600 | 26.8% | 22.9% to 30.6% | 25.0% | 28.6% |" in markdown
    cells = re.findall(r">([^<>]+)</t[dh]>", page[page.index(">2026-10</th>") :])[:5]
    assert cells == ["2026-10", "610", "24.6%", "20.6% to 28.7%", "23.0%"]
    in_fold = page[page.index("For analysts") :]
    cells = re.findall(r">([^<>]+)</t[dh]>", in_fold[in_fold.index(">2026-10</th>") :])[:4]
    assert cells == ["2026-10", "24.6%", "27.9%", "23.0%"]
    assert ">Random folds</th>" in page


def test_a_version_of_an_earlier_release_shows_its_last_month(office: Office) -> None:
    earlier = replace(an_evaluation(), months=(), random_folds=None)
    keep(office, champion(id="v1", evaluation=earlier))
    page = office.browser(Role.VIEWER).get("/models/v1").get_data(as_text=True)

    assert ">Last month</th>" in page
    assert "the last test trains on earlier months and predicts the last" in page
    assert "Forward in time" not in page


def test_a_version_with_minimal_records_opens(office: Office) -> None:
    bare = replace(
        an_evaluation(),
        rounds=None,
        baseline=None,
        segments=(),
        thresholds=(),
        out_of_time=None,
        calibration=(),
        months=(),
        random_folds=None,
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


@pytest.mark.parametrize("address", ["/models/v1", "/models/v1/card", "/models/v1/card?format=md"])
def test_accuracy_stands_next_to_that_of_saying_that_everybody_stays(office: Office, address: str) -> None:
    keep(office, champion(id="v1", threshold_strategy="balanced"))

    page = office.browser(Role.VIEWER).get(address).get_data(as_text=True)

    assert "It is right for 74.9% of customers; saying that everybody stays would be right for 73.5%." in page
    assert "as many customers as leave" in page.lower()


def test_the_model_card_can_be_downloaded_as_markdown(office: Office) -> None:
    keep(office, champion(id="v1"))
    answer = office.browser(Role.VIEWER).get("/models/v1/card?format=md")

    assert answer.mimetype == "text/markdown"
    assert 'filename="model-card-v1.md"' in answer.headers["Content-Disposition"]
    text = answer.get_data(as_text=True)
    assert text.startswith("# Model card: Model v1")
    assert "| AUC | 0.850 | 0.840–0.860 | 0.835 |" in text
    assert "## Limits" in text


def test_pages_of_a_model_list_segments_from_fifty_customers(office: Office) -> None:
    segments = (
        SegmentQuality("Contract", "Too small", 49, 20, 0.4, None),
        SegmentQuality("Contract", "Large enough", 50, 20, 0.35, 0.7),
    )
    keep(office, champion(id="v1", evaluation=replace(an_evaluation(), segments=segments)))
    browser = office.browser(Role.VIEWER)

    for address in ("/models/v1", "/models/v1/card"):
        page = browser.get(address).get_data(as_text=True)
        assert re.findall(r'</span>\s+(Too small|Large enough)\s*</th>\s*<td class="num off">(\d+)', page) == [
            ("Large enough", "50")
        ]
        assert re.search(r'Large enough\s*</th>.*?<td class="num off">40.0%</td>', page, re.DOTALL)
        assert "nder 50 customers left out" in page
        assert "Only 49 customers had contract Too small" in page


def test_a_model_no_better_than_chance_says_so_before_everything_else(office: Office) -> None:
    chance = {"auc": Metric(0.512, 0.478, 0.546)}
    evaluation = an_evaluation(metrics=an_evaluation().metrics | chance)
    keep(office, champion(id="v1"), a_model_version(id="v2", evaluation=evaluation))
    browser = office.browser(Role.MANAGER)

    def text(address: str) -> str:
        return " ".join(re.sub(r"<[^>]+>", "", browser.get(address).get_data(as_text=True)).split())

    page = text("/models/v2")
    assert "It is no better than chance: it does not tell the customers who leave from those who stay." in page
    assert "Do not use it to choose whom to contact." in page
    assert "AUC 0.512, 95% interval 0.478 to 0.546; a coin toss has 0.5" in page
    assert "Of 100 customers it calls likely to leave" not in page
    assert "It is no better than chance" not in text("/models/v1")


def test_a_version_says_what_it_is_made_of_and_what_scoring_costs(office: Office) -> None:
    member = "60% LightGBM: rounds 90, max leaves 31"
    parameters = {"members": "2", "member_1": member, "microseconds_per_customer": "34"}
    keep(office, champion(id="v1"), replace(a_version(id="v2"), algorithm=Algorithm.XGBOOST, parameters=parameters))

    page = re.sub(r"\s+", " ", office.browser(Role.ANALYST).get("/models/v2").get_data(as_text=True))

    assert "Boosted trees" in page
    assert "34 µs per customer, reasons included: a million take 34 s" in page
    assert member in page


def test_the_note_that_the_starter_model_comes_looks_again_until_it_is_there(office: Office) -> None:
    page = office.browser(Role.ANALYST).get("/predictions/new").get_data(as_text=True)
    assert "a file that you send now is scored as soon as it is ready" in page
    assert page.count('hx-trigger="every 2s"') == page.count('hx-select="#model_note"') == 1
    keep(office, champion())
    ready = office.browser(Role.ANALYST).get("/predictions/new").get_data(as_text=True)
    assert "every 2s" not in ready
    assert 'id="model_note"' in ready


def test_the_champions_page_leads_to_scoring_a_file_with_it(office: Office) -> None:
    keep(office, champion(id="v1"), a_version(id="v2"))
    analyst = office.browser(Role.ANALYST)
    page = analyst.get("/models/v1").get_data(as_text=True)
    assert re.search(r'<a class="btn btn-primary" href="/predictions/new">.*?Score a file with it</a>', page)
    assert "Score a file with it" not in analyst.get("/models/v2").get_data(as_text=True)
    assert "Score a file with it" not in office.browser(Role.VIEWER).get("/models/v1").get_data(as_text=True)
