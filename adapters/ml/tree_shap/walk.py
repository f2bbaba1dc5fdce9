"""Exact path-dependent SHAP values of a tree, or of a part of it, for many rows at once.

A set function's Shapley values are the integral over t in [0, 1] of the partial derivatives of its multilinear
extension on the diagonal (Owen 1972). For one leaf with value w the extension is a product: each distinct column j on
its path gives the factor z_j + t·(o_j − z_j), where o_j says whether the row passes all of that column's splits and z_j
is the product of their cover shares. With u distinct columns the integrand is a polynomial of degree u − 1, so
Gauss–Legendre quadrature with ⌈u/2⌉ points is exact. docs/tree-shap.md derives the formulas.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from adapters.ml.tree_shap.forest import Forest

Booleans = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Passed:
    """The state of one column on a path: whether the rows pass its splits, and their share of the cover."""

    rows: Booleans
    share: float


class Walk:
    """Walks one tree for one block of rows, in float64.

    Every operation works element by element in a fixed order, so that a row's numbers do not depend on other rows.
    """

    def __init__(
        self,
        forest: Forest,
        outcome: Callable[[int], Booleans],
        add: Callable[[int, Floats], None],
        *,
        rows: int,
        columns_on_path: int,
    ) -> None:
        """`outcome(node)` returns which rows go left; `add(column, values)` receives the contributions."""
        self.forest, self.outcome, self.add, self.rows = forest, outcome, add, rows
        self.t, self.weight = _quadrature(max(1, (columns_on_path + 1) // 2))
        self.passed: dict[int, Passed] = {}
        self.on_the_way: list[int] = []

    def run(self, way: list[int]) -> None:
        """Add the contributions of the leaves below the last node of `way`, a path of nodes from the root."""
        self.on_the_way = way
        self._visit(way[0], np.ones((self.t.size, self.rows)), 0)

    def _visit(self, node: int, product: Floats, depth: int) -> Floats:
        """The sum over all leaves below the node of value · product of factors, per quadrature point and row."""
        forest = self.forest
        if forest.left[node] < 0:
            return product * float(forest.value[node])
        goes_left, column = self.outcome(node), int(forest.column[node])
        before, total = self.passed.get(column), np.zeros_like(product)
        for child, goes in ((int(forest.left[node]), goes_left), (int(forest.right[node]), ~goes_left)):
            if depth + 1 < len(self.on_the_way) and self.on_the_way[depth + 1] != child:
                continue
            share = cover_share(forest, node, child)
            if before is None:
                ratio, gain = self._first(goes, share)
                self.passed[column] = Passed(goes, share)
            else:
                ratio, gain = self._again(before, goes, share)
                self.passed[column] = Passed(before.rows & goes, before.share * share)
            ratio *= product
            below = self._visit(child, ratio, depth + 1)
            self.add(column, self._integral(gain, below))
            total += below
        if before is None:
            self.passed.pop(column, None)
        else:
            self.passed[column] = before
        return total

    def _first(self, goes: Booleans, share: float) -> tuple[Floats, Floats]:
        """For a column's first split on the path: its factor, and (o − z) ÷ factor."""
        kept = share + self.t * (1 - share)
        ratio = np.where(goes, kept, share * (1 - self.t))
        return ratio, np.where(goes, (1 - share) / kept, -1 / (1 - self.t))

    def _again(self, before: Passed, goes: Booleans, share: float) -> tuple[Floats, Floats]:
        """For another split on the same column: new factor ÷ old factor, and the change of (o − z) ÷ factor.

        In rows that had already failed the column, o remains 0: only z shrinks, by `share`, and (o − z) ÷ factor
        remains −1 ÷ (1 − t). So no divisor can be zero.
        """
        now = before.share * share
        old = before.share + self.t * (1 - before.share)
        kept = now + self.t * (1 - now)
        passes, had = before.rows & goes, before.rows
        ratio = np.where(passes, kept / old, np.where(had, now * (1 - self.t) / old, share))
        old_gain = (1 - before.share) / old
        gain = np.where(passes, (1 - now) / kept - old_gain, np.where(had, -1 / (1 - self.t) - old_gain, 0.0))
        return ratio, gain

    def _integral(self, gain: Floats, below: Floats) -> Floats:
        """The integral, summed point by point, because the order of a reduction can depend on the array's shape."""
        gain *= below
        total: Floats = gain[0] * self.weight[0]
        for point in range(1, self.weight.size):
            total += gain[point] * self.weight[point]
        return total


@cache
def _quadrature(points: int) -> tuple[Floats, Floats]:
    """Gauss–Legendre on [0, 1]: points (points, 1), weights (points,)."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    return (nodes[:, None] + 1) / 2, weights / 2


def cover_share(forest: Forest, node: int, child: int) -> float:
    """The share of a node's cover that went to this child; one half if no row reached the node."""
    cover = forest.cover[forest.left[node]] + forest.cover[forest.right[node]]
    return float(forest.cover[child] / cover) if cover > 0 else 0.5


def expected_value(forest: Forest, node: int) -> float:
    """The mean of the leaves below a node, weighted by cover."""
    if forest.left[node] < 0:
        return float(forest.value[node])
    children = int(forest.left[node]), int(forest.right[node])
    return sum(cover_share(forest, node, child) * expected_value(forest, child) for child in children)
