from __future__ import annotations

import numpy as np

from adapters.ml.training.folds import assign_folds, group_rows


def some_rows(rows: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(7)
    return draw.normal(size=(rows, 3)).astype(np.float32), draw.random(rows) < 0.2


def test_copies_of_a_row_stay_in_one_fold_and_are_counted() -> None:
    codes, churned = some_rows()
    codes[100:150], churned[100:150] = codes[:50], churned[:50]
    groups = group_rows(codes, churned)
    assert groups.copies == 50
    folds = assign_folds(churned, groups.of_row, folds=5, seed=1)
    assert (folds[100:150] == folds[:50]).all()


def test_the_rows_of_one_customer_stay_in_one_fold() -> None:
    codes, churned = some_rows()
    ids = np.repeat(np.arange(250), 4)
    groups = group_rows(codes, churned, ids)
    assert groups.repeated_ids == 750
    folds = assign_folds(churned, groups.of_row, folds=5, seed=1)
    assert (folds.reshape(250, 4) == folds[::4, None]).all()


def test_rows_without_an_id_are_separate_customers() -> None:
    codes, churned = some_rows()
    assert group_rows(codes, churned, np.full(1000, -1)).repeated_ids == 0


def test_equal_rows_of_coarse_columns_are_different_customers() -> None:
    draw = np.random.default_rng(3)
    codes = draw.integers(0, 3, (1000, 3)).astype(np.float32)
    assert group_rows(codes, draw.random(1000) < 0.2).copies == 0


def test_folds_hold_equal_shares_of_leavers_and_follow_the_seed() -> None:
    codes, churned = some_rows()
    groups = group_rows(codes, churned).of_row
    one, again, other = (assign_folds(churned, groups, folds=5, seed=seed) for seed in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).any()
    leavers = np.bincount(one[churned], minlength=5)
    assert np.ptp(leavers) <= 1
    assert np.ptp(np.bincount(one)) <= 2
