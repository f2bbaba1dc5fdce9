"""Out-of-fold predictions for every row, and the decisions based on them: bagging, blending, scaling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.ml.training import quality_metrics
from adapters.ml.training.boosting import Settings, boost, make_split, margins
from adapters.ml.training.folds import assign_folds
from adapters.ml.training.learning_data import LearningData
from adapters.ml.training.linear import fit_linear
from domain.progress import Progress, TrainingStage
from domain.training_limits import MIN_BAG_SAVING

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CrossFit:
    """`margins` float64 (repeats, n): log-odds of every row, held out once per repeat. `folds` are the first repeat's.

    `histories` are the first repeat's figures by round.
    """

    margins: Floats
    folds: NDArray[np.int8]
    histories: tuple[dict[str, dict[str, list[float]]], ...]


def cross_fit_trees(
    data: LearningData,
    settings: Settings,
    *,
    rounds: int,
    folds: int,
    repeats: int,
    seed: int,
    report: Callable[[Progress], None],
) -> CrossFit:
    """Cross-fit trees for a fixed number of rounds, on other folds than those that the settings were chosen on.

    The first repeat uses 50 % more rounds, so that the curves show the effect of more rounds.
    """
    margins_by_repeat = np.empty((repeats, data.rows))
    histories: list[dict[str, dict[str, list[float]]]] = []
    first_folds = evaluation_folds(data, folds=folds, seed=seed)
    for repeat in range(repeats):
        dealt = first_folds if repeat == 0 else evaluation_folds(data, folds=folds, seed=seed + 101 * repeat)
        for fold in range(folds):
            report(Progress(TrainingStage.CHECKING, done=repeat * folds + fold, of=repeats * folds))
            test_rows = np.flatnonzero(dealt == fold)
            watch = repeat == 0
            split = make_split(data, np.flatnonzero(dealt != fold), test_rows, settings.plan, seed=seed + fold)
            longest = rounds + rounds // 2 + 10 if watch and data.rows <= 100_000 else rounds
            boosted = boost(split, settings, rounds=longest, seed=seed + fold + 31 * repeat, watch=watch)
            margins_by_repeat[repeat, test_rows] = margins(boosted.booster, split.held_out_matrix, rounds=rounds)
            if watch:
                histories.append(boosted.history)
    return CrossFit(margins_by_repeat, first_folds, tuple(histories))


def evaluation_folds(data: LearningData, *, folds: int, seed: int) -> NDArray[np.int8]:
    return assign_folds(data.churned, data.groups.of_row, folds=folds, seed=seed + 7919)


def cross_fit_linear(data: LearningData, folds: NDArray[np.int8], *, seed: int, penalty: float = 1.0) -> Floats:
    """Log-odds (n) of the spline logistic on the same folds."""
    log_odds = np.empty(data.rows)
    for fold in range(int(folds.max()) + 1):
        in_fold = folds == fold
        model = fit_linear(data.vocabulary, data.codes[~in_fold], data.churned[~in_fold], seed=seed, penalty=penalty)
        log_odds[in_fold] = model.explain(data.codes[in_fold])[1]
    return log_odds


def gains(better: Floats, usual: Floats, churned: NDArray[np.bool_]) -> bool:
    """Whether the first log-odds' log-loss is lower than the second's by more than its paired standard error."""
    won = _losses(usual, churned) - _losses(better, churned)
    return bool(won.mean() > won.std() / np.sqrt(len(won)))


def bag_gains(repeats: Floats, churned: NDArray[np.bool_]) -> bool:
    """Whether the mean log-odds of several models are better than single models.

    The gain must exceed its paired standard error and be worth the cost of scoring several times as many trees.
    """
    single = np.mean([_losses(one, churned) for one in repeats], axis=0)
    won = single - _losses(repeats.mean(axis=0), churned)
    least = max(won.std() / np.sqrt(len(won)), MIN_BAG_SAVING * single.mean())
    return len(repeats) > 1 and bool(won.mean() > least)


def _losses(log_odds: Floats, churned: NDArray[np.bool_]) -> Floats:
    return quality_metrics.row_log_loss(quality_metrics.sigmoid(log_odds), churned)


def fit_platt(log_odds: Floats, churned: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and shift of the log-odds with the lowest log-loss (Platt 1999); (1, 0) if they cannot be estimated.

    Does not use scikit-learn's `CalibratedClassifierCV`, which calibrates estimators and shrinks the targets.
    """
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    if churned.all() or not churned.any() or np.ptp(log_odds) == 0.0:
        return 1.0, 0.0
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", max_iter=200, tol=1e-8)
    # One thread, because sums in another order differ in the last digits.
    with threadpool_limits(1):
        model.fit(log_odds[:, None], churned)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def cross_fit_platt(log_odds: Floats, churned: NDArray[np.bool_], folds: NDArray[np.int8]) -> Floats:
    """Log-odds of each fold, scaled with slope and shift from the other folds."""
    scaled = np.empty_like(log_odds)
    for fold in range(int(folds.max()) + 1):
        in_fold = folds == fold
        slope, shift = fit_platt(log_odds[~in_fold], churned[~in_fold])
        scaled[in_fold] = slope * log_odds[in_fold] + shift
    return scaled
