"""The effect of a campaign, adjusted for what was known beforehand.

Ordinary least squares of "stayed" on the assignment, the centred covariates, and their products (Lin, Annals of Applied
Statistics 7(1), 2013). Whatever the truth is, this estimates the same effect as the plain difference, at least as
precisely in large groups. Covariates: the predicted risk, and a column for each stratum with enough controls.
Standard errors are robust (HC2: MacKinnon & White, Journal of Econometrics 29, 1985).

The interval is Newcombe's, at the adjusted shares: a group counts as many members as would give a plain share its
robust error (effective sample size), less those that Student's t needs where a group is small (Korn & Graubard, Survey
Methodology 24(2), 1998). An interval of plus and minus two errors would be too short where few customers leave, and
would have no width where nobody does.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from application.ports.campaigns import Assigned
from domain.effect import MIN_WITHIN, NOTHING_KNOWN, Difference, difference_of_shares
from domain.intervals import effective_size

Numbers = npt.NDArray[np.float64]

ROWS_FOR_A_COVARIATE = 10
"""Members that the smaller group needs for each covariate; the rarest strata are left out first."""
MAX_RATIO = 1.5
"""Most that an adjustment is taken to add to the variance, where few leavers make it look larger."""


class LeastSquaresEffect:
    """Implements `application.ports.campaigns.AdjustedEffect` with NumPy."""

    def adjusted(self, members: Assigned) -> Difference:
        contacted = np.asarray(members.contacted, dtype=bool)
        smaller = int(min(contacted.sum(), (~contacted).sum()))
        if smaller < 2:
            return NOTHING_KNOWN
        covariates = _covariates(members, contacted, smaller // ROWS_FOR_A_COVARIATE)
        return _lin(np.asarray(members.stayed, dtype=np.float64), contacted, covariates)


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


def _lin(stayed: Numbers, contacted: npt.NDArray[np.bool_], covariates: Numbers) -> Difference:
    """Lin's estimate. With the products, it is one regression per group: the group's line at the centre of all."""
    first, second = (_share(stayed[group], covariates[group]) for group in (contacted, ~contacted))
    return difference_of_shares(first, second)


def _share(stayed: Numbers, covariates: Numbers) -> tuple[float, float]:
    """A group's adjusted share at the centre of all members, and its effective sample size."""
    members = len(stayed)
    design = np.column_stack([np.ones(members), covariates])
    inverse = np.linalg.pinv(design.T @ design)
    weights = inverse[0] @ design.T  # the intercept is this weighted sum of the outcomes
    residual = stayed - design @ (inverse @ (design.T @ stayed))
    leverage = np.minimum(np.einsum("ij,ij->i", design @ inverse, design), 1.0 - 1e-9)
    variance = float((weights**2) @ (residual**2 / (1.0 - leverage)))
    plain = float(stayed.var()) / (members - 1)
    ratio = min(MAX_RATIO, max(MIN_WITHIN, variance / plain)) if plain > 0.0 else 1.0
    reach = float(stdtrit(max(1, members - design.shape[1]), 0.975))
    return float(weights @ stayed), effective_size(members, ratio, reach)
