"""95% intervals of a rate and of a mean. All pages, reports and evaluations use them."""

from __future__ import annotations

from statistics import NormalDist

Z_95 = 1.959964
"""The normal distribution's 97.5 % quantile."""
NOTICED = Z_95 + 0.8416212
"""Standard errors of an effect that is noticed 8 times in 10: the 97.5 % and the 80 % quantile together."""


def noticed_at(error_rate: float) -> float:
    """Standard errors of an effect that is noticed 8 times in 10 by a two-sided test with this error rate."""
    normal = NormalDist()
    return normal.inv_cdf(1.0 - error_rate / 2.0) + normal.inv_cdf(0.8)


def effective_size(members: int, variance_ratio: float, reach: float) -> float:
    """The members of a plain group whose 95% interval is as wide as that of this one.

    `variance_ratio`: the variance of the group's estimate over that of its plain share. `reach`: the standard errors
    that a 95% interval needs, more than those of the normal distribution where a group is small.
    Korn & Graubard, Survey Methodology 24(2), 1998.
    """
    return members / variance_ratio * (Z_95 / reach) ** 2


def rate_interval(rate: float, of: float) -> tuple[float, float]:
    """Wilson's 95% interval of a rate in [0, 1] among `of` customers; (0, 1) where there are none.

    `of` is a number with a fraction where it is an effective sample size.

    Wilson, Journal of the American Statistical Association 22, 1927.
    """
    if of < 1:
        return 0.0, 1.0
    z2 = Z_95 * Z_95
    reach = Z_95 * (max(0.0, rate * (1.0 - rate)) / of + z2 / (4 * of * of)) ** 0.5
    low = (rate + z2 / (2 * of) - reach) / (1.0 + z2 / of) if rate > 0.0 else 0.0
    high = (rate + z2 / (2 * of) + reach) / (1.0 + z2 / of) if rate < 1.0 else 1.0  # exact, without rounding
    return low, high


def mean_interval(mean: float, spread: float, of: int) -> tuple[float, float]:
    """95% interval of a mean of `of` values with the standard deviation `spread` (normal approximation)."""
    reach = Z_95 * spread / of**0.5
    return mean - reach, mean + reach


def variance_of(low: float, high: float) -> float:
    """Variance of an estimate with this 95% interval (normal approximation)."""
    return ((high - low) / (2.0 * Z_95)) ** 2


def beyond_chance(estimate: float, standard_error: float) -> float:
    """The estimate, shrunk by what chance explains: 0 while its 95% interval contains 0, nearly all of a clear one.

    The positive part of James and Stein's estimator, with the square of the 95% interval's reach as its constant.
    Baranchik, Annals of Mathematical Statistics 41(2), 1970.
    """
    explained = (Z_95 * standard_error) ** 2
    return 0.0 if estimate**2 <= explained else estimate * (1.0 - explained / estimate**2)


def auc_variance(auc: float, positive: int, negative: int) -> float:
    """Variance of an AUC that was measured on so many customers of both kinds, of which a positive one ranks higher.

    Hanley & McNeil, Radiology 143, 1982.
    """
    first, second = auc / (2.0 - auc), 2.0 * auc * auc / (1.0 + auc)
    spread = auc * (1.0 - auc) + (positive - 1) * (first - auc * auc) + (negative - 1) * (second - auc * auc)
    return max(0.0, spread) / (positive * negative)


def auc_interval(auc: float, positive: int, negative: int) -> tuple[float, float]:
    """95% interval of an AUC in [0, 1], by the same source."""
    low, high = mean_interval(auc, auc_variance(auc, positive, negative) ** 0.5, 1)
    return max(0.0, low), min(1.0, high)
