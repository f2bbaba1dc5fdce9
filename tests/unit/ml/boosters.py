"""Boosters of XGBoost for tests of the explainer, and comparisons with XGBoost's reasons."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from adapters.ml.tree_shap.explainer import TreeExplainer

Matrix = NDArray[np.float32]


def customers(rows: int, columns: int, *, seed: int, missing: float = 0.1) -> Matrix:
    """Half of the columns have few values, so that splits repeat; the others have many."""
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(rows, columns)).astype(np.float32)
    matrix[:, ::2] = np.round(matrix[:, ::2])
    matrix[random.uniform(size=matrix.shape) < missing] = np.nan
    return matrix


def booster(matrix: Matrix, *, depth: int, rounds: int, seed: int = 0, **parameters: Any) -> xgb.Booster:
    random = np.random.default_rng(seed + 1)
    signal = np.nan_to_num(matrix) @ random.normal(size=matrix.shape[1]) + np.nan_to_num(matrix[:, 0] * matrix[:, -1])
    y = (signal + random.normal(size=len(matrix)) > 0).astype(np.float32)
    y[:2] = 0, 1
    chosen = {
        "objective": "binary:logistic",
        "nthread": 1,
        "max_depth": depth,
        "min_child_weight": 0.1,
        "seed": seed,
    }
    return xgb.train(chosen | parameters, xgb.DMatrix(matrix, y, nthread=1), rounds)


def as_json(model: xgb.Booster) -> bytes:
    return bytes(model.save_raw("json"))


def edited(model: xgb.Booster, edit: Callable[[dict[str, Any]], None]) -> bytes:
    document = json.loads(as_json(model))
    edit(document["learner"])
    return json.dumps(document).encode()


def from_json(document: bytes) -> xgb.Booster:
    model = xgb.Booster({"nthread": 1})
    model.load_model(bytearray(document))
    return model


def one_each(columns: int) -> list[int]:
    return list(range(columns))


def assert_same_reasons(explainer: TreeExplainer, model: xgb.Booster, matrix: Matrix) -> None:
    """XGBoost's own numbers are float32: within 1e-5, or a millionth of what the row's reasons add up to."""
    contributions, margins = explainer.explain(matrix)
    rows = xgb.DMatrix(matrix, nthread=1)
    expected = model.predict(rows, pred_contribs=True).astype(np.float64)
    tolerance = np.maximum(1e-5, 1e-6 * np.abs(expected[:, :-1]).sum(axis=1))
    assert (np.abs(contributions - expected[:, :-1]).max(axis=1) <= tolerance).all()
    assert abs(explainer.base_value - expected[0, -1]) <= 1e-5
    assert np.abs(margins - model.predict(rows, output_margin=True)).max() <= max(1e-5, tolerance.max())


def assert_adds_up(explainer: TreeExplainer, matrix: Matrix) -> None:
    contributions, margins = explainer.explain(matrix)
    np.testing.assert_allclose(explainer.base_value + contributions.sum(axis=1), margins, rtol=0, atol=1e-10)
