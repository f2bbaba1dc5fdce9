"""Demanded directions hold for stored models after loading, by the product's own scoring."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from adapters.ml.detection.labelled_file import detect
from adapters.ml.registry.registry import FileModelRegistry
from adapters.ml.scoring.encoding import PREFIX
from adapters.ml.scoring.scoring_model import ScoringModel
from adapters.ml.training.calibration import Calibrated
from adapters.ml.training.cross_fitting import cross_fit_linear, cross_fit_trees
from adapters.ml.training.demands import kept_demands, must_keep_demands
from adapters.ml.training.ensemble import EnsemblePlan, Part, cross_fit_plan, of_plan
from adapters.ml.training.learning_data import LearningData, arrow_batch, learning_data
from adapters.ml.training.linear import LinearModel, Term
from adapters.ml.training.logistic_trainer import LogisticTrainer
from adapters.ml.training.neural_trainer import NeuralTrainer
from adapters.ml.training.quality_metrics import error_of_mean
from adapters.ml.training.validation import evaluation_divisions
from adapters.ml.training.xgboost_trainer import XGBoostTrainer
from application.ports.columns import CustomerBatch
from application.ports.models import Scorer, ThresholdChoice, TrainedModel
from domain.curve_demand import CurveDemand, Direction, KeptDemands
from domain.errors import InvalidInput
from domain.model import Algorithm, Effort
from domain.training import TrainingRequest
from tests.builders import a_model_version
from tests.unit.ml.blending import MEMBERS, BlendTrainer
from tests.unit.ml.files import a_table, customers, monthly_customers

TRAINERS: dict[str, Any] = {"boosted": XGBoostTrainer, "blend": BlendTrainer, "logistic": LogisticTrainer}
NATURAL = (CurveDemand("monthly charges", Direction.NEVER_LOWERS), CurveDemand("tenure", Direction.NEVER_RAISES))
"""What the customers of the file do anyway. The first name is written as a person may type it."""
REVERSED = (CurveDemand("MonthlyCharges", Direction.NEVER_RAISES), CurveDemand("tenure", Direction.NEVER_LOWERS))
SIGNS = {"MonthlyCharges": 1, "tenure": -1}
"""Of the natural demands."""


def trained(trainer: Any, columns: Any, demands: tuple[CurveDemand, ...]) -> TrainedModel:
    request = TrainingRequest(effort=Effort.LOW, seed=11, demands=demands)
    return trainer().train(a_table(columns), request, ThresholdChoice(), progress=lambda _: None)


@functools.cache
def model_of(kind: str, demands: tuple[CurveDemand, ...]) -> TrainedModel:
    return trained(TRAINERS[kind], customers(), demands)


def loaded(folder: Path, model: TrainedModel) -> Scorer:
    """The model as it is read from its files."""
    FileModelRegistry(folder).save(a_model_version(id="v1", schema=model.schema), model)
    return FileModelRegistry(folder).scorer("v1")


def raised(scorer: Scorer, column: str, rows: int = 40) -> tuple[CustomerBatch, int]:
    """Random customers, each with rising values of the column: over its range, a little above values, and beyond."""
    file = customers(rows, seed=77)
    values = np.array(sorted({*customers()[column][:60], *(customers()[column][:20] + 0.01), -50.0, 5000.0}))
    batch = arrow_batch(detect(a_table(customers(400, seed=77)), TrainingRequest())).slice(0, rows)
    draw = np.random.default_rng(3)
    columns = {}
    for name in batch.schema.names:
        own = batch.column(name)
        if pa.types.is_floating(own.type):
            own = pa.array(np.where(draw.random(rows) < 0.1, np.nan, own.to_numpy()), from_pandas=True)
        columns[name] = own.take(np.repeat(np.arange(rows), len(values)))
    columns[PREFIX + column] = pa.array(np.tile(values, len(file["Churn"])))
    repeated = pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))
    return CustomerBatch(repeated.num_rows, repeated), len(values)


def steps(scorer: Scorer, column: str) -> np.ndarray:
    """How the scored log-odds of each customer change from one value of the column to the next."""
    batch, values = raised(scorer, column)
    return np.diff(scorer.score(batch).margin.reshape(-1, values), axis=1)


ROUNDING = 2e-6
"""Of the float32 tables of reasons, in log-odds."""


@pytest.mark.parametrize("kind", TRAINERS)
@pytest.mark.parametrize(("demands", "turned"), [(NATURAL, 1), (REVERSED, -1)], ids=["natural", "reversed"])
def test_a_rise_never_breaks_a_demand(tmp_path: Path, kind: str, demands: tuple[CurveDemand, ...], turned: int) -> None:
    scorer = loaded(tmp_path, model_of(kind, demands))
    for column, sign in SIGNS.items():
        assert (turned * sign * steps(scorer, column)).min() >= -ROUNDING


@pytest.mark.parametrize("kind", TRAINERS)
def test_without_demands_the_same_training_breaks_them(tmp_path: Path, kind: str) -> None:
    scorer = loaded(tmp_path, model_of(kind, ()))
    assert min((sign * steps(scorer, column)).min() for column, sign in SIGNS.items()) < -0.01


@pytest.mark.parametrize("kind", TRAINERS)
def test_the_curve_is_not_flat_where_the_data_agree_with_the_demand(tmp_path: Path, kind: str) -> None:
    scorer = loaded(tmp_path, model_of(kind, NATURAL))
    for column, sign in SIGNS.items():
        assert (sign * steps(scorer, column)).sum(axis=1).mean() > 0.5


@pytest.mark.parametrize("kind", TRAINERS)
def test_contributions_still_add_up(tmp_path: Path, kind: str) -> None:
    scorer = loaded(tmp_path, model_of(kind, REVERSED))
    scored = scorer.score(raised(scorer, "tenure")[0])
    np.testing.assert_allclose(scored.base_value + scored.contributions.sum(axis=1), scored.margin, atol=2e-5)


@pytest.mark.parametrize("kind", TRAINERS)
def test_the_cost_is_that_of_held_out_customers(kind: str) -> None:
    natural, against = (model_of(kind, demands).evaluation.kept for demands in (NATURAL, REVERSED))
    assert natural is not None
    assert against is not None
    assert natural.demands[0] == CurveDemand("MonthlyCharges", Direction.NEVER_LOWERS)
    assert natural.is_within_chance
    assert natural.log_loss == pytest.approx(0.0, abs=0.01)
    assert not against.is_within_chance
    free = model_of(kind, ()).evaluation
    assert free.kept is None
    lost = model_of(kind, REVERSED).evaluation.metrics["log_loss"].value - free.metrics["log_loss"].value
    assert against.log_loss == pytest.approx(lost, abs=0.02)
    assert against.log_loss > 0.04
    assert 0.002 < against.standard_error < 0.03
    words = "Demanding that MonthlyCharges never raises the risk and that tenure never lowers the risk costs 0.0"
    assert any(note.startswith(words) for note in model_of(kind, REVERSED).notes)


@pytest.mark.parametrize("trainer", [BlendTrainer, LogisticTrainer])
def test_demands_hold_after_a_recalibration_on_months(tmp_path: Path, trainer: Any) -> None:
    model = trained(trainer, monthly_customers(each=100, months=3), REVERSED)
    assert len(model.evaluation.months) == 1
    assert model.evaluation.kept is not None
    assert model.evaluation.kept.log_loss > 0.02
    scorer = loaded(tmp_path, model)
    for column, sign in SIGNS.items():
        assert (-sign * steps(scorer, column)).min() >= -ROUNDING


@pytest.mark.parametrize("trainer", [XGBoostTrainer, LogisticTrainer])
@pytest.mark.parametrize("column", ["Churn", "customerID", "Contract", "SeniorCitizen", "nothing like it"])
def test_a_demand_on_no_number_is_refused_before_anything_is_learned(trainer: Any, column: str) -> None:
    request = TrainingRequest(demands=(CurveDemand(column, Direction.NEVER_LOWERS),))
    with pytest.raises(InvalidInput, match=column) as refused:
        trainer().recognise(a_table(customers()), request)
    assert refused.value.field == "never_lowers"


def test_the_neural_algorithm_refuses_a_demand() -> None:
    request = TrainingRequest(algorithm=Algorithm.NEURAL, demands=NATURAL)
    with pytest.raises(InvalidInput, match="cannot promise that monthly charges never lowers the risk"):
        NeuralTrainer().recognise(a_table(customers()), request)


def test_what_can_be_demanded_is_recognised() -> None:
    seen = XGBoostTrainer().recognise(a_table(customers()), TrainingRequest(demands=NATURAL))
    assert seen.numbers == ("tenure", "MonthlyCharges")
    assert [own.column for own in seen.demands] == ["MonthlyCharges", "tenure"]


@pytest.fixture(scope="module")
def data() -> LearningData:
    return learning_data(detect(a_table(customers()), TrainingRequest(demands=NATURAL)))


def rising(data: LearningData, *values: float) -> ScoringModel:
    """A model that adds a table's value for a number of 0, 1, 2 … months and nothing else."""
    place = data.vocabulary.names.index("tenure")
    terms = [Term() for _ in data.vocabulary.names]
    terms[place] = Term(table=(*values, *[values[-1]] * (80 - len(values))))
    return ScoringModel(data.vocabulary, linear=LinearModel(0.0, tuple(terms), (0.0,) * 5))


