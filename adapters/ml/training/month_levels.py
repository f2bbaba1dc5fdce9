"""How far churn moves from month to month beyond what the customers' attributes explain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from adapters.ml.training import quality_metrics
from adapters.ml.training.calibration import fit_shift
from adapters.ml.training.cross_fitting import cross_fit_linear
from adapters.ml.training.learning_data import LearningData
from adapters.ml.training.validation import Division, evaluation_rows, random_folds
from domain.forward_validation import MonthLevel

FOLDS = 2


def with_levels(data: LearningData, divisions: Iterable[Division], *, seed: int) -> list[Division]:
    """Divisions forward in time know the levels of all months of the evaluated rows; random folds are returned as is.

    The levels are what a spline logistic regression over all months misses in each of them. It is cross-fitted over
    random folds. A prediction of a month uses the levels of earlier months only.
    """
    given = list(divisions)
    if data.months is None or not given[0].months:
        return given
    rows = evaluation_rows(data, seed=seed)
    log_odds = cross_fit_linear(data, random_folds(data, rows, folds=FOLDS, seed=seed), seed=seed)
    levels = levels_of(log_odds, data.churned[rows], data.months[rows].astype(str))
    return [replace(division, levels=levels) for division in given]


def levels_of(
    log_odds: NDArray[np.float64], churned: NDArray[np.bool_], months: NDArray[np.str_]
) -> tuple[MonthLevel, ...]:
    """The level of each month in which some left and some stayed, oldest first, from held-out log-odds (n)."""
    levels = []
    for month in np.unique(months[months != ""]).tolist():
        inside = months == month
        if churned[inside].all() or not churned[inside].any():
            continue
        shift = fit_shift(log_odds[inside], churned[inside])
        moved = quality_metrics.sigmoid(log_odds[inside] + shift)
        levels.append(MonthLevel(month, shift, 1.0 / float((moved * (1.0 - moved)).sum())))
    return tuple(levels)
