"""The settings that a search tries: those known to do well, and points of a sequence over the search space."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adapters.ml.training.boosting import Member
from adapters.ml.training.catboost_member import CatBoostSettings
from adapters.ml.training.catboost_member import is_installed as catboost_is_installed
from adapters.ml.training.distilled_member import DistilledForestSettings
from adapters.ml.training.learning_data import LearningData
from adapters.ml.training.lightgbm_member import LightGBMSettings
from adapters.ml.training.xgboost_member import XGBoostSettings
from domain.model import Effort

TRIALS = {Effort.LOW: 3, Effort.NORMAL: 26, Effort.HIGH: 66}
CELLS = 600_000
"""Matrix cells up to which all trials of the effort are run. Larger data gets fewer trials, to bound the work."""
MANY_ROWS = 20_000
"""Rows from which trees with many leaves are tried."""
ANCHORS = (
    XGBoostSettings(depth=2, eta=0.1, child_weight=5, l2=3, columns=0.6, rows=0.8),
    XGBoostSettings(depth=4, eta=0.06, child_weight=5, l2=5, columns=0.6, rows=0.8),
    XGBoostSettings(depth=6, eta=0.06, child_weight=3, l2=3, columns=0.7, rows=0.8),
    XGBoostSettings(depth=3, eta=0.06, child_weight=20, l2=10, columns=0.5, rows=0.7),
    XGBoostSettings(depth=6, eta=0.05, child_weight=1, l2=2, gamma=1.0, columns=1.0, columns_of_node=0.6, rows=0.9),
    XGBoostSettings(depth=4, eta=0.3, child_weight=5, l2=5, columns=0.8, rows=0.9),
)
"""Good settings for additive, mixed and strongly interacting data. The last two are for churn by hard rules: weak
regularisation, or a high learning rate. They are tried first; the lowest effort tries three."""
BY_LOSS = XGBoostSettings(depth=8, most_leaves=24, eta=0.05, child_weight=2, l2=3, columns=0.7, rows=0.8)
MANY_LEAVES = XGBoostSettings(depth=8, most_leaves=48, eta=0.1, child_weight=3, l2=3, columns=0.8, rows=0.9)
LEAF_BY_LEAF = (
    LightGBMSettings(most_leaves=8, depth=6, eta=0.06, child_rows=20, l2=3, columns=0.6),
    LightGBMSettings(most_leaves=20, eta=0.05, child_rows=10, l2=3, columns=0.7),
)
RANDOM_THRESHOLDS = (
    LightGBMSettings(most_leaves=24, eta=0.1, child_rows=5, l2=1, columns=0.9, rows=0.9, random_thresholds=True),
    LightGBMSettings(
        most_leaves=48, depth=10, eta=0.1, child_rows=2, l2=0.3, columns=1.0, rows=0.9, random_thresholds=True
    ),
)
SYMMETRIC = (CatBoostSettings(depth=6, eta=0.08),)
MANY_LEAF_BY_LEAF = (
    LightGBMSettings(most_leaves=31, depth=8, eta=0.1, child_rows=20, l2=3, columns=0.8, rows=0.9),
    LightGBMSettings(most_leaves=48, depth=8, eta=0.15, child_rows=20, l2=3, columns=1.0, rows=0.9),
)
"""Paths of at most eight splits: tables of longer ones do not fit beside those of hundreds of other trees."""

TAUGHT_ROWS = 10_000
"""Rows up to which a forest may teach boosters: it pays where few customers leave much to chance, and its training
would take minutes on large files."""
TAUGHT = DistilledForestSettings(
    XGBoostSettings(depth=7, eta=0.2, child_weight=1.0, l2=1.0, l1=0.0, columns=0.8, rows=0.8), forest=150
)


def candidates(data: LearningData, rows: int, *, effort: Effort, seed: int) -> list[Member]:
    """XGBoost's settings: the predefined ones, then points of a scrambled Sobol sequence over the search space."""
    from scipy.stats import qmc

    cells = rows * sum(_width(levels) for levels in data.vocabulary.levels)
    count = round(TRIALS[effort] * min(1.0, max(0.3, (CELLS / cells) ** 0.5)))
    more = max(0, count - len(ANCHORS))
    points = qmc.Sobol(9, seed=seed).random_base2(int(np.ceil(np.log2(max(2, more)))))[:more]
    by_loss = () if effort is Effort.LOW else (BY_LOSS, MANY_LEAVES) if rows >= MANY_ROWS else (BY_LOSS,)
    return [*ANCHORS[: max(3, count)], *by_loss, *(_settings_at(point) for point in points)]


def other_kinds(rows: int, *, effort: Effort) -> tuple[tuple[Member, ...], ...]:
    """Settings of the other kinds of trees, by kind. The lowest effort tries none, because it never blends."""
    if effort is Effort.LOW:
        return ()
    kinds: list[tuple[Member, ...]] = [MANY_LEAF_BY_LEAF if rows >= MANY_ROWS else LEAF_BY_LEAF, RANDOM_THRESHOLDS]
    if catboost_is_installed():
        kinds.append(SYMMETRIC)
    return tuple(kinds)


def taught(rows: int, *, effort: Effort) -> tuple[Member, ...]:
    """Settings that are compared on all folds only if they add to the best ones, because they take long to train."""
    return () if effort is Effort.LOW or rows > TAUGHT_ROWS else (TAUGHT,)


def _width(levels: Sequence[str] | None) -> int:
    return 1 if levels is None or len(levels) <= 2 or len(levels) > 12 else len(levels)


def _settings_at(point: NDArray[np.float64]) -> XGBoostSettings:
    """Settings for a point of the unit cube. Scales that span decades are logarithmic."""

    def between(place: int, low: float, high: float, *, log: bool = False) -> float:
        x = float(point[place])
        return round(float(low * (high / low) ** x) if log else low + x * (high - low), 6)

    return XGBoostSettings(
        depth=min(7, 2 + int(point[0] * 6)),
        eta=between(1, 0.04, 0.12, log=True),
        child_weight=between(2, 1.0, 50.0, log=True),
        l1=between(3, 0.001, 5.0, log=True),
        l2=between(4, 0.3, 30.0, log=True),
        gamma=max(0.0, between(5, -1.0, 1.0)),
        columns=between(6, 0.35, 1.0),
        rows=between(7, 0.5, 1.0),
        one_hot_up_to=12 if point[8] < 0.6 else 2,
    )
