"""Boosters of any library as flat arrays of nodes, reduced to what the explainer needs."""

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
    cover              float64 (nodes,), how much of the training rows reached the node, as its library counts it
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


@dataclass(frozen=True, eq=False)
class BoosterTrees:
    """One booster: its log-odds are the intercept plus the sum of its trees.

    Each tree has the node arrays of `Forest`, unweighted; its links are places in its own arrays, in any order.
    """

    trees: tuple[dict[str, NDArray[Any]], ...]
    intercept: float
    columns: int


def joined(boosters: Sequence[BoosterTrees], weights: Sequence[float], *, slope: float, shift: float) -> Forest:
    """The boosters' weighted mean in log-odds, then `slope · margin + shift`. Raises ValueError."""
    shares = _shares(weights, len(boosters))
    intercept, columns = float(shift), {booster.columns for booster in boosters}
    if len(columns) != 1:
        raise ValueError(f"the boosters of a bag must share their columns, not have {sorted(columns)}")
    trees = []
    for booster, share in zip(boosters, shares, strict=True):
        intercept += slope * share * booster.intercept
        trees += [tree | {"value": tree["value"] * (slope * share)} for tree in booster.trees]
    return _one_after_another(trees, intercept, columns.pop())


def _shares(weights: Sequence[float], models: int) -> list[float]:
    if models == 0 or len(weights) != models:
        raise ValueError(f"one weight per booster, at least one booster: {models} boosters, {len(weights)} weights")
    total = math.fsum(weights)
    if min(weights) < 0 or not 0 < total < math.inf:
        raise ValueError("bag weights must be finite, not negative and not all zero")
    return [weight / total for weight in weights]


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


def _one_after_another(trees: list[dict[str, NDArray[Any]]], intercept: float, columns: int) -> Forest:
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
