"""The reasons given are those that XGBoost computes itself, for customers it never saw, however deep the model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xgboost as xgb
from numpy.typing import NDArray

from adapters.ml.detection.labelled_file import detect
from adapters.ml.sample_customers import MadeUpCustomers
from adapters.ml.scoring.encoding import CategoricalEncoderPlan
from adapters.ml.training.learning_data import LearningData, learning_data
from adapters.ml.training.xgboost_member import XGBoostSettings
from adapters.ml.tree_shap.explainer import TreeExplainer
from domain.training import TrainingRequest
from tests.real_data import ibm_telco
from tests.unit.ml.files import a_table

SHALLOW, DEEP = (XGBoostSettings(depth=3), 300), (XGBoostSettings(depth=6), 500)


def learned_from(name: str, folder: Path) -> LearningData:
    if name == "sample":
        file = folder / "sample.csv"
        MadeUpCustomers().write(file, rows=7_000, seed=12)
    else:
        file = ibm_telco()
    frame = pd.read_csv(file, dtype=str, keep_default_na=False)
    return learning_data(detect(a_table(frame), TrainingRequest()))


def strangers(data: LearningData, customers: int) -> NDArray[np.float32]:
    """Customers as nobody has seen them: every attribute drawn separately from those that the file has."""
    draw = np.random.default_rng(20)
    return np.column_stack([draw.choice(column, customers) for column in data.codes.T]).astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "model", "customers"),  # XGBoost takes milliseconds for each customer of the deep model
    [("sample", SHALLOW, 5_000), ("IBM's file", SHALLOW, 5_000), ("sample", DEEP, 500)],
    ids=["sample", "IBM's file", "sample, depth 6 and 500 trees"],
)
def test_reasons_and_margins_equal_those_of_xgboost(
    name: str, model: tuple[XGBoostSettings, int], customers: int, tmp_path: Path
) -> None:
    data, (settings, rounds) = learned_from(name, tmp_path), model
    treatment, matrix = CategoricalEncoderPlan(12).fit_matrix(data.vocabulary, data.codes, data.churned, seed=1)
    parameters = settings.in_xgboost(base_rate=float(data.churned.mean()), seed=1, threads=1)
    booster = xgb.train(parameters, xgb.QuantileDMatrix(matrix, data.churned, nthread=1), rounds)
    explainer = TreeExplainer.build(
        [bytes(booster.save_raw("json"))], attribute_of_column=treatment.attribute_of_column
    )
    columns = treatment.matrix(strangers(data, customers))
    contributions, margins = explainer.explain(columns)

    rows = xgb.DMatrix(columns, nthread=1)
    by_column = booster.predict(rows, pred_contribs=True).astype(np.float64)
    expected = np.zeros_like(contributions)
    np.add.at(expected.T, np.asarray(treatment.attribute_of_column), by_column[:, :-1].T)
    tolerance = np.maximum(1e-5, 1e-6 * np.abs(by_column[:, :-1]).sum(axis=1))
    assert (np.abs(contributions - expected).max(axis=1) <= tolerance).all()
    assert np.abs(explainer.base_value + contributions.sum(axis=1) - margins).max() <= 1e-4
    assert np.abs(margins - booster.predict(rows, output_margin=True)).max() <= 1e-4
    assert np.abs(contributions).max() > 0.1
