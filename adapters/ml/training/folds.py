"""Folds for cross-validation, stratified by churn. Rows that belong together are in the same fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FINE_ENOUGH = 100
"""Distinct values of an attribute from which equal rows count as copies rather than coincidence."""


@dataclass(frozen=True)
class Groups:
    """Rows that must stay together. `of_row` int64 (n); `copies` rows that repeat another row exactly."""

    of_row: NDArray[np.int64]
    copies: int
    repeated_ids: int


def group_rows(codes: NDArray[np.float32], churned: NDArray[np.bool_], *ids: NDArray[Any]) -> Groups:
    """Groups of exact copies and of rows that share an id. Every one of `ids` is int (n), −1 for a row without one.

    If all attributes are coarse, equal rows are different customers with equal values and are not grouped.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows = np.arange(len(codes))
    first_copy = _first_of_equal_rows(codes, churned) if _is_fine(codes) else rows
    first_ids = [_first_of_equal(own) for own in ids]
    kinds = 1 + len(first_ids)
    links = coo_array(
        (np.ones(kinds * len(rows), np.int8), (np.tile(rows, kinds), np.concatenate([first_copy, *first_ids]))),
        shape=(len(rows), len(rows)),
    )
    of_row = connected_components(links, directed=False)[1].astype(np.int64)
    repeated = np.any([first != rows for first in first_ids], axis=0) if first_ids else np.zeros(len(rows), bool)
    return Groups(of_row, int((first_copy != rows).sum()), int(repeated.sum()))


def assign_folds(churned: NDArray[np.bool_], groups: NDArray[np.int64], *, folds: int, seed: int) -> NDArray[np.int8]:
    """A fold number for every row, int8 (n). Groups are assigned at random (seeded) within strata of churn and size."""
    count = int(groups.max()) + 1
    size = np.bincount(groups, minlength=count)
    leavers = np.bincount(groups, weights=churned, minlength=count)
    shuffled = np.random.default_rng(seed).permutation(count)
    order = shuffled[np.lexsort((-size[shuffled], leavers[shuffled]))]
    fold_of_group = np.empty(count, np.int8)
    fold_of_group[order] = np.arange(count) % folds
    return fold_of_group[groups]


def _is_fine(codes: NDArray[np.float32]) -> bool:
    enough = min(FINE_ENOUGH, max(10, len(codes) // 10))
    return any(len(np.unique(codes[:20_000, column])) > enough for column in range(codes.shape[1]))


def _first_of_equal_rows(codes: NDArray[np.float32], churned: NDArray[np.bool_]) -> NDArray[np.int64]:
    import pandas as pd

    frame = pd.DataFrame(codes, copy=False).assign(churned=churned)
    return _first_of_equal(pd.util.hash_pandas_object(frame, index=False).to_numpy())


def _first_of_equal(keys: NDArray[Any]) -> NDArray[np.int64]:
    """For every row the first row with the same key. A key of −1 means none."""
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    first_rows = first[inverse].astype(np.int64)
    if keys.dtype.kind == "i":
        first_rows[keys == -1] = np.flatnonzero(keys == -1)
    return first_rows
