"""Expected maximum profit from the counts at every cut, on arrays: what `domain.economics.empc` gives, for large n."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from domain.economics import EmpcResult

Floats = NDArray[np.float64]


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
    """`churned` and `stayed` count the customers at or above each cut, highest cut first; the last has everyone.

    Verbraken, Verbeke & Baesens, IEEE TKDE 25(5), 2013.
    """
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

    kept: deque[tuple[float, float]] = deque([(0.0, 0.0)])
    for y, x in zip(rise.tolist(), run.tolist(), strict=True):
        while len(kept) > 1:
            (ay, ax), (by, bx) = kept[-2], kept[-1]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) < 0.0:
                break
            kept.pop()
        kept.append((y, x))
    points = np.array(kept)
    return points[:, 0], points[:, 1]
