"""The effect of a campaign, adjusted for what was known beforehand.

Ordinary least squares of "stayed" on the assignment, the centred covariates, and their products (Lin, Annals of Applied
Statistics 7(1), 2013). Whatever the truth is, this estimates the same effect as the plain difference, at least as
precisely in large groups. Covariates: the predicted risk, and a column for each stratum with enough controls.
Standard errors are robust (HC2: MacKinnon & White, Journal of Econometrics 29, 1985), with Student's t at the degrees
of freedom of the smaller group (Imbens & Kolesár, Review of Economics and Statistics 98(4), 2016, show why few
observations in one group need more than the normal distribution).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from application.ports.campaigns import Assigned
from domain.effect import NOTHING_KNOWN, Difference

Numbers = npt.NDArray[np.float64]

ROWS_FOR_A_COVARIATE = 10
"""Members that the smaller group needs for each covariate; the rarest strata are left out first."""


class LeastSquaresEffect:
    """Implements `application.ports.campaigns.AdjustedEffect` with NumPy."""

    def adjusted(self, members: Assigned) -> Difference:
        contacted = np.asarray(members.contacted, dtype=bool)
        smaller = int(min(contacted.sum(), (~contacted).sum()))
        if smaller < 2:
            return NOTHING_KNOWN
        covariates = _covariates(members, contacted, smaller // ROWS_FOR_A_COVARIATE)
        return _lin(np.asarray(members.stayed, dtype=np.float64), contacted, covariates, smaller)


def _covariates(members: Assigned, contacted: npt.NDArray[np.bool_], most: int) -> Numbers:
    """Centred covariates (members × at most `most`): the risk, then the strata with the most members of the smaller
    group. One stratum is left out, as the one that the others are compared with."""
    if most < 1:
        return np.empty((len(contacted), 0))
    columns = [np.asarray(members.risk, dtype=np.float64)]
    stratum = np.asarray(members.stratum)
    in_smaller = contacted if contacted.sum() <= (~contacted).sum() else ~contacted
    counts = np.bincount(stratum[in_smaller], minlength=int(stratum.max(initial=0)) + 1)
    order = np.argsort(-counts, kind="stable")[1:]
    large = [int(place) for place in order if counts[place] >= ROWS_FOR_A_COVARIATE][: most - 1]
    columns += [(stratum == place).astype(np.float64) for place in large]
    table = np.column_stack(columns)
    table = table - table.mean(axis=0)
    varying: Numbers = table[:, np.abs(table).max(axis=0, initial=0.0) > 1e-12]
    return varying


def _lin(stayed: Numbers, contacted: npt.NDArray[np.bool_], covariates: Numbers, smaller: int) -> Difference:
    """Lin's estimate. With the products, it is one regression per group: the group's line at the centre of all."""
    estimates, variances = [], []
    for group in (contacted, ~contacted):
        design = np.column_stack([np.ones(int(group.sum())), covariates[group]])
        inverse = np.linalg.pinv(design.T @ design)
        weights = inverse[0] @ design.T  # the intercept is this weighted sum of the outcomes
        residual = stayed[group] - design @ (inverse @ (design.T @ stayed[group]))
        leverage = np.minimum(np.einsum("ij,ij->i", design @ inverse, design), 1.0 - 1e-9)
        estimates.append(float(weights @ stayed[group]))
        variances.append(float((weights**2) @ (residual**2 / (1.0 - leverage))))
    value = estimates[0] - estimates[1]
    error = sum(variances) ** 0.5
    freedom = max(1, smaller - 1 - covariates.shape[1])
    reach = float(stdtrit(freedom, 0.975)) * error
    return Difference(value, max(-1.0, value - reach), min(1.0, value + reach))
