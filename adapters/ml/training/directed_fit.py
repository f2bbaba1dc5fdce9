"""Logistic regression some of whose coefficients must rise, or fall, from one to the next.

A spline whose coefficients rise from basis function to basis function rises itself (de Boor, A Practical Guide to
Splines, 2001, chapter XI), so that this holds its curve to a direction everywhere, not only at the training rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.ml.training import quality_metrics
from adapters.one_thread import one_thread

Floats = NDArray[np.float64]
Vector = np.ndarray[tuple[int], np.dtype[np.float64]]
MAX_STEPS = 3000


@dataclass(frozen=True)
class Directed:
    """The coefficients from `first` to before `stop` must rise if `sign` is 1, and fall if it is −1."""

    first: int
    stop: int
    sign: int


def fit_directed(
    design: Floats, churned: NDArray[np.bool_], directed: Sequence[Directed], *, penalty: float
) -> tuple[Floats, float]:
    """Coefficients (columns) and intercept with the lowest sum of log-loss and ridge penalty ½·penalty·|β|².

    Each directed run is written as its first coefficient and its steps, which are not negative (L-BFGS-B; Byrd, Lu,
    Nocedal & Zhu, SIAM Journal on Scientific Computing 16(5), 1995).
    """
    from scipy.optimize import Bounds, minimize

    rows, columns = design.shape
    truth = churned.astype(np.float64)

    def objective(values: Vector) -> tuple[float, Floats]:
        weights = _coefficients(values[:-1], directed)
        margins = design @ weights + values[-1]
        apart = quality_metrics.sigmoid(margins) - truth
        loss = float((np.logaddexp(0.0, margins) - truth * margins).sum()) + 0.5 * penalty * float(weights @ weights)
        slopes = _slopes(design.T @ apart + penalty * weights, directed)
        return loss / rows, np.append(slopes, apart.sum()) / rows

    lower = np.full(columns + 1, -np.inf)
    for run in directed:
        lower[run.first + 1 : run.stop] = 0.0
    with one_thread("sklearn.linear_model"):
        found = minimize(
            objective,
            np.zeros(columns + 1),
            jac=True,
            method="L-BFGS-B",
            bounds=Bounds(lower, np.inf),
            options={"maxiter": MAX_STEPS, "maxfun": 2 * MAX_STEPS, "ftol": 1e-13, "gtol": 1e-8, "maxcor": 30},
        )
    return _coefficients(found.x[:-1], directed), float(found.x[-1])


def _coefficients(values: Floats, directed: Sequence[Directed]) -> Floats:
    """Coefficients from first coefficients and steps."""
    weights = values.copy()
    for run in directed:
        steps = np.cumsum(values[run.first + 1 : run.stop])
        weights[run.first + 1 : run.stop] = values[run.first] + run.sign * steps
    return weights


def _slopes(of_weights: Floats, directed: Sequence[Directed]) -> Floats:
    """Derivatives by first coefficients and steps, from those by the coefficients."""
    slopes = of_weights.copy()
    for run in directed:
        later = np.cumsum(of_weights[run.first : run.stop][::-1])[::-1]
        slopes[run.first] = later[0]
        slopes[run.first + 1 : run.stop] = run.sign * later[1:]
    return slopes
