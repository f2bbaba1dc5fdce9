"""XGBoost's JSON models as flat arrays, reduced to what the explainer needs."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

NODE_FIELDS = {"left": "i4", "right": "i4", "column": "i4", "threshold": "f4", "default_left": "?"}
NODE_FIELDS |= {"cover": "f8", "value": "f8"}


@dataclass(frozen=True, eq=False)
class Forest:
    """The trees of one or several boosters as arrays of nodes. `roots` are the indices of the trees' first nodes.

    left, right        int32 (nodes,), indices into these arrays; −1 at a leaf
    column, threshold  a row goes left if its float32 value is less than the threshold …
    default_left       … or, where the value is missing, if this is true
    cover              float64 (nodes,), the training rows' Hessian that reached the node
    value              float64 (nodes,), a leaf's share of the final log-odds (bag weight and slope included)
    intercept          log-odds of the forest without any tree
    columns            the number of matrix columns that the boosters were trained on
    """

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    column: NDArray[np.int32]
    threshold: NDArray[np.float32]
    default_left: NDArray[np.bool_]
    cover: NDArray[np.float64]
    value: NDArray[np.float64]
    roots: NDArray[np.int32]
    intercept: float
    columns: int

    def __post_init__(self) -> None:
        nodes = self.left.size
        fields = (self.right, self.column, self.threshold, self.default_left, self.cover, self.value)
        if any(field.shape != (nodes,) for field in fields):
            raise ValueError("a forest's node arrays must have one length")
        inner = self.left >= 0
        numbers = (self.value, self.cover, self.threshold[inner], np.float64(self.intercept))
        if not all(np.isfinite(number).all() for number in numbers):
            raise ValueError("a forest's thresholds, covers and leaf values must be finite")
        if (self.cover < 0).any():
            raise ValueError("a node's cover is never negative")
        if inner.any() and not 0 <= self.column[inner].min() <= self.column[inner].max() < self.columns:
            raise ValueError(f"a split uses a column outside the model's {self.columns}")
        self._check_links(inner)

    def _check_links(self, inner: NDArray[np.bool_]) -> None:
        """Check that every node except a root is the child of exactly one earlier node, so that each walk ends."""
        nodes = self.left.size
        parents = np.flatnonzero(inner)
        children = np.concatenate([self.left[inner], self.right[inner]])
        follows = (children > np.concatenate([parents, parents])).all() and (children < nodes).all()
        if not follows or ((self.right >= 0) != inner).any():
            raise ValueError("a tree's links must lead from a parent to later nodes")
        reached = np.sort(np.concatenate([children, self.roots]))
        if not np.array_equal(reached, np.arange(nodes)):
            raise ValueError("every node must belong to exactly one tree")


def read_forest(models: Sequence[bytes], weights: Sequence[float], *, slope: float, shift: float) -> Forest:
    """Read the boosters' weighted mean in log-odds, then `slope · margin + shift`.

    `models` are JSON documents as written by `Booster.save_raw("json")`, with objective binary:logistic and booster
    gbtree, without categorical splits. Raises ValueError for anything else.
    """
    shares = _shares(weights, len(models))
    trees: list[dict[str, NDArray[Any]]] = []
    intercept, columns = float(shift), set()
    for model, share in zip(models, shares, strict=True):
        learner = _learner(model)
        intercept += slope * share * _base_margin(learner)
        columns.add(int(learner["learner_model_param"]["num_feature"]))
        try:
            trees += [_tree(tree, slope * share) for tree in learner["gradient_booster"]["model"]["trees"]]
        except (KeyError, TypeError, IndexError, OverflowError) as err:
            raise ValueError("the booster's JSON does not hold complete trees") from err
    if len(columns) != 1:
        raise ValueError(f"the boosters of a bag must share their columns, not have {sorted(columns)}")
    return _joined(trees, intercept, columns.pop())


def _shares(weights: Sequence[float], models: int) -> list[float]:
    if models == 0 or len(weights) != models:
        raise ValueError(f"one weight per booster, at least one booster: {models} boosters, {len(weights)} weights")
    total = math.fsum(weights)
    if min(weights) < 0 or not 0 < total < math.inf:
        raise ValueError("bag weights must be finite, not negative and not all zero")
    return [weight / total for weight in weights]


def _learner(model: bytes) -> dict[str, Any]:
    try:
        learner: dict[str, Any] = json.loads(model)["learner"]
        objective, booster = learner["objective"]["name"], learner["gradient_booster"]["name"]
        outputs = (
            learner["learner_model_param"].get("num_target", "1"),
            learner["learner_model_param"]["num_class"],
        )
        int(learner["learner_model_param"]["num_feature"])
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise ValueError("not an XGBoost model in JSON") from err
    if (objective, booster) != ("binary:logistic", "gbtree") or outputs[0] not in "01" or outputs[1] not in "01":
        raise ValueError(f"only a gbtree booster of binary:logistic is explained, not {booster} of {objective}")
    return learner


def _base_margin(learner: dict[str, Any]) -> float:
    """The log-odds of base_score, a probability written as "5E-1" or, since XGBoost 3, "[5E-1]".

    They are computed in float32, as in XGBoost: near 1 the rounding of 1/p − 1 is larger than the accuracy that the
    margin must have.
    """
    try:
        probability = np.float32(str(learner["learner_model_param"]["base_score"]).strip("[] "))
    except (KeyError, ValueError) as err:
        raise ValueError("the booster's base_score is not one number") from err
    if not 0 < probability < 1:
        raise ValueError(f"base_score must lie between 0 and 1, not {probability}")
    return float(-np.log(np.float32(1) / probability - np.float32(1)))


def _tree(tree: dict[str, Any], scale: float) -> dict[str, NDArray[Any]]:
    if tree["categories_nodes"] or any(tree.get("split_type", ())):
        raise ValueError("categorical splits are not explained; encode categories as columns")
    left = np.array(tree["left_children"], np.int32)
    condition = np.array(tree["split_conditions"], np.float32)
    leaf = left < 0
    return {
        "left": left,
        "right": np.array(tree["right_children"], np.int32),
        "column": np.where(leaf, 0, np.array(tree["split_indices"], np.int32)).astype(np.int32),
        "threshold": np.where(leaf, np.float32(0), condition),
        "default_left": np.array(tree["default_left"], bool),
        "cover": np.array(tree["sum_hessian"], np.float64),
        "value": np.where(leaf, condition.astype(np.float64) * scale, 0.0),
    }


def _in_preorder(tree: dict[str, NDArray[Any]], offset: int) -> dict[str, NDArray[Any]]:
    """The nodes with parents before children, without nodes deleted by pruning."""
    order, stack = [], [0]
    while stack:
        node = stack.pop()
        order.append(node)
        if len(order) > tree["left"].size:
            raise ValueError("a tree's links form a cycle")
        if tree["left"][node] >= 0:
            stack += [int(tree["right"][node]), int(tree["left"][node])]
    place = np.full(tree["left"].size, -1, np.int32)
    place[order] = np.arange(offset, offset + len(order), dtype=np.int32)
    picked = {name: field[order] for name, field in tree.items()}
    for side in ("left", "right"):
        picked[side] = np.where(picked[side] < 0, np.int32(-1), place[picked[side]])
    return picked


def _joined(trees: list[dict[str, NDArray[Any]]], intercept: float, columns: int) -> Forest:
    roots, parts, offset = [], [], 0
    for tree in trees:
        try:
            parts.append(_in_preorder(tree, offset))
        except IndexError as err:
            raise ValueError("a tree's links lead outside the tree's arrays") from err
        roots.append(offset)
        offset += parts[-1]["left"].size
    fields: dict[str, NDArray[Any]] = {
        name: np.concatenate([np.empty(0, kind), *(part[name] for part in parts)], dtype=kind)
        for name, kind in NODE_FIELDS.items()
    }
    return Forest(**fields, roots=np.array(roots, np.int32), intercept=intercept, columns=columns)
