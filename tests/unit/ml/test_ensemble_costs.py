"""What a way to combine members costs per customer: several boosters share the memory for tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from adapters.ml.training.boosting import Tuned
from adapters.ml.training.cross_fitting import CrossFit
from adapters.ml.training.ensemble import _Ways
from adapters.ml.training.validation import Division, Fold
from adapters.ml.training.xgboost_member import XGBoostSettings

ROWS = 40


@dataclass(frozen=True)
class _Counted:
    """A booster with the microseconds that it costs, by MiB."""

    trees: int
    by_memory: dict[int, float]

    def microseconds(self, table_bytes: int) -> float:
        return self.by_memory[table_bytes // 2**20]


@pytest.fixture(scope="module")
def ways() -> _Ways:
    """Members of 10 and 30 trees, whose cost is known for each amount of memory (of 400 MiB); the splines cost 0.5."""
    draw = np.random.default_rng(2)
    churned = draw.random(ROWS) < 0.5
    log_odds = (churned - 0.5) * 2 + draw.normal(size=(2, 3, ROWS))
    everyone = np.arange(ROWS)
    folds = tuple(Fold(everyone[everyone % 2 != k], everyone[everyone % 2 == k]) for k in range(2))
    division = Division(folds, everyone, (everyone % 2).astype(np.int8), 1)
    ten, thirty = _Counted(10, {400: 1.0, 80: 2.0, 100: 3.0, 20: 10.0}), _Counted(30, {400: 5.0, 300: 6.0, 60: 20.0})
    cross = CrossFit(log_odds, division, (ten, thirty), ((), ()))  # type: ignore[arg-type]
    members = (Tuned(XGBoostSettings(depth=2), 5), Tuned(XGBoostSettings(depth=3), 5))
    return _Ways(members, cross, (churned - 0.5) * 2 + draw.normal(size=ROWS), churned, 0.5)


@pytest.mark.parametrize(
    ("places", "averaged", "cost"),
    [([0], 1, 1.0), ([1], 1, 5.0), ([0], 5, 10.0), ([0, 1], 1, 9.0), ([0, 1], 5, 150.0), ([0, 1, 2], 5, 150.5)],
)
def test_boosters_share_the_memory_by_their_trees(ways: _Ways, places: list[int], averaged: int, cost: float) -> None:
    way = ways.of(places, averaged=averaged)
    assert way.shares[places].all(), "every member has a share"
    assert way.cost == pytest.approx(cost)
