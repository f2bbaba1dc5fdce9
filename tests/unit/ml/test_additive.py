"""Stored additive models, made by hand: nothing here needs the libraries that train them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adapters.ml.registry.additive_file import load_additive, save_additive
from adapters.ml.scoring.additive import AdditiveModel, LevelTerm, NumberTerm, PairTerm
from tests.builders.additive import an_additive_model

S, M, OTHER, NONE = 0.0, 1.0, 2.0, np.nan


def explained(*customers: tuple[float, float]) -> tuple[list[list[float]], list[float]]:
    contributions, margins = an_additive_model().explain(np.array(customers, np.float32))
    return contributions.tolist(), margins.tolist()


@pytest.mark.parametrize(
    ("customer", "contributions", "margin"),
    [
        ((0, S), [0.75, 1.0], 0.75),
        ((8, M), [0.125, -0.5], -1.375),
        ((12, S), [-0.1875, 0.25], -0.9375),
        ((15, M), [0.765625, 0.25], 0.015625),
        ((16, M), [0.75, 0.25], 0.0),
        ((40, S), [-0.25, 0.25], -1.0),
    ],
)
def test_half_of_a_pair_belongs_to_each_attribute(
    customer: tuple[float, float], contributions: list[float], margin: float
) -> None:
    assert explained(customer) == ([contributions], [margin])


def test_numbers_beyond_the_trained_range_score_like_its_ends() -> None:
    assert explained((-3, S), (1e30, S), (np.inf, M)) == explained((0, S), (40, S), (40, M))


def test_a_missing_value_and_an_unseen_level_have_values_of_their_own() -> None:
    assert explained((NONE, M)) == ([[-0.125, -0.25]], [-1.375])
    assert explained((8, OTHER)) == ([[0.375, 0.0]], [-0.625])
    assert explained((8, NONE)) == ([[0.375, 0.0625]], [-0.5625])
    assert explained((NONE, NONE)) == ([[-0.25, -0.0625]], [-1.3125])


def some_codes(rows: int) -> np.ndarray:
    draw = np.random.default_rng(3)
    codes = np.stack([draw.uniform(-5, 50, rows), draw.integers(0, 3, rows)], axis=1).astype(np.float32)
    codes[draw.random(codes.shape) < 0.1] = np.nan
    return codes


def an_uneven_model() -> AdditiveModel:
    """The model with numbers that are rounded at every step, so that another order of sums would show."""
    return an_additive_model().scaled(np.pi, 0.1)


def test_a_row_has_the_same_bits_in_every_batch() -> None:
    codes, model = some_codes(40_000), an_uneven_model()
    contributions, margins = model.explain(codes)
    for size in (1, 7, 16_383, 16_385):
        picked = codes[20_000 : 20_000 + size]
        own, margin = model.explain(np.asfortranarray(picked))
        assert own.tobytes() == contributions[20_000 : 20_000 + size].tobytes()
        assert margin.tobytes() == margins[20_000 : 20_000 + size].tobytes()


def test_no_rows_give_no_figures() -> None:
    contributions, margins = an_additive_model().explain(np.empty((0, 2), np.float32))
    assert (contributions.shape, margins.shape) == ((0, 2), (0,))


def test_contributions_add_up_to_the_margin_to_the_bit() -> None:
    codes, model = some_codes(500), an_uneven_model()
    contributions, margins = model.explain(codes)
    assert (model.base_value + contributions[:, 0] + contributions[:, 1]).tobytes() == margins.tobytes()


def test_scaling_stretches_and_moves_the_margin() -> None:
    codes = some_codes(500)
    scaled = an_additive_model().scaled(0.5, 0.25).explain(codes)
    plain = an_additive_model().explain(codes)
    assert scaled[0].tobytes() == (0.5 * plain[0]).tobytes()
    assert scaled[1].tobytes() == (0.5 * plain[1] + 0.25).tobytes()


def test_a_stored_model_scores_the_same_bits_and_has_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.npz", "two.npz"):
        save_additive(tmp_path / name, an_uneven_model())
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    codes, loaded = some_codes(500), load_additive(tmp_path / "one.npz")
    for stored, made in zip(loaded.explain(codes), an_uneven_model().explain(codes), strict=True):
        assert stored.tobytes() == made.tobytes()


def test_a_model_without_pairs_is_stored_too(tmp_path: Path) -> None:
    save_additive(tmp_path / "model.npz", replace(an_additive_model(), pairs=()))
    assert load_additive(tmp_path / "model.npz").explain(np.array([[8, M]], np.float32))[1].tolist() == [-0.875]


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    pickled = an_additive_model().to_arrays() | {"levels_1": np.array([None, "code"], object)}
    for arrays in (pickled, an_additive_model().to_arrays() | {"format": np.array(2)}, {"format": np.array(1)}):
        np.savez(path, **{"format": np.array(1)} | arrays)
        with pytest.raises(ValueError, match="is not a saved additive model"):
            load_additive(path)
    path.write_bytes(b"PK")
    with pytest.raises(ValueError, match="is not a saved additive model"):
        load_additive(path)


def test_impossible_functions_are_refused() -> None:
    months, plan = an_additive_model().terms
    assert isinstance(months, NumberTerm)
    two, table = np.array([0.0, 1.0]), np.zeros((3, 4))
    refused = [
        lambda: replace(months, starts=np.array([16.0, 0.0])),
        lambda: replace(months, high=15.0),
        lambda: replace(months, values=np.zeros(3)),
        lambda: replace(months, starts=np.empty(0), values=np.empty(0), slopes=np.empty(0)),
        lambda: replace(months, missing=np.nan),
        lambda: replace(months, edges=np.array([3.0, 3.0])),
        lambda: LevelTerm(np.array([0.0])),
        lambda: LevelTerm(np.array([0.0, np.inf])),
        lambda: PairTerm(1, 0, table),
        lambda: AdditiveModel(np.nan, (months, plan)),
        lambda: AdditiveModel(0.0, (months, plan), (PairTerm(0, 2, table),)),
        lambda: AdditiveModel(0.0, (months, plan), (PairTerm(0, 1, two[None]),)),
    ]
    for make in refused:
        with pytest.raises(ValueError, match=r"finite|order|piece|holds|fit|names"):
            make()
    with pytest.raises(ValueError, match="codes of 2 attributes"):
        an_additive_model().explain(np.zeros((4, 3), np.float32))
