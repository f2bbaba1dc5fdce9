"""The attributes that move each row's log-odds most, up and down."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BLOCK_ROWS = 8192  # so that the current block stays in a core's cache


class Strongest(NamedTuple):
    """Each (rows, k). Where a row has fewer than k: attribute −1, value 0.

    raises, raised   the attributes with the largest contributions above 0, largest first, and those values
    lowers, lowered  the attributes with the smallest below 0, smallest first, and those values
    """

    raises: NDArray[np.int32]
    raised: NDArray[np.float64]
    lowers: NDArray[np.int32]
    lowered: NDArray[np.float64]


def strongest(contributions: NDArray[np.float64], k: int = 3) -> Strongest:
    """contributions (rows, attributes), finite → the k strongest of each kind; ties go to the lower attribute."""
    if contributions.ndim != 2 or k < 0:
        raise ValueError("the strongest k ≥ 0 are picked from a matrix of rows and attributes")
    rows = len(contributions)
    attributes = np.full((2, rows, k), -1, np.int32)
    values = np.zeros((2, rows, k))
    for first in range(0, rows, BLOCK_ROWS):
        block = slice(first, first + BLOCK_ROWS)
        _pick(np.array(contributions[block], np.float64), attributes[0, block], values[0, block])
        _pick(np.negative(contributions[block], dtype=np.float64), attributes[1, block], values[1, block])
    np.negative(values[1], out=values[1], where=attributes[1] >= 0)
    return Strongest(attributes[0], values[0], attributes[1], values[1])


def _pick(remaining: NDArray[np.float64], attributes: NDArray[np.int32], values: NDArray[np.float64]) -> None:
    """Take the maximum k times. Overwrites `remaining`. For short rows, a few passes are faster than sorting."""
    flat = remaining.reshape(-1)
    starts = np.arange(0, flat.size, max(1, remaining.shape[1]))
    for rank in range(min(attributes.shape[1], remaining.shape[1])):
        best = remaining.argmax(axis=1)
        place = starts + best
        value = flat.take(place)
        counts = value > 0
        np.copyto(attributes[:, rank], best, where=counts, casting="same_kind")
        np.copyto(values[:, rank], value, where=counts)
        flat[place] = -np.inf
