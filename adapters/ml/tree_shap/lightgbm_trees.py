"""The trees of LightGBM's text models."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.tree_shap.forest import BoosterTrees
from adapters.ml.tree_shap.thresholds import just_above

CATEGORICAL, DEFAULT_LEFT, MISSING_TYPE = 1, 2, 12
"""Bits of a split's decision_type."""
NEVER_MISSING, ZERO_IS_MISSING, NAN_IS_MISSING = 0, 4, 8
"""The values of the bits of MISSING_TYPE."""


def lightgbm_trees(model: bytes) -> BoosterTrees:
    """Read a text as written by `Booster.model_to_string`. Covers are numbers of training rows.

    The objective is binary with its usual sigmoid, without categorical splits, linear leaves, and zeros that mean
    missing. Raises ValueError for anything else.
    """
    blocks = list(_blocks(model))
    if not blocks or not blocks[0].get("version", "").startswith("v"):
        raise ValueError("not a LightGBM model as text")
    header, trees = blocks[0], blocks[1:]
    if header.get("objective") != "binary sigmoid:1" or "average_output" in header:
        raise ValueError(f"only boosted trees of the objective binary are explained, not {header.get('objective')}")
    try:
        columns = int(header["max_feature_idx"]) + 1
        return BoosterTrees(tuple(_tree(tree) for tree in trees), 0.0, columns)
    except (KeyError, TypeError, IndexError, OverflowError) as err:
        raise ValueError("the booster's text does not hold complete trees") from err


def _blocks(model: bytes) -> Iterator[dict[str, str]]:
    """The header and each tree as names and values. What follows the last tree is not read."""
    try:
        text = model.decode()
    except UnicodeDecodeError as err:
        raise ValueError("not a LightGBM model as text") from err
    for block in text.partition("end of trees")[0].split("\n\n"):
        pairs = dict(line.partition("=")[::2] for line in block.splitlines() if line)
        if pairs:
            yield pairs


def _tree(tree: dict[str, str]) -> dict[str, NDArray[Any]]:
    """The splits, then the leaves, as in the text. A link to leaf n is written as −1 − n there."""
    if int(tree["num_cat"]) or int(tree.get("is_linear", "0")):
        raise ValueError("categorical splits and linear leaves are not explained; encode categories as columns")
    leaves = int(tree["num_leaves"])
    splits = leaves - 1
    threshold, decision = _numbers(tree, "threshold", splits), _numbers(tree, "decision_type", splits).astype(int)
    left, right = (_numbers(tree, side, splits).astype(np.int64) for side in ("left_child", "right_child"))
    no_links = np.full(leaves, -1, np.int64)
    return {
        "left": np.concatenate([np.where(left < 0, splits - 1 - left, left), no_links]).astype(np.int32),
        "right": np.concatenate([np.where(right < 0, splits - 1 - right, right), no_links]).astype(np.int32),
        "column": _with_leaves(_numbers(tree, "split_feature", splits), leaves).astype(np.int32),
        "threshold": _with_leaves(just_above(threshold), leaves),
        "default_left": _with_leaves(_missing_goes_left(threshold, decision), leaves),
        "cover": np.concatenate([_numbers(tree, "internal_count", splits), _covers(tree, leaves)]),
        "value": np.concatenate([np.zeros(splits), _numbers(tree, "leaf_value", leaves)]),
    }


def _missing_goes_left(threshold: NDArray[np.float64], decision: NDArray[np.int64]) -> NDArray[np.bool_]:
    """A column that was never missing in training reads a missing value as 0."""
    missing = decision & MISSING_TYPE
    if (decision & CATEGORICAL).any() or not np.isin(missing, (NEVER_MISSING, NAN_IS_MISSING)).all():
        raise ValueError("categorical splits, and zeros that mean missing, are not explained")
    return np.where(missing == NEVER_MISSING, threshold >= 0.0, (decision & DEFAULT_LEFT) > 0)


def _covers(tree: dict[str, str], leaves: int) -> NDArray[np.float64]:
    return np.zeros(1) if leaves == 1 else _numbers(tree, "leaf_count", leaves)


def _numbers(tree: dict[str, str], name: str, count: int) -> NDArray[np.float64]:
    numbers = np.array(tree[name].split() if count else [], np.float64)
    if numbers.shape != (count,):
        raise ValueError(f"a tree has {count} of {name}, not {numbers.size}")
    return numbers


def _with_leaves(of_splits: NDArray[Any], leaves: int) -> NDArray[Any]:
    """Leaves have no split; their entries are 0."""
    return np.concatenate([of_splits, np.zeros(leaves, of_splits.dtype)])
