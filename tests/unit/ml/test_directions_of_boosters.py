"""Boosters of every library keep demanded directions, also with gaps and at values that nobody had."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.ml.scoring.encoding import CategoricalEncoder
from adapters.ml.training.boosting import Member, Split
from adapters.ml.training.catboost_member import CatBoostSettings, is_installed
from adapters.ml.training.distilled_member import DistilledForestSettings
from adapters.ml.training.lightgbm_member import LightGBMSettings
from adapters.ml.training.xgboost_member import XGBoostSettings
from tests.unit.ml.libraries import random_file, strangers

ROUNDS = 25
KINDS = {
    "XGBoost": XGBoostSettings(depth=6, eta=0.3, child_weight=0.1),
    "XGBoost, leaf by leaf": XGBoostSettings(depth=8, most_leaves=24, eta=0.3, child_weight=0.1, gamma=0.2),
    "LightGBM": LightGBMSettings(child_rows=3, eta=0.3),
    "LightGBM, random thresholds": LightGBMSettings(child_rows=3, eta=0.3, columns_of_node=0.7, random_thresholds=True),
    "Taught by a forest": DistilledForestSettings(XGBoostSettings(depth=6, eta=0.3, child_weight=0.1), forest=20),
    "CatBoost": CatBoostSettings(depth=6, eta=0.3),
}
"""Deep trees with weak regularisation, which break directions most."""
DIRECTIONS = (1, 0, -1, 0, 0, 0, 0, 1, 0)


def steps(member: Member, directions: tuple[int, ...], *, seed: int) -> dict[int, np.ndarray]:
    """By constrained column, how log-odds change from each value to the next, for customers nobody has seen."""
    matrix, churned = random_file(500, seed)
    split = Split(CategoricalEncoder((), ()), matrix, churned, matrix[:0], churned[:0], directions)
    booster = member.boost(split, rounds=ROUNDS, seed=seed).booster
    changes = {}
    for column in np.flatnonzero(DIRECTIONS):
        values = np.unique(matrix[~np.isnan(matrix[:, column]), column])
        values = np.unique(np.concatenate([values[:: len(values) // 60 + 1], np.float32([-1e30, 1e30])]))
        rows = np.repeat(strangers(matrix, 20, seed), len(values), axis=0)
        rows[:, column] = np.tile(values, 20)
        margins = booster.margins(np.asfortranarray(rows), rounds=ROUNDS)
        changes[int(column)] = np.diff(margins.reshape(20, len(values)), axis=1)
    return changes


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("turned", [1, -1])
def test_every_kind_of_trees_keeps_the_directions(kind: str, turned: int) -> None:
    if kind == "CatBoost" and not is_installed():
        pytest.skip("CatBoost is an optional library")
    for seed in (1, 2):
        kept = steps(KINDS[kind], tuple(turned * own for own in DIRECTIONS), seed=seed)
        for column, changes in kept.items():
            assert (turned * DIRECTIONS[column] * changes).min() >= -1e-6, "rounding of float32 sums"
        assert max(np.abs(changes).max() for changes in kept.values()) > 0.1, "not all curves are flat"


@pytest.mark.parametrize("kind", ["XGBoost", "LightGBM, random thresholds"])
def test_without_a_demand_the_same_trees_break_them(kind: str) -> None:
    free = steps(KINDS[kind], (), seed=1)
    assert all((DIRECTIONS[column] * changes).min() < -0.05 for column, changes in free.items())
