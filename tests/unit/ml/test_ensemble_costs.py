"""What a way to combine members costs per customer: several boosters share the memory for tables."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.ml.training.boosting import Tuned
from adapters.ml.training.cross_fitting import CrossFit
from adapters.ml.training.ensemble import _Ways
from adapters.ml.training.validation import Division, Fold
from adapters.ml.training.xgboost_member import XGBoostSettings

ROWS = 40


@pytest.fixture(scope="module")
def ways() -> _Ways:
    """Two members that cost 1 and 2 µs alone, and 10 and 20 where memory is shared; the splines cost 0.5."""
    draw = np.random.default_rng(2)
    churned = draw.random(ROWS) < 0.5
    log_odds = (churned - 0.5) * 2 + draw.normal(size=(2, 3, ROWS))
    everyone = np.arange(ROWS)
    folds = tuple(Fold(everyone[everyone % 2 != k], everyone[everyone % 2 == k]) for k in range(2))
    division = Division(folds, everyone, (everyone % 2).astype(np.int8), 1)
    cross = CrossFit(log_odds, division, (1.0, 2.0), (10.0, 20.0), ((), ()))
    members = (Tuned(XGBoostSettings(depth=2), 5), Tuned(XGBoostSettings(depth=3), 5))
    return _Ways(members, cross, (churned - 0.5) * 2 + draw.normal(size=ROWS), churned, 0.5)


@pytest.mark.parametrize(
    ("places", "averaged", "cost"),
    [([0], 1, 1.0), ([1], 1, 2.0), ([0], 5, 50.0), ([0, 1], 1, 30.0), ([0, 1], 5, 150.0), ([0, 1, 2], 5, 150.5)],
)
def test_a_booster_alone_has_all_memory_and_several_share_it(
    ways: _Ways, places: list[int], averaged: int, cost: float
) -> None:
    way = ways.of(places, averaged=averaged)
    assert way.shares[places].all(), "every member has a share"
    assert way.cost == pytest.approx(cost)
