"""Thresholds of scored customers, one by one, for tests of what chooses among them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adapters.ml.training.empc import empc_of_counts
from domain.economics import EmpcResult, ThresholdCounts


def cuts(probabilities: Sequence[float], churned: Sequence[bool]) -> list[ThresholdCounts]:
    """Every distinct probability as a threshold, highest first, with the counts at or above it."""
    order = sorted(range(len(probabilities)), key=lambda i: -probabilities[i])
    counts: list[ThresholdCounts] = []
    leavers = stayers = 0
    for place, i in enumerate(order):
        leavers += bool(churned[i])
        stayers += not churned[i]
        last = place + 1 == len(order)
        if last or probabilities[order[place + 1]] != probabilities[i]:
            counts.append(ThresholdCounts(float(probabilities[i]), leavers, stayers))
    return counts


def empc(probabilities: Sequence[float], churned: Sequence[bool], **costs: float) -> EmpcResult:
    """What the product says of these customers."""
    counts = cuts(probabilities, churned)
    leavers, stayers = ([float(getattr(cut, side)) for cut in counts] for side in ("churned", "stayed"))
    return empc_of_counts(np.array(leavers), np.array(stayers), **costs)  # type: ignore[arg-type] # whole numbers too
