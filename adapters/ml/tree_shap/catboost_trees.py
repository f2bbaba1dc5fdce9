"""The symmetric trees of CatBoost's JSON models, unfolded."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.tree_shap.forest import BoosterTrees
from adapters.ml.tree_shap.thresholds import just_above


def catboost_trees(model: bytes, *, columns: int, rounds: int | None = None) -> BoosterTrees:
    """Read a JSON document as written by `save_model(format="json")`, the first `rounds` of its trees.

    Covers are the weights of the leaves. The model is of Logloss on columns of numbers alone. Raises ValueError for
    anything else.
    """
    try:
        document = json.loads(model)
        features = {own["feature_index"]: own for own in document["features_info"]["float_features"]}
        scale, (bias,) = document["scale_and_bias"]
        trees = tuple(_tree(own, features, float(scale)) for own in document["oblivious_trees"][:rounds])
    except (KeyError, TypeError, IndexError, AttributeError) as err:
        raise ValueError("not a CatBoost model of symmetric trees in JSON") from err
    return BoosterTrees(trees, float(bias), columns)


def _tree(tree: dict[str, Any], features: dict[int, Any], scale: float) -> dict[str, NDArray[Any]]:
    """All nodes level by level. Bit i of a leaf's number is the outcome of split i, so the last split is the root."""
    splits = (tree["splits"] or [])[::-1]
    if any(split["split_type"] != "FloatFeature" for split in splits):
        raise ValueError("only splits of numbers are explained; encode categories as columns")
    inner, leaves = 2 ** len(splits) - 1, 2 ** len(splits)
    used = [features[split["float_feature_index"]] for split in splits]
    level = np.repeat(np.arange(len(splits)), 2 ** np.arange(len(splits)))
    nodes = np.arange(inner, dtype=np.int32)
    columns = np.array([own["flat_feature_index"] for own in used], np.int32)
    borders = just_above(np.array([split["border"] for split in splits], np.float64))
    missing_goes_left = np.array([own["nan_value_treatment"] != "AsTrue" for own in used], bool)
    return {
        "left": np.concatenate([2 * nodes + 1, np.full(leaves, -1, np.int32)]),
        "right": np.concatenate([2 * nodes + 2, np.full(leaves, -1, np.int32)]),
        "column": np.concatenate([columns[level], np.zeros(leaves, np.int32)]),
        "threshold": np.concatenate([borders[level], np.zeros(leaves, np.float32)]),
        "default_left": np.concatenate([missing_goes_left[level], np.zeros(leaves, bool)]),
        "cover": _covers(np.array(tree["leaf_weights"], np.float64), leaves),
        "value": np.concatenate([np.zeros(inner), scale * _of_leaves(tree["leaf_values"], leaves)]),
    }


def _covers(weights: NDArray[np.float64], leaves: int) -> NDArray[np.float64]:
    """Each node's weight: those of its two children, level by level from the leaves."""
    levels = [_of_leaves(weights, leaves)]
    while levels[0].size > 1:
        levels.insert(0, levels[0].reshape(-1, 2).sum(axis=1))
    return np.concatenate(levels)


def _of_leaves(numbers: Any, leaves: int) -> NDArray[np.float64]:
    values = np.asarray(numbers, np.float64)
    if values.shape != (leaves,):
        raise ValueError(f"a tree has {leaves} leaves, not {values.size}")
    return values
