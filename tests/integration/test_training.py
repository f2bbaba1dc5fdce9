"""Trainings as a whole: the same seed, months, leaks, and the real file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from adapters.ml.registry.registry import FileModelRegistry
from adapters.ml.sample_customers import MadeUpCustomers
from adapters.ml.training import quality_metrics
from adapters.ml.training.evaluation import figures_with_intervals
from adapters.ml.training.linear import scoring_microseconds
from adapters.ml.training.logistic_trainer import LogisticTrainer
from adapters.ml.training.xgboost_trainer import XGBoostTrainer
from application.ports.columns import CustomerBatch
from application.ports.models import ThresholdChoice, TrainedModel, Trainer
from bench.contestants import batch_of
from domain.evaluation import Metric
from domain.forward_validation import mean_error, mean_error_before
from domain.intervals import Z_95
from domain.model import Effort
from domain.training import TrainingRequest
from tests.builders import a_model_version
from tests.unit.ml.blending import BlendTrainer
from tests.unit.ml.files import a_table, customers, ibm_telco, monthly_customers


def train(columns: Any, *, trainer: Trainer | None = None, progress: Any = None, **request: Any) -> TrainedModel:
    asked = TrainingRequest(**({"effort": Effort.LOW, "seed": 5} | request))
    report = progress or (lambda _: None)
    return (trainer or XGBoostTrainer()).train(a_table(columns), asked, ThresholdChoice(), progress=report)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("trainer", [XGBoostTrainer, BlendTrainer, LogisticTrainer])
def test_equal_seeds_give_identical_files_and_other_seeds_do_not(tmp_path: Path, trainer: Any) -> None:
    registry = FileModelRegistry(tmp_path)
    for version, seed in (("v1", 5), ("v2", 5), ("v3", 6)):
        model = train(customers(200), trainer=trainer(), seed=seed)
        registry.save(a_model_version(id=version, schema=model.schema), model)
    one, again, other = (files_of(tmp_path / version) for version in ("v1", "v2", "v3"))
    assert one == again
    assert one != other


def test_months_are_tested_forward_in_time_and_keep_customers_together() -> None:
    model = train(monthly_customers(each=100, months=4))
    assert model.schema.month_column == "SnapshotMonth"
    assert "SnapshotMonth" not in model.schema.names
    assert any(note.endswith("no test learns from the customers it tests.") for note in model.notes)
    assert [own.month for own in model.evaluation.months] == ["2026-03", "2026-04"]
    assert 0.5 < model.evaluation.metrics["auc"].value < 1.0


def test_months_with_too_few_leavers_are_tested_by_random_folds_and_say_so() -> None:
    model = train(monthly_customers(each=40, months=5))
    assert model.evaluation.months == ()
    assert model.evaluation.method.startswith("5-fold cross-validation: ")
    assert "Too few customers left for a test forward in time: it needs two months with 20 leavers each." in (
        model.notes
    )


@pytest.mark.parametrize("trainer", [XGBoostTrainer, BlendTrainer, LogisticTrainer])
def test_equal_seeds_give_equal_models_of_months(trainer: Any) -> None:
    one, again = (train(monthly_customers(each=80, months=3), trainer=trainer()) for _ in range(2))
    assert one.evaluation == again.evaluation
    assert one.parameters == again.parameters


def drifting(folder: Path, *, seed: int, drift: float, rows: int) -> pd.DataFrame:
    path = folder / f"{seed}.csv"
    MadeUpCustomers().write(path, rows=rows, seed=seed, months=12, drift=drift)
    return pd.read_csv(path, dtype=str, keep_default_na=False)


@pytest.mark.slow
@pytest.mark.parametrize("trainer", [XGBoostTrainer, LogisticTrainer])
def test_where_churn_falls_recalibration_halves_the_error_of_the_expected_count(tmp_path: Path, trainer: Any) -> None:
    model = train(drifting(tmp_path, seed=3, drift=-0.1, rows=7200), trainer=trainer())
    evaluation = model.evaluation
    assert [own.month for own in evaluation.months] == ["2026-08", "2026-09", "2026-10"]
    assert mean_error_before(evaluation.months) > 0.05
    assert mean_error(evaluation.months) < mean_error_before(evaluation.months) / 2
    assert all(own.is_as_expected for own in evaluation.months)
    random = evaluation.random_folds
    assert random is not None
    assert abs(random.expected - random.churned) / random.customers < 0.005, "random folds look too good"


@pytest.mark.slow
def test_where_nothing_drifts_recalibration_costs_less_than_a_standard_error(tmp_path: Path) -> None:
    evaluation = train(drifting(tmp_path, seed=1, drift=0.0, rows=7200), trainer=LogisticTrainer()).evaluation
    chance = [(own.high - own.low) / (2 * Z_95) / own.customers for own in evaluation.months]
    assert mean_error(evaluation.months) < mean_error_before(evaluation.months) + max(chance)


def test_intervals_are_wider_where_a_customer_has_several_rows() -> None:
    once = customers(120)
    rows = np.repeat(np.arange(120), 5)
    often = {name: np.asarray(values)[rows] for name, values in once.items()}
    one, several = (
        metrics_with_intervals(np.asarray(own["tenure"]), np.asarray(own["Churn"]) == "Yes", groups)
        for own, groups in ((once, np.arange(120)), (often, rows))
    )
    narrow = metrics_with_intervals(np.asarray(often["tenure"]), np.asarray(often["Churn"]) == "Yes", None)
    assert width(several) == pytest.approx(width(one), rel=0.2)
    assert width(narrow) < 0.6 * width(several)


def metrics_with_intervals(tenure: Any, churned: Any, groups: Any) -> Metric:
    probability = quality_metrics.sigmoid(-0.05 * tenure)
    return figures_with_intervals(probability, churned, 0.3, folds=None, seed=1, groups=groups)["auc"]


def width(metric: Metric) -> float:
    assert metric.low is not None
    assert metric.high is not None
    return metric.high - metric.low


def test_progress_reports_every_step_in_words() -> None:
    reported: list[str] = []
    train(customers(200), progress=lambda progress: reported.append(progress.words))
    for step in (
        "Looking at the columns",
        "Trying settings 1 of 3",
        "Checking on customers it has not seen, part 2 of 5",
        "Learning from all customers",
    ):
        assert step in reported


def test_an_evaluation_is_complete_and_consistent() -> None:
    evaluation = train(customers()).evaluation
    assert evaluation.baseline is not None
    assert evaluation.rounds is not None
    assert evaluation.confusion.total == 400
    assert evaluation.metrics["accuracy"].value == pytest.approx(evaluation.confusion.accuracy)
    assert evaluation.metrics["f1"].value == pytest.approx(evaluation.confusion.f1)
    for name, metric in evaluation.metrics.items():
        assert metric.low is not None, name
        assert metric.low <= metric.value <= metric.high, name
    for curve in (evaluation.roc, evaluation.precision_recall, evaluation.gain, evaluation.lift, evaluation.profit):
        assert 2 <= len(curve.x) <= 200
        assert list(curve.x) == sorted(curve.x)
    assert (evaluation.roc.x[-1], evaluation.roc.y[-1], evaluation.gain.y[-1]) == (1.0, 1.0, 1.0)
    assert evaluation.lift.y[0] == pytest.approx(evaluation.metrics["lift_10"].value)
    assert sum(own.customers for own in evaluation.calibration) == 400
    assert {own.strategy for own in evaluation.thresholds} == {
        "balanced",
        "profit",
        "f1",
        "share",
        "fixed",
    }
    profit = {own.strategy: own.profit for own in evaluation.thresholds}
    assert profit["profit"] == max(profit.values())
    assert len(evaluation.rounds.rounds) <= 150
    assert evaluation.rounds.training_log_loss[-1] < evaluation.rounds.training_log_loss[0]


LEAVERS = 1498
"""Customers who left among those of the real file that are learned from."""


def _held_out(frame: pd.DataFrame) -> Any:
    """A seeded fifth of the customers."""
    return np.random.default_rng(20).random(len(frame)) < 0.2


@pytest.fixture(scope="module")
def of_the_real_file() -> TrainedModel:
    """Learned from four fifths of the file."""
    frame = ibm_telco()
    return train(frame[~_held_out(frame)].reset_index(drop=True))


@pytest.mark.slow
def test_the_real_file_is_ranked_and_calibrated_on_customers_held_out(of_the_real_file: TrainedModel) -> None:
    from scipy.stats import binom

    model, frame = of_the_real_file, ibm_telco()
    unseen = frame[_held_out(frame)].reset_index(drop=True)
    scoring = model.artefact.model
    codes = scoring.vocabulary.codes(batch_of(model.schema, unseen))
    probability = quality_metrics.sigmoid(scoring.explain(codes)[1])
    churned = (unseen["Churn"] == "Yes").to_numpy()
    assert quality_metrics.auc(probability, churned) >= 0.84
    assert model.evaluation.metrics["auc"].value >= 0.845
    assert model.evaluation.metrics["ece"].value <= 0.016
    for rows in quality_metrics.equal_count_bins(probability, 10):
        low, high = binom.interval(0.999, len(rows), probability[rows].mean())
        assert low <= churned[rows].sum() <= high


@pytest.mark.slow
def test_labels_of_the_real_file_agree_with_its_expected_churn(of_the_real_file: TrainedModel) -> None:
    """Out of fold: as many customers are labelled as are expected to leave, and most labels are right."""
    evaluation = of_the_real_file.evaluation
    expected = sum(own.predicted * own.customers for own in evaluation.calibration) / evaluation.customers
    assert evaluation.confusion.labelled / evaluation.customers == pytest.approx(expected, abs=0.01)
    assert evaluation.confusion.labelled == pytest.approx(LEAVERS, abs=5), "as many as left"
    assert evaluation.metrics["precision"].value == pytest.approx(evaluation.metrics["recall"].value, abs=0.002)
    assert evaluation.metrics["accuracy"].value >= 0.79


@pytest.mark.slow
def test_leaks_in_the_real_file_are_named_and_leave_the_figures_unchanged(of_the_real_file: TrainedModel) -> None:
    everybody = ibm_telco()
    frame = everybody[~_held_out(everybody)].reset_index(drop=True)
    left = (frame["Churn"] == "Yes").to_numpy()
    draw = np.random.default_rng(2)
    leaking = frame.assign(
        Account_State=np.where(left ^ (draw.random(len(frame)) < 0.02), "B", "A"),
        Closing_Remark=np.where(
            left & (draw.random(len(frame)) < 0.8), draw.choice(["price", "moved"], len(frame)), ""
        ),
    )
    model = train(leaking)
    out = {own.column: own.why for own in model.left_out}
    assert "gives the answer away" in out["Account_State"]
    assert "only filled for customers who left" in out["Closing_Remark"]
    assert model.evaluation.metrics["auc"] == of_the_real_file.evaluation.metrics["auc"]


@pytest.mark.slow
def test_where_interactions_decide_several_models_are_combined_and_reasons_add_up() -> None:
    from bench.churn_shapes import interactions

    model = train(interactions(rows=700), effort=Effort.NORMAL)
    assert int(model.parameters["boosters"]) > 1
    batch = batch_of(model.schema, interactions(rows=500, seed=9))
    scoring = model.artefact.model
    contributions, margins = scoring.explain(scoring.vocabulary.codes(batch))
    np.testing.assert_allclose(scoring.base_value + contributions.sum(axis=1), margins, atol=1e-9)
    assert CustomerBatch(500, batch).rows == len(margins)


def test_a_blend_says_what_it_is_made_of_and_what_it_costs() -> None:
    model = train(customers(200), trainer=BlendTrainer())
    assert model.parameters["members"] == "4"
    assert model.parameters["member_1"].startswith("20% XGBoost: rounds 12, max depth 2, learning rate 0.08, ")
    assert model.parameters["member_4"].startswith("20% LightGBM, random thresholds: rounds 10, max leaves 7, ")
    trees = model.artefact.model.trees
    cost = trees.explainer.plan.microseconds_per_row + scoring_microseconds(model.artefact.model.vocabulary)
    assert model.parameters["microseconds_per_customer"] == f"{cost:.2g}", "of the model that was learned"
    assert model.libraries["lightgbm"]
    words = "\n".join(model.notes)
    assert "Several kinds of trees are blended in log-odds (20% XGBoost and 20% XGBoost and 20% LightGBM and " in words
    assert "A logistic model with splines has 20% of the log-odds, the trees the rest" in words
    assert "Scoring takes about " in model.notes[-1]
    assert model.notes[-1].endswith(" s more.")
