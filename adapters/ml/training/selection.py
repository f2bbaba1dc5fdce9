"""Which model, or which blend of models, is worth its cost: decided from out-of-fold log-odds and the truth alone.

Nothing here knows how the folds were made. `log_odds` are float64 (…, n), held out; `churned` is bool (n).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.ml.training import quality_metrics
from adapters.one_thread import one_thread
from domain.training_limits import most_microseconds, unnoticed_microseconds

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
STEPS = 40
"""Members that the greedy selection adds, repetitions included: shares are multiples of about 2.5 %."""
LEAST_SHARE = 0.05
"""Members with a smaller share are left out. They cost as much to score as the others and change little."""


@dataclass(frozen=True)
class Option:
    """A model that could be learned: its held-out log-losses (n), and its cost in microseconds per customer.

    `least_saving` is the share of the log-loss that it has to save in order to replace a cheaper model.
    """

    losses: Floats
    cost: float
    least_saving: float = 0.0


def losses_of(log_odds: Floats, churned: Booleans) -> Floats:
    """Log-loss of every row (n); the mean over repeats if `log_odds` are (repeats, n)."""
    each = quality_metrics.row_log_loss(quality_metrics.sigmoid(np.atleast_2d(log_odds)), churned)
    mean: Floats = each.mean(axis=0)
    return mean


def standard_error(differences: Floats) -> float:
    """Of the mean of paired differences (n)."""
    return float(differences.std() / np.sqrt(len(differences)))


def gains(better: Floats, usual: Floats, churned: Booleans) -> bool:
    """Whether the first log-odds' log-loss is lower than the second's by more than its paired standard error."""
    won = losses_of(usual, churned) - losses_of(better, churned)
    return bool(won.mean() > standard_error(won))


def worth_its_cost(options: Sequence[Option]) -> int:
    """The place of the option to learn, of which one demands no saving.

    Of those without a least saving, it is the cheapest of the best. One with a least saving replaces it if its log-
    loss is lower by more than the paired standard error and by more than that saving; the cheapest of the best of
    these, and of those that score as many customers in no time, the best. Options beyond the largest cost are not
    considered, unless there is no other.
    """
    customers = len(options[0].losses)
    most = most_microseconds(customers)
    plain = [place for place, own in enumerate(options) if not own.least_saving]
    affordable = [place for place in plain if options[place].cost <= most]
    usual = _cheapest(options, affordable or [min(plain, key=lambda place: options[place].cost)])

    def pays(own: Option) -> bool:
        won = options[usual].losses - own.losses
        least = max(standard_error(won), own.least_saving * float(options[usual].losses.mean()))
        return bool(own.least_saving and own.cost <= most and won.mean() > least)

    paying = [place for place, own in enumerate(options) if pays(own)]
    return _cheapest(options, paying, unnoticed=unnoticed_microseconds(customers)) if paying else usual


def _cheapest(options: Sequence[Option], places: Sequence[int], *, unnoticed: float = 0.0) -> int:
    """The cheapest of the places within one paired standard error of the best of them; the best of equally cheap ones.

    Costs up to `unnoticed` are equal.
    """
    best = options[min(places, key=lambda place: float(options[place].losses.mean()))]

    def is_close(own: Option) -> bool:
        worse = own.losses - best.losses
        return bool(worse.mean() <= standard_error(worse))

    close = [place for place in places if is_close(options[place])]
    return min(close, key=lambda place: (max(unnoticed, options[place].cost), float(options[place].losses.mean())))


def greedy_shares(log_odds: Floats, churned: Booleans) -> Floats:
    """Shares of the members (members) in the blend of log-odds (members, n) with the lowest log-loss; they sum to 1.

    Members are added one by one, with repetition, each time the one that lowers the blend's log-loss most; the best
    stage counts. Caruana, Niculescu-Mizil, Crew & Ksikes, ICML 2004.
    """
    members = len(log_odds)
    if members == 1:
        return np.ones(1)
    added, total = np.zeros(members), np.zeros(log_odds.shape[1])
    best, shares = np.inf, np.zeros(members)
    for step in range(1, STEPS + 1):
        stages = [float(losses_of((total + own) / step, churned).mean()) for own in log_odds]
        place = int(np.argmin(stages))
        added[place] += 1.0
        total += log_odds[place]
        if stages[place] < best:
            best, shares = stages[place], added / step
    large: Floats = np.where(shares < LEAST_SHARE, 0.0, shares)
    return large / float(large.sum())


def blended(log_odds: Floats, shares: Floats) -> Floats:
    """The weighted sum over members, (members, …, n) → (…, n), in the order of the members."""
    total = np.zeros(log_odds.shape[1:])
    for share, own in zip(shares, log_odds, strict=True):
        if share:
            total = total + share * own
    return total


def cross_fit_shares(log_odds: Floats, churned: Booleans, folds: NDArray[np.int8]) -> Floats:
    """Blends of log-odds (members, repeats, n) → (repeats, n); the rows of a fold with the shares of the others."""
    mean, result = log_odds.mean(axis=1), np.empty(log_odds.shape[1:])
    for fold in range(int(folds.max()) + 1):
        inside = folds == fold
        shares = greedy_shares(mean[:, ~inside], churned[~inside])
        result[:, inside] = blended(log_odds[:, :, inside], shares)
    return result


def fit_platt(log_odds: Floats, churned: Booleans) -> tuple[float, float]:
    """Slope and shift of the log-odds with the lowest log-loss (Platt 1999); (1, 0) if they cannot be estimated.

    Does not use scikit-learn's `CalibratedClassifierCV`, which calibrates estimators and shrinks the targets.
    """
    from sklearn.linear_model import LogisticRegression

    if churned.all() or not churned.any() or np.ptp(log_odds) == 0.0:
        return 1.0, 0.0
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", max_iter=200, tol=1e-8)
    with one_thread("sklearn.linear_model"):
        model.fit(log_odds[:, None], churned)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def cross_fit_platt(log_odds: Floats, churned: Booleans, folds: NDArray[np.int8]) -> Floats:
    """Log-odds of each fold, scaled with slope and shift from the other folds."""
    scaled = np.empty_like(log_odds)
    for fold in range(int(folds.max()) + 1):
        in_fold = folds == fold
        slope, shift = fit_platt(log_odds[~in_fold], churned[~in_fold])
        scaled[in_fold] = slope * log_odds[in_fold] + shift
    return scaled