def test_the_comparison_is_fair_because_equal_data_give_equal_predictions(data: LearningData) -> None:
    """Log-odds from the evaluation are those of the cross-fit that it is compared with, to the bit."""
    divisions = evaluation_divisions(data, folds=3, repeats=2, seed=4)
    cross = cross_fit_trees(data, MEMBERS, divisions, seed=4, report=lambda _: None)
    splines = cross_fit_linear(data, cross.division, seed=4)
    held_out = Calibrated(cross.division, splines, splines, 1.0, 0.0)
    plan = EnsemblePlan(tuple(Part(own, 0.2, boosters=3) for own in MEMBERS), 0.2, held_out, 1.0, 1.0)
    again = cross_fit_plan(data, plan, cross.division, seed=4, report=lambda _: None)
    np.testing.assert_array_equal(of_plan(plan, MEMBERS, cross, splines), again)
    kept = kept_demands(data, cross.division, again, lambda *_: again)
    assert kept == KeptDemands(data.demands, 0.0, 0.0)


def test_the_error_of_the_cost_counts_customers_and_not_rows() -> None:
    """Two customers with two rows each: sums of −2 and 2 about the mean, so √8 ÷ 4."""
    values = np.array([0.0, 0.0, 2.0, 2.0])
    assert error_of_mean(values, np.array([7, 7, 9, 9])) == pytest.approx(0.70711, abs=1e-5)
    assert error_of_mean(values, np.array([1, 2, 3, 4])) == pytest.approx(0.5)


def test_a_model_that_breaks_a_demand_is_not_stored(data: LearningData) -> None:
    assert data.directions == (0, -1, 0, 0, 1)
    must_keep_demands(data, rising(data, 1.0, 0.5, 0.5, 0.2), seed=1)
    with pytest.raises(RuntimeError, match="does not keep the direction of tenure"):
        must_keep_demands(data, rising(data, 1.0, 0.5, 0.6, 0.2), seed=1)
