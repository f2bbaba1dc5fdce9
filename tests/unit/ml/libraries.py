"""Random models of every library whose trees are explained, with the library's own reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from adapters.ml.scoring.encoding import CategoricalEncoder
from adapters.ml.training.boosting import Split
from adapters.ml.training.catboost_member import CatBoostSettings
from adapters.ml.tree_shap.forest import BoosterTrees
from adapters.ml.tree_shap.lightgbm_trees import lightgbm_trees
from adapters.ml.tree_shap.xgboost_trees import xgboost_trees

Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Explained:
    """A model's trees, and its own contributions (rows, columns + 1) with the base value last."""

    trees: BoosterTrees
    own_reasons: Callable[[Matrix], Floats]


def random_file(rows: int, seed: int) -> tuple[Matrix, NDArray[np.bool_]]:
    """Numbers with gaps, rounded and large ones, levels as 0 and 1, a column of one value, one without a value."""
    draw = np.random.default_rng(seed)
    matrix = draw.normal(size=(rows, 9)).astype(np.float32)
    matrix[:, 1] = np.round(matrix[:, 1])
    matrix[:, 2] = np.round(np.exp(3 * matrix[:, 2]), 2)
    matrix[:, 3:5] = matrix[:, 3:5] > 0.3
    matrix[:, 5], matrix[:, 6] = 7.0, np.nan
    signal = matrix[:, 0] + matrix[:, 1] * matrix[:, 3] - np.log1p(matrix[:, 2]) * matrix[:, 4]
    churned = signal + draw.normal(size=rows) > 0.5
    churned[:2] = True, False
    for column in (0, 2, 4, 8):
        matrix[draw.random(rows) < 0.15, column] = np.nan
    return matrix, churned


def strangers(matrix: Matrix, rows: int, seed: int) -> Matrix:
    """Customers nobody has seen: values at, next to and between those of the file, unseen levels, more gaps."""
    draw = np.random.default_rng(seed)
    drawn = np.column_stack([draw.choice(column, rows) for column in matrix.T]).astype(np.float32)
    kind = draw.random(drawn.shape)
    drawn = np.where(kind < 0.1, np.nextafter(drawn, np.float32(np.inf)), drawn)
    drawn = np.where((kind > 0.1) & (kind < 0.2), drawn * draw.normal(size=drawn.shape), drawn)
    drawn = np.where(kind > 0.97, draw.choice([2.0, 0.5, -1.0, 0.0, 1e30, -1e30], drawn.shape), drawn)
    drawn = np.where((kind > 0.9) & (kind < 0.95), np.nan, drawn)
    return drawn.astype(np.float32)


def of_xgboost(matrix: Matrix, churned: NDArray[np.bool_], seed: int, **more: Any) -> Explained:
    import xgboost

    draw = np.random.default_rng(seed)
    settings = {
        "objective": "binary:logistic",
        "max_depth": int(draw.integers(1, 7)),
        "eta": float(draw.uniform(0.05, 0.5)),
        "min_child_weight": float(draw.choice([0.0, 1.0, 10.0])),
        "subsample": 0.8,
        "seed": seed,
        "nthread": 1,
    }
    model = xgboost.train(settings | more, xgboost.DMatrix(matrix, churned, nthread=1), int(draw.integers(1, 40)))

    def own_reasons(rows: Matrix) -> Floats:
        return model.predict(xgboost.DMatrix(rows, nthread=1), pred_contribs=True).astype(np.float64)

    return Explained(xgboost_trees(bytes(model.save_raw("json"))), own_reasons)


def of_xgboost_by_loss(matrix: Matrix, churned: NDArray[np.bool_], seed: int) -> Explained:
    leaves = int(np.random.default_rng(seed + 1).integers(3, 24))
    return of_xgboost(
        matrix, churned, seed, tree_method="hist", grow_policy="lossguide", max_leaves=leaves, max_depth=8
    )


def of_lightgbm(matrix: Matrix, churned: NDArray[np.bool_], seed: int, **more: Any) -> Explained:
    import lightgbm

    draw = np.random.default_rng(seed)
    settings = {
        "objective": "binary",
        "num_leaves": int(draw.integers(2, 32)),
        "max_depth": 8,
        "learning_rate": float(draw.uniform(0.05, 0.5)),
        "min_data_in_leaf": int(draw.choice([1, 5, 30])),
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }
    rows = lightgbm.Dataset(matrix, churned.astype(np.float32), params=settings | more)
    model = lightgbm.train(settings | more, rows, num_boost_round=int(draw.integers(1, 40)))

    def own_reasons(rows: Matrix) -> Floats:
        return np.asarray(model.predict(rows, pred_contrib=True, num_threads=1), np.float64)

    return Explained(lightgbm_trees(model.model_to_string().encode()), own_reasons)


def of_lightgbm_at_random(matrix: Matrix, churned: NDArray[np.bool_], seed: int) -> Explained:
    return of_lightgbm(matrix, churned, seed, extra_trees=True)


def of_catboost(matrix: Matrix, churned: NDArray[np.bool_], seed: int) -> Explained:
    catboost = pytest.importorskip("catboost", reason="CatBoost is an optional library")
    draw = np.random.default_rng(seed)
    settings = CatBoostSettings(depth=int(draw.integers(1, 7)), eta=float(draw.uniform(0.05, 0.5)))
    split = Split(CategoricalEncoder((), ()), matrix, churned, matrix[:0], churned[:0])
    rounds = int(draw.integers(1, 40))
    booster = settings.boost(split, rounds=rounds, seed=seed).booster

    def own_reasons(rows: Matrix) -> Floats:
        model = booster.model  # type: ignore[attr-defined] # the booster of this library
        return np.asarray(model.get_feature_importance(catboost.Pool(rows), type="ShapValues"), np.float64)

    return Explained(booster.trees(rounds=rounds), own_reasons)


LIBRARIES: dict[str, Callable[[Matrix, NDArray[np.bool_], int], Explained]] = {
    "XGBoost": of_xgboost,
    "XGBoost, leaf by leaf": of_xgboost_by_loss,
    "LightGBM": of_lightgbm,
    "LightGBM, random thresholds": of_lightgbm_at_random,
    "CatBoost": of_catboost,
}
