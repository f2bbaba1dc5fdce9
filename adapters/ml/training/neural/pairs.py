"""Which pairs of attributes may add something together, and the bins by which their networks see numbers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from adapters.ml.training.neural.encoding import Encoding

Floats = NDArray[np.float64]
BINS = 12
MAX_ROWS = 16
"""Bins or levels of an attribute up to which it can be in a pair."""
MAX_ATTRIBUTES = 40
"""Attributes that are combined in pairs: those whose own functions vary most."""
SMOOTHING = 5.0
"""Weight of customers, in the unit of p · (1 − p), by which the gain of a cell is shrunk."""


@dataclass(frozen=True, eq=False)
class Grid:
    """One attribute's rows in a pair's table: where each training row is, and how each row enters a network."""

    places: NDArray[np.intp]
    encoded: Floats


def bin_edges(own: NDArray[np.float32]) -> Floats:
    """The lower ends of all bins but the first, at quantiles of the training rows."""
    numbers = own[~np.isnan(own)].astype(np.float64)
    if not len(numbers):
        return np.empty(0)
    edges = np.unique(np.quantile(numbers, np.arange(1, BINS) / BINS, method="higher"))
    inner: Floats = edges[edges > numbers.min()]
    return inner


def grid_of(encoding: Encoding, own: NDArray[np.float32], places: NDArray[np.intp], rows: int) -> Grid:
    """A bin of numbers enters as its median; a level and a missing value as they enter the attribute's own network."""
    if encoding.knots is None:
        return Grid(places, encoding.table)
    medians = [float(np.median(own[places == row])) if (places == row).any() else np.nan for row in range(rows - 1)]
    return Grid(places, encoding.of(np.array([*medians, np.nan], np.float32)))


def promising_pairs(
    grids: dict[int, Grid], log_odds: Floats, churned: NDArray[np.bool_], *, most: int
) -> list[tuple[int, int]]:
    """The pairs whose cells explain most of what the attributes' own functions leave (Lou et al., KDD 2013).

    A cell's gain is one Newton step of the log-loss. Cells without an effect gain about 1 each, which is taken off.
    """
    probability = 1.0 / (1.0 + np.exp(-log_odds))
    left, weight = churned - probability, probability * (1.0 - probability)
    usable = sorted(place for place, grid in grids.items() if len(grid.encoded) <= MAX_ROWS)
    scored = []
    for first, second in combinations(usable, 2):
        columns = len(grids[second].encoded)
        cell = grids[first].places * columns + grids[second].places
        gain = _gains(cell, left, weight)
        for one in (first, second):
            gain -= _gains(grids[one].places, left, weight)
        scored.append((gain, first, second))
    scored.sort(key=lambda own: (-own[0], own[1], own[2]))
    return [(first, second) for gain, first, second in scored[:most] if gain > 0.0]


def _gains(cell: NDArray[np.intp], left: Floats, weight: Floats) -> float:
    sums, weights = np.bincount(cell, left), np.bincount(cell, weight)
    known = weights > 0
    return float(
        (sums[known] ** 2 / (weights[known] + SMOOTHING) - weights[known] / (weights[known] + SMOOTHING)).sum()
    )
