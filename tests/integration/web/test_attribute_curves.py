"""The curves of an additive model on its page."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from adapters.ml.training.logistic_trainer import LogisticTrainer
from application.ports.models import ThresholdChoice
from bench.ports import ports_of
from domain.account import Role
from domain.model import Algorithm, Effort
from domain.training import TrainingRequest
from tests.integration.web.conftest import Office
from tests.integration.web.stored_models import champion, keep
from tests.unit.ml.files import a_table, customers


@pytest.fixture
def logistic(office: Office) -> Office:
    """An installation whose champion is a small logistic model."""
    request = TrainingRequest(effort=Effort.LOW, seed=11)
    model = LogisticTrainer().train(a_table(customers(200)), request, ThresholdChoice(), progress=lambda _: None)
    version = champion(
        id="v1", algorithm=Algorithm.LOGISTIC, schema=model.schema, evaluation=replace(model.evaluation, rounds=None)
    )
    keep(office, version)
    ports_of(office.application).registry.save(version, model)
    return office


def test_the_page_draws_the_strongest_attribute_and_offers_all_others(logistic: Office) -> None:
    page = logistic.browser(Role.VIEWER).get("/models/v1").get_data(as_text=True)

    assert '<template id="curve-chart">' in page
    offered = re.findall(r'<option value="(\w+)"', page[page.index('id="attribute_curve"') :])
    assert set(offered) == {"SeniorCitizen", "tenure", "Contract", "Internet", "MonthlyCharges"}
    assert "What contract adds to the risk" in page
    assert "The odds of leaving are multiplied by" in page


def test_another_attribute_replaces_the_chart_alone(logistic: Office) -> None:
    answer = logistic.browser(Role.VIEWER).get("/models/v1?attribute=tenure", headers={"HX-Request": "true"})
    part = answer.get_data(as_text=True)

    assert part.lstrip().startswith('<section class="panel span-8" id="attribute_curve">')
    assert re.search(r'<option value="tenure" selected>', part)
    assert "roc-chart" not in part


def test_an_unknown_attribute_shows_the_strongest_one(logistic: Office) -> None:
    page = logistic.browser(Role.VIEWER).get("/models/v1?attribute=<script>").get_data(as_text=True)

    assert re.search(r'<option value="Contract" selected>', page)
    assert "<script>&" not in page


def test_a_model_of_trees_has_no_curves(office: Office) -> None:
    keep(office, champion(id="v1", algorithm=Algorithm.XGBOOST))

    assert "curve-chart" not in office.browser(Role.VIEWER).get("/models/v1?attribute=x").get_data(as_text=True)
