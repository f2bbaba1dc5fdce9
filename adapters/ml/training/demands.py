"""Demanded directions of curves: what they cost on held-out customers, and a check of what was learned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.scoring_model import ScoringModel
from adapters.ml.training.calibration import calibrated
from adapters.ml.training.learning_data import LearningData
from adapters.ml.training.quality_metrics import error_of_mean
from adapters.ml.training.selection import losses_of
from adapters.ml.training.validation import Division
from domain.curve_demand import KeptDemands

Floats = NDArray[np.float64]
CHECKED_CUSTOMERS, CHECKED_VALUES = 100, 60
ROUNDING = 1e-5
"""Log-odds by which scores may differ from exact sums. The tables of reasons have float32 entries, whose rounding is
near 1e-6; a broken direction is of the size of a leaf's value."""


def kept_demands(
    data: LearningData, division: Division, kept: Floats, cross_fit: Callable[[Division, LearningData], Floats]
) -> KeptDemands | None:
    """The demands and their cost; None without any.

    `kept` are held-out log-odds (n) of the division's rows. `cross_fit` gives those of the same settings for any data,
    here for the data without demands. Both are calibrated in the same way.
    """
    if not data.demands:
        return None
    churned, shown = data.churned[division.rows], division.shown
    free = cross_fit(division, replace(data, demands=()))
    with_demands, without = (losses_of(calibrated(own[None], churned, division), churned) for own in (kept, free))
    lost = (with_demands - without)[shown]
    error = error_of_mean(lost, data.groups.of_row[division.rows][shown])
    return KeptDemands(data.demands, float(lost.mean()), error)


def must_keep_demands(data: LearningData, model: ScoringModel, *, seed: int) -> None:
    """Check the learned model on a sample of customers, each at values over the attribute's whole range.

    Raises RuntimeError if a library broke a demand, because a model is not stored with a false promise.
    """
    draw = np.random.default_rng(seed)
    for attribute, sign in enumerate(data.directions):
        if not sign:
            continue
        customers = data.codes[draw.integers(0, data.rows, CHECKED_CUSTOMERS)]
        known = data.codes[:, attribute][~np.isnan(data.codes[:, attribute])]
        values = np.unique(np.quantile(known, np.linspace(0, 1, CHECKED_VALUES), method="nearest"))
        raised = np.repeat(customers, len(values), axis=0)
        raised[:, attribute] = np.tile(values, len(customers))
        margins = model.explain(raised)[1].reshape(len(customers), len(values))
        if (sign * np.diff(margins, axis=1) < -ROUNDING).any():
            raise RuntimeError(f"the trained model does not keep the direction of {data.vocabulary.names[attribute]}")
