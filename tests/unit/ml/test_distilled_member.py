"""Boosters that a forest teaches: the made-up customers, and what the boosters learn from them."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.ml.scoring.encoding import CategoricalEncoder
from adapters.ml.training import distilled_member as module
from adapters.ml.training.boosting import Split
from adapters.ml.training.distilled_member import DistilledForestSettings, made_up
from adapters.ml.training.xgboost_member import XGBoostSettings

NO_ENCODER = CategoricalEncoder((), ())
SMALL = DistilledForestSettings(XGBoostSettings(depth=4, eta=0.3, child_weight=0.5, l2=1.0), forest=20)


@pytest.fixture(autouse=True)
def few_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MADE_UP", 1_000)


def a_matrix(rows: int = 200, seed: int = 3) -> np.ndarray:
    draw = np.random.default_rng(seed)
    kind = draw.integers(0, 20, rows)
    calls = (kind * 10 + draw.integers(0, 3, rows)).astype(np.float32)
    bill = (kind * 1.5 + draw.normal(size=rows)).astype(np.float32)
    return np.asfortranarray(np.column_stack([calls, bill]).astype(np.float32))


def a_split(directions: tuple[int, ...] = ()) -> Split:
    matrix, held_out = a_matrix(), a_matrix(seed=4)
    return Split(NO_ENCODER, matrix, matrix[:, 0] % 40 > 20, held_out, held_out[:, 0] % 40 > 20, directions)


def test_there_are_as_many_made_up_customers_as_fit_in_whole_copies_of_the_file() -> None:
    assert len(made_up(a_matrix(300), NO_ENCODER, seed=1)) == 900
    assert len(made_up(a_matrix(1_500), NO_ENCODER, seed=1)) == 1_500
    assert len(made_up(a_matrix(40), NO_ENCODER, seed=1)) == 400


def test_made_up_numbers_lie_within_the_columns_range_and_are_whole_where_the_columns_are() -> None:
    matrix = a_matrix()
    made = made_up(matrix, NO_ENCODER, seed=1)
    assert (made[:, 0] == np.round(made[:, 0])).all()
    assert (made[:, 1] != np.round(made[:, 1])).any()
    assert (made.min(axis=0) >= matrix.min(axis=0)).all()
    assert (made.max(axis=0) <= matrix.max(axis=0)).all()
    assert not np.isin(made[:, 0], matrix[:, 0]).all(), "some values lie between those of the file"


def test_made_up_customers_lie_near_the_real_ones() -> None:
    """Bills follow calls in the file; a mix of strangers would lose that."""
    matrix = a_matrix()
    assert np.corrcoef(matrix.T)[0, 1] > 0.95
    assert np.corrcoef(made_up(matrix, NO_ENCODER, seed=1).T)[0, 1] > 0.95


def test_a_levels_columns_come_from_one_customer() -> None:
    one_hot = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [np.nan] * 3], np.float32)
    encoder = CategoricalEncoder((one_hot, None), (np.nan, np.nan))
    draw = np.random.default_rng(1)
    level = one_hot[draw.integers(0, 3, 150)]
    matrix = np.column_stack([level, draw.normal(size=150)]).astype(np.float32)
    made = made_up(matrix, encoder, seed=2)
    assert (made[:, :3].sum(axis=1) == 1.0).all()
    assert set(np.unique(made[:, :3])) == {0.0, 1.0}


def test_gaps_stay_gaps_and_a_column_without_values_is_none_made_up() -> None:
    matrix = a_matrix()
    matrix[::4, 0] = np.nan
    empty = np.column_stack([matrix, np.full(len(matrix), np.nan, np.float32)]).astype(np.float32)
    made = made_up(empty, NO_ENCODER, seed=1)
    assert np.isnan(made[:, 2]).all()
    assert 0.15 < np.isnan(made[:, 0]).mean() < 0.35
    assert not np.isnan(made[:, 1]).any()


def test_two_customers_are_each_others_neighbours() -> None:
    assert len(made_up(np.float32([[1.0], [5.0]]), NO_ENCODER, seed=1)) == 20


def test_the_same_seed_gives_the_same_trees_and_another_seed_gives_others() -> None:
    first, again, other = (SMALL.boost(a_split(), rounds=5, seed=seed).booster.stored().content for seed in (1, 1, 2))
    assert first == again != other


def test_the_boosters_learn_what_the_forest_says_between_real_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    """With real customers of next to no weight, only the forest can have taught which kinds leave."""
    monkeypatch.setattr(module, "REAL_WEIGHT", 1e-6)
    split = a_split()
    margins = SMALL.boost(split, rounds=20, seed=1).booster.margins(split.held_out_matrix, rounds=20)
    assert ((margins > 0) == split.held_out_churned).mean() > 0.9


def test_rounds_stop_early_and_both_parts_are_watched() -> None:
    boosted = SMALL.boost(a_split(), rounds=200, seed=1, stop_early=True, watch=True)
    assert boosted.best_round < 200
    assert set(boosted.history) == {"training", "held_out"}
    assert set(boosted.history["held_out"]) == {"error", "logloss"}
    last, first = boosted.history["training"]["error"][-1], boosted.history["training"]["error"][0]
    assert last <= first <= 0.5


def test_the_models_page_says_what_taught() -> None:
    assert SMALL.library == "XGBoost, taught by a forest"
    assert SMALL.parameters()["forest_trees"] == "20"
    assert SMALL.parameters()["max_depth"] == "4"
    assert SMALL.encoded(2).plan.one_hot_up_to == 2
