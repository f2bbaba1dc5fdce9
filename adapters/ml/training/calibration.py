"""Calibrates held-out log-odds: by Platt's method over random folds, on the newest month forward in time.

Forward in time, the intercept is always estimated and moved by what chance does not explain; the slope only where it
gains more than its standard error. A tested month is recalibrated with the month before it, as a model in use is
recalibrated with the newest one. If the last months moved in one direction by more than chance, that change is expected
to go on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.ml.training import quality_metrics
from adapters.ml.training.selection import cross_fit_platt, fit_platt, gains
from adapters.ml.training.validation import Division
from domain.forward_validation import UnseenMonth, expected_change, leavers_interval, movement
from domain.intervals import beyond_chance

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
MAX_SHIFT = 30.0
"""The largest shift of log-odds that is looked for."""


@dataclass(frozen=True)
class Calibrated:
    """Held-out log-odds (n) of a division's rows, `raw` and calibrated (`final`); slope and shift of the model."""

    division: Division
    raw: Floats
    final: Floats
    slope: float
    shift: float

    @property
    def is_forward(self) -> bool:
        return bool(self.division.months)

    @property
    def is_scaled_by_platt(self) -> bool:
        """Whether Platt's method changed it. Recalibration forward in time has its own words."""
        return not self.is_forward and (self.slope, self.shift) != (1.0, 0.0)


def calibrated(log_odds: Floats, churned: Booleans, division: Division) -> Floats:
    """Held-out log-odds (repeats, n), each row calibrated by rows other than it; the same array if that gains nothing.

    Of a test forward in time the oldest month is unchanged, because no month before it was tested.
    """
    if division.months:
        return _by_the_month_before(log_odds, churned, division)
    first = log_odds[0]
    scaled = cross_fit_platt(first, churned, division.parts)
    if fit_platt(first, churned)[0] <= 0 or not gains(scaled, first, churned):
        return log_odds
    return np.stack([scaled, *(cross_fit_platt(one, churned, division.parts) for one in log_odds[1:])])


def calibration_of(log_odds: Floats, churned: Booleans, division: Division) -> tuple[float, float]:
    """Slope and shift for the model itself, from held-out log-odds (n)."""
    if not division.months:
        return fit_platt(log_odds, churned)
    newest = division.in_month(-1)
    slope, shift = recalibration(log_odds[newest], churned[newest], division.parts[newest])
    return slope, shift + expected_change(division.levels)


def recalibration(log_odds: Floats, churned: Booleans, parts: NDArray[np.int8]) -> tuple[float, float]:
    """Slope and shift from one month's held-out log-odds (n). The slope is 1 unless another gains certainly.

    A shift alone is shrunk by what chance explains, so that a level that has not moved is left as it is.
    """
    moved = np.empty_like(log_odds)
    for part in np.unique(parts):
        inside = parts == part
        moved[inside] = log_odds[inside] + certain_shift(log_odds[~inside], churned[~inside])
    slope, shift = fit_platt(log_odds, churned)
    if slope > 0 and gains(cross_fit_platt(log_odds, churned, parts), moved, churned):
        return slope, shift
    return 1.0, certain_shift(log_odds, churned)


def certain_shift(log_odds: Floats, churned: Booleans) -> float:
    """The shift, less what chance explains."""
    shift = fit_shift(log_odds, churned)
    moved = quality_metrics.sigmoid(log_odds + shift)
    return beyond_chance(shift, float((moved * (1.0 - moved)).sum()) ** -0.5)


def fit_shift(log_odds: Floats, churned: Booleans) -> float:
    """The shift after which as many are expected to leave as left; 0 with one class only."""
    from scipy.optimize import brentq

    if churned.all() or not churned.any():
        return 0.0
    left = float(churned.mean())
    reach = MAX_SHIFT + float(np.abs(log_odds).max())
    return float(brentq(lambda shift: float(quality_metrics.sigmoid(log_odds + shift).mean()) - left, -reach, reach))


def _by_the_month_before(log_odds: Floats, churned: Booleans, division: Division) -> Floats:
    result, mean = log_odds.copy(), log_odds.mean(axis=0)
    for place in range(1, len(division.months)):
        before, own = division.in_month(place - 1), division.in_month(place)
        slope, shift = recalibration(mean[before], churned[before], division.parts[before])
        result[:, own] = slope * log_odds[:, own] + shift + expected_change(division.levels_before(place))
    return result


def unseen_months(held_out: Calibrated, churned: Booleans) -> tuple[UnseenMonth, ...]:
    """The shown months, with the leavers expected without and with recalibration; none for random folds."""
    division = held_out.division
    before, after = quality_metrics.sigmoid(held_out.raw), quality_metrics.sigmoid(held_out.final)
    months = []
    for place in range(1, len(division.months)):
        own, earlier = division.in_month(place), after[division.in_month(place - 1)]
        expected, customers = float(after[own].sum()), int(own.sum())
        variance, earlier_variance = (float((one * (1.0 - one)).sum()) for one in (after[own], earlier))
        low, high = leavers_interval(
            expected,
            customers=customers,
            variance=variance,
            earlier_variance=earlier_variance,
            moving=movement(division.levels_before(place)),
        )
        months.append(
            UnseenMonth(
                month=division.months[place],
                customers=customers,
                churned=int(churned[own].sum()),
                expected=expected,
                low=low,
                high=high,
                expected_before=float(before[own].sum()),
            )
        )
    return tuple(months)
