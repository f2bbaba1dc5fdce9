"""What every trainer promises; the fake keeps it too, so that use-case tests mean something."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from adapters.ml.detection.labelled_file import detect
from adapters.ml.registry.registry import FileModelRegistry
from adapters.ml.training.learning_data import arrow_batch
from adapters.ml.training.logistic_trainer import LogisticTrainer
from adapters.ml.training.neural_trainer import NeuralTrainer
from adapters.ml.training.xgboost_trainer import XGBoostTrainer
from application.ports.columns import CustomerBatch
from application.ports.models import Scorer, ThresholdChoice, TrainedModel, Trainer
from domain.customer import Customer, CustomerId
from domain.economics import ThresholdStrategy
from domain.errors import Cancelled, InvalidInput
from domain.model import Effort
from domain.progress import Progress
from domain.schema import ColumnKind
from domain.training import TrainingRequest
from tests.builders import a_model_version
from tests.fakes.models import FIGURES, FakeTrainer, InMemoryModelRegistry
from tests.keras_needed import needs_keras
from tests.unit.ml.blending import BlendTrainer
from tests.unit.ml.files import a_table, customers, monthly_customers

TRAINERS: dict[str, Any] = {
    "xgboost": XGBoostTrainer,
    "blend": BlendTrainer,
    "logistic": LogisticTrainer,
    "neural": NeuralTrainer,
    "fake": FakeTrainer,
}
REQUEST = TrainingRequest(effort=Effort.LOW, seed=11)


@functools.cache
def trained(kind: str) -> TrainedModel:
    return TRAINERS[kind]().train(a_table(customers()), REQUEST, ThresholdChoice(), progress=lambda _: None)


@pytest.fixture(params=[pytest.param(kind, marks=needs_keras if kind == "neural" else ()) for kind in TRAINERS])
def kind(request: Any) -> str:
    return str(request.param)


@pytest.fixture
def trainer(kind: str) -> Trainer:
    return TRAINERS[kind]()


@pytest.fixture
def model(kind: str) -> TrainedModel:
    return trained(kind)


@functools.cache
def trained_on_months(kind: str) -> TrainedModel:
    table = a_table(monthly_customers(each=100, months=3))
    return TRAINERS[kind]().train(table, REQUEST, ThresholdChoice(), progress=lambda _: None)


@pytest.fixture
def monthly(kind: str) -> TrainedModel:
    if kind == "fake":
        pytest.skip("the fake knows no months")
    return trained_on_months(kind)


@pytest.fixture
def scorer(kind: str, model: TrainedModel, tmp_path: Any) -> Scorer:
    registry = InMemoryModelRegistry() if kind == "fake" else FileModelRegistry(tmp_path)
    registry.save(a_model_version(id="v1", schema=model.schema, algorithm=model.algorithm), model)
    return registry.scorer("v1")


def the_batch() -> CustomerBatch:
    table = a_table(customers())
    return CustomerBatch(table.rows, arrow_batch(detect(table, REQUEST)))


def test_a_file_is_recognised_before_training(trainer: Trainer) -> None:
    seen = trainer.recognise(a_table(customers()), REQUEST)
    assert (seen.target, seen.positive, seen.negative, seen.id_column) == ("Churn", "Yes", "No", "customerID")
    assert seen.attributes == ("SeniorCitizen", "tenure", "Contract", "Internet", "MonthlyCharges")
    assert [own.column for own in seen.left_out] == ["customerID"]
    assert (seen.rows, seen.churned) == (400, int((customers()["Churn"] == "Yes").sum()))


def test_a_model_records_its_training_data(model: TrainedModel) -> None:
    assert (model.rows, model.evaluation.customers) == (400, 400)
    assert model.churned == model.evaluation.churned == int((customers()["Churn"] == "Yes").sum())
    schema = model.schema
    assert (schema.id_column, schema.target_column, schema.positive_value) == ("customerID", "Churn", "Yes")
    assert (schema.tenure_column, schema.revenue_column) == ("tenure", "MonthlyCharges")
    assert schema.column("Contract").levels == ("Month-to-month", "One year", "Two year")
    assert schema.column("tenure").kind is ColumnKind.NUMERIC
    assert (schema.column("tenure").minimum, schema.column("tenure").maximum) == (0.0, 72.0)
    assert all(0.0 <= column.importance <= 1.0 for column in schema.columns)


def test_every_figure_of_an_evaluation_is_filled(model: TrainedModel) -> None:
    assert set(model.evaluation.metrics) == set(FIGURES.split())
    assert model.evaluation.method
    assert 0.0 <= model.threshold <= 1.0
    assert model.threshold == model.evaluation.threshold


def test_a_file_with_months_is_tested_on_unseen_ones(monthly: TrainedModel) -> None:
    evaluation = monthly.evaluation
    assert [(own.month, own.customers) for own in evaluation.months] == [("2026-03", 100)]
    assert evaluation.customers == evaluation.confusion.total == 100
    assert evaluation.churned == evaluation.months[0].churned
    expected = sum(own.predicted * own.customers for own in evaluation.calibration)
    assert evaluation.months[0].expected == pytest.approx(expected)
    assert evaluation.random_folds is not None
    assert evaluation.random_folds.customers == 300
    assert set(evaluation.random_folds.metrics) == set(FIGURES.split())
    assert evaluation.method.startswith("one unseen month: every customer of 2026-03 is scored by models")


def test_a_recalibrated_model_adds_up_and_says_what_was_done(monthly: TrainedModel) -> None:
    scoring = monthly.artefact.model
    batch = arrow_batch(detect(a_table(monthly_customers(each=100, months=3)), REQUEST))
    contributions, margins = scoring.explain(scoring.vocabulary.codes(batch))
    np.testing.assert_allclose(scoring.base_value + contributions.sum(axis=1), margins, atol=1e-9)
    words = "\n".join(monthly.notes)
    assert "Forward in time the model expects " in words
    assert "2026-03, the newest month with outcomes" in words
    assert "Over one unseen month, the expected churn was off by " in words


def test_a_file_of_two_months_is_tested_by_random_folds(trainer: Trainer) -> None:
    table = a_table(monthly_customers(each=200, months=2))
    trained = trainer.train(table, REQUEST, ThresholdChoice(), progress=lambda _: None)
    assert (trained.evaluation.customers, trained.evaluation.months) == (400, ())
    assert trained.evaluation.random_folds is None


def test_a_model_is_not_its_own_baseline(model: TrainedModel) -> None:
    baseline = model.evaluation.baseline
    assert baseline is None or baseline["auc"] != model.evaluation.metrics["auc"]


def test_contributions_add_up_to_the_margin_and_the_margin_to_the_probability(scorer: Scorer) -> None:
    scored = scorer.score(the_batch())
    assert scored.rows == 400
    assert (scored.probability.dtype, scored.contributions.dtype) == (np.float64, np.float32)
    assert scored.contributions.shape == (400, 5)
    np.testing.assert_allclose(scored.base_value + scored.contributions.sum(axis=1), scored.margin, atol=2e-5)
    np.testing.assert_allclose(scored.probability, 1 / (1 + np.exp(-scored.margin)), atol=1e-12)


def test_exact_scores_add_up_and_are_those_that_are_rounded(scorer: Scorer) -> None:
    scored, exact = scorer.score(the_batch()), scorer.exact(the_batch())
    np.testing.assert_array_equal(exact.margin, scored.margin)
    np.testing.assert_allclose(scored.base_value + exact.contributions.sum(axis=1), exact.margin, atol=1e-12)
    np.testing.assert_array_equal(exact.contributions.astype(np.float32), scored.contributions)


def test_reasons_are_the_strongest_of_each_kind(scorer: Scorer) -> None:
    scored = scorer.score(the_batch())
    assert scored.raises.dtype == scored.lowers.dtype == np.int16
    assert scored.raises.shape == scored.lowers.shape == (400, 3)
    for row in range(0, 400, 37):
        own = scored.contributions[row]
        positive = [int(place) for place in np.argsort(-own, kind="stable") if own[place] > 0][:3]
        assert scored.raises[row].tolist() == positive + [-1] * (3 - len(positive))


def test_one_customer_explained_has_the_same_numbers_to_the_bit(scorer: Scorer) -> None:
    scored = scorer.score(the_batch())
    raw = customers()
    for row in (0, 13, 399):
        attributes = {
            name: float(raw[name][row])
            if scorer.schema.column(name).kind is ColumnKind.NUMERIC
            else str(raw[name][row])
            for name in scorer.schema.names
        }
        explained = scorer.explain(Customer(CustomerId("x"), row + 1, attributes))
        assert explained.probability == scored.probability[row]
        assert explained.base_value == scored.base_value
        shares = {reason.attribute: reason.contribution for reason in explained.reasons}
        assert [np.float32(shares[name]) for name in scorer.schema.names] == scored.contributions[row].tolist()
        strengths = [abs(reason.contribution) for reason in explained.reasons]
        assert strengths == sorted(strengths, reverse=True)


def test_an_unknown_level_and_a_missing_value_score(scorer: Scorer) -> None:
    for level in ("a contract nobody had", None):
        customer = Customer(CustomerId("x"), 1, {"Contract": level, "tenure": 3.0})
        assert 0.0 < scorer.explain(customer).probability < 1.0


def test_curves_are_those_of_the_attributes(scorer: Scorer) -> None:
    for curve in scorer.curves():
        column = scorer.schema.column(curve.attribute)
        if column.kind.is_number:
            assert (curve.numbers[0][0], curve.numbers[-1][0], curve.levels) == (column.minimum, column.maximum, ())
        else:
            assert {level for level, _ in curve.levels} <= set(column.levels)


def test_a_fixed_threshold_is_kept(trainer: Trainer) -> None:
    choice = ThresholdChoice(ThresholdStrategy.FIXED, target=0.4)
    trained = trainer.train(a_table(customers()), REQUEST, choice, progress=lambda _: None)
    assert trained.threshold == 0.4


def test_a_file_without_a_target_is_refused_in_one_sentence(trainer: Trainer) -> None:
    columns = {name: values for name, values in customers().items() if name != "Churn"}
    with pytest.raises(InvalidInput, match="no column that says who left"):
        trainer.train(a_table(columns), REQUEST, ThresholdChoice(), progress=lambda _: None)


def test_progress_is_reported_in_words_and_its_callback_may_cancel(trainer: Trainer) -> None:
    reported: list[Progress] = []

    def cancel(progress: Progress) -> None:
        reported.append(progress)
        raise Cancelled

    with pytest.raises(Cancelled):
        trainer.train(a_table(customers()), REQUEST, ThresholdChoice(), progress=cancel)
    assert reported[0].words == "Looking at the columns"
