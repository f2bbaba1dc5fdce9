"""Converts trained networks to functions of an attribute, without approximation.

Between two neighbouring points at which no unit of a layer changes its sign, a network of rectifiers is straight. The
points are the knots of the encoding and, layer by layer, the places at which a unit crosses 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NEAREST = 1e-7
"""Points nearer than this share of the range are joined: their slope would consist of rounding errors."""


@dataclass(frozen=True, eq=False)
class Network:
    """One network: (weights, biases) of the hidden layers, then weights and bias of the output."""

    hidden: tuple[tuple[Floats, Floats], ...]
    weights: Floats
    bias: float

    def of(self, encoded: Floats) -> Floats:
        """(n, width) → log-odds (n)."""
        for weights, biases in self.hidden:
            encoded = np.maximum(encoded @ weights + biases, 0.0)
        return encoded @ self.weights + self.bias


def straight_pieces(network: Network, knots: Floats, encoded: Floats) -> tuple[Floats, Floats]:
    """The ends of the straight pieces, ascending, and the values there. `encoded` (knots, width) are the knots'."""
    points, values = knots, encoded
    for weights, biases in network.hidden:
        before = values @ weights + biases
        crossings = _crossings(points, before)
        joined = np.unique(np.concatenate([points, crossings]))
        values = np.maximum(_between(joined, points, before), 0.0)
        points = joined
    return points, values @ network.weights + network.bias


def mean_pieces(networks: Sequence[Network], knots: Floats, encoded: Floats) -> tuple[Floats, Floats]:
    """The same for the mean of several networks."""
    pieces = [straight_pieces(network, knots, encoded) for network in networks]
    points = _apart(np.unique(np.concatenate([own for own, _ in pieces])), knots)
    return points, np.mean([np.interp(points, own, values) for own, values in pieces], axis=0)


def _crossings(points: Floats, values: Floats) -> Floats:
    """Where one of the columns crosses 0 between two neighbouring points."""
    left, right = values[:-1], values[1:]
    interval, column = np.nonzero(left * right < 0.0)
    low, high = left[interval, column], right[interval, column]
    return points[interval] + (points[interval + 1] - points[interval]) * (low / (low - high))


def _between(at: Floats, points: Floats, values: Floats) -> Floats:
    """Straight lines between the points, for each column."""
    if len(points) == 1:
        return values
    left = np.clip(np.searchsorted(points, at, side="right") - 1, 0, len(points) - 2)
    share = ((at - points[left]) / (points[left + 1] - points[left]))[:, None]
    return (1.0 - share) * values[left] + share * values[left + 1]


def _apart(points: Floats, knots: Floats) -> Floats:
    """Without points that are too near to the one before; both ends stay."""
    least = NEAREST * (knots[-1] - knots[0])
    kept = [points[0]]
    for point in points[1:-1].tolist():
        if point - kept[-1] > least and points[-1] - point > least:
            kept.append(point)
    return np.array(kept if len(points) == 1 else [*kept, points[-1]])
