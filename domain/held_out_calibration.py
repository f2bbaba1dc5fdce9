"""What held-out customers say about the calibration of a model, by bins of like probability."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log

from domain.evaluation import CalibrationBin

MIN_PROBABILITY = 1e-6
"""Probabilities are at least this far from 0 and 1 where log-odds are needed."""
MAX_STEPS = 50
MIN_SLOPE, MAX_SLOPE = 0.2, 5.0


@dataclass(frozen=True, slots=True)
class HeldOutCalibration:
    """`slope`: by how much log-odds are to be stretched. Below 1, the model is more certain of its customers than it
    may be, as those that it did not learn from show.

    `edges`: rising probabilities between the bins. `variances`: of each bin, how uncertain its log-odds are.
    """

    slope: float = 1.0
    edges: tuple[float, ...] = ()
    variances: tuple[float, ...] = (0.0,)

    def place(self, probability: float) -> int:
        """The bin of a probability."""
        return bisect_right(self.edges, probability)


def held_out_calibration(bins: Sequence[CalibrationBin]) -> HeldOutCalibration:
    """A bin's log-odds have by chance alone the variance 1 / (n·p·(1 − p)); what the bins deviate more, on average,
    is added to all. Without bins the probabilities are taken as they are."""
    if not bins:
        return HeldOutCalibration()
    ordered = sorted(bins, key=lambda own: own.predicted)
    intercept, slope = _line(ordered)
    information, apart = [], []
    for own in ordered:
        p = probability_of(intercept + slope * log_odds(own.predicted))
        observed = (own.observed * own.customers + 0.5) / (own.customers + 1.0)
        information.append(own.customers * max(MIN_PROBABILITY, p * (1.0 - p)))
        apart.append(log_odds(observed) - log_odds(p))
    chance = sum(of * gap**2 - 1.0 for of, gap in zip(information, apart, strict=True))
    beyond = max(0.0, chance / sum(information))
    return HeldOutCalibration(
        slope,
        tuple((low.predicted + high.predicted) / 2.0 for low, high in pairwise(ordered)),
        tuple(1.0 / of + beyond for of in information),
    )


def _line(bins: Sequence[CalibrationBin]) -> tuple[float, float]:
    """Intercept and slope of the logistic regression of outcomes on predicted log-odds, by Newton's method.

    0 and 1 where the bins do not determine them, or only by a slope outside of 0.2 to 5.
    Cox, "Two further applications of a model for binary regression", Biometrika 45, 1958.
    """
    intercept, slope = 0.0, 1.0
    for _ in range(MAX_STEPS):
        gaps, weights = [], []
        for own in bins:
            p = probability_of(intercept + slope * log_odds(own.predicted))
            gaps.append(own.customers * (own.observed - p))
            weights.append(own.customers * p * (1.0 - p))
        places = [log_odds(own.predicted) for own in bins]
        sums = [sum(w * x**power for w, x in zip(weights, places, strict=True)) for power in (0, 1, 2)]
        determinant = sums[0] * sums[2] - sums[1] ** 2
        if determinant <= 1e-9 * sums[0] * sums[2]:
            break
        first, second = sum(gaps), sum(gap * x for gap, x in zip(gaps, places, strict=True))
        step = (sums[2] * first - sums[1] * second) / determinant, (sums[0] * second - sums[1] * first) / determinant
        intercept, slope = intercept + step[0], slope + step[1]
        if abs(step[0]) + abs(step[1]) < 1e-9:
            if MIN_SLOPE <= slope <= MAX_SLOPE:
                return intercept, slope
            break
    return 0.0, 1.0


def log_odds(p: float) -> float:
    inside = min(1.0 - MIN_PROBABILITY, max(MIN_PROBABILITY, p))
    return log(inside / (1.0 - inside))


def probability_of(own: float) -> float:
    return 1.0 / (1.0 + exp(-own)) if own >= 0.0 else exp(own) / (1.0 + exp(own))
