"""Expected maximum profit of a retention campaign, from the counts of customers at every threshold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from domain.economics import EmpcResult

Floats = NDArray[np.float64]
MIN_THINNED = 50
"""From so many points on, NumPy removes most of them before each is looked at."""


def empc_of_counts(
    churned: Floats,
    stayed: Floats,
    *,
    alpha: int = 6,
    beta: int = 14,
    clv: float = 200.0,
    offer_cost: float = 10.0,
    contact_cost: float = 1.0,
) -> EmpcResult:
    """`churned` and `stayed` count the customers at or above each threshold, highest first; the last includes everyone.

    The save rate is Beta(alpha, beta). The best cut for each save rate is a vertex of the ROC curve's convex hull.
    Between two save rates where the best cut changes, profit is linear in the save rate, so that its expectation is a
    sum of incomplete beta moments. Raises ValueError unless both classes occur.
    Verbraken, Verbeke & Baesens, IEEE TKDE 25(5), 2013.
    """
    if not churned[-1] or not stayed[-1]:
        raise ValueError("EMPC needs customers who left and customers who stayed")
    from scipy.special import betainc

    delta, phi = offer_cost / clv, contact_cost / clv
    total = churned[-1] + stayed[-1]
    f1, f0 = _hull(churned / churned[-1], stayed / stayed[-1])
    prior_1, prior_0 = churned[-1] / total, stayed[-1] / total
    rise, run = prior_1 * np.diff(f1), prior_0 * np.diff(f0)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(rise > 0, (run * (delta + phi) + rise * phi) / rise / (1.0 - delta), 1.0)
    gamma = np.concatenate([[0.0], np.minimum(1.0, np.maximum.accumulate(np.maximum(change, 0.0))), [1.0]])
    mass = np.diff(betainc(alpha, beta, gamma))
    moment = np.diff(betainc(alpha + 1, beta, gamma)) * alpha / (alpha + beta)
    gain = clv * (1.0 - delta) * prior_1 * f1
    cost = clv * (phi * prior_1 * f1 + (delta + phi) * prior_0 * f0)
    value = float((gain * moment - cost * mass).sum())
    return EmpcResult(value, float(((prior_1 * f1 + prior_0 * f0) * mass).sum()))


def _hull(rise: Floats, run: Floats) -> tuple[Floats, Floats]:
    """The upper convex hull of the points (run, rise), from (0, 0) on."""
    from collections import deque

    hull: deque[tuple[float, float]] = deque([(0.0, 0.0)])
    for y, x in zip(*(part.tolist() for part in _above_neighbours(rise, run)), strict=True):
        while len(hull) > 1:
            (ay, ax), (by, bx) = hull[-2], hull[-1]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) < 0.0:
                break
            hull.pop()
        hull.append((y, x))
    points = np.array(hull)
    return points[:, 0], points[:, 1]


def _above_neighbours(rise: Floats, run: Floats) -> tuple[Floats, Floats]:
    """The points without most of those that lie on or below the line between two others, so not on the hull."""
    moved = (np.diff(rise, prepend=0.0) > 0.0) | (np.diff(run, prepend=0.0) > 0.0)
    rise, run = rise[moved], run[moved]  # of equal points one: each is on a line from the other
    while len(run) > MIN_THINNED:
        up, right = np.diff(rise, prepend=0.0), np.diff(run, prepend=0.0)
        above = np.append(right[:-1] * up[1:] < up[:-1] * right[1:], True)
        if above.sum() > 0.9 * len(above):
            break
        rise, run = rise[above], run[above]
    return rise, run
