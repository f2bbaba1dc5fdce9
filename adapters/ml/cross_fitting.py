"""Predictions for every row by models that never saw it, and what they decide: bagging, blending, scaling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.ml import metrics
from adapters.ml.boosting import Settings, boost, make_split, margins
from adapters.ml.folds import assign_folds
from adapters.ml.learning_data import LearningData
from adapters.ml.linear import fit_linear

Floats = NDArray[np.float64]
WORTH_A_BAG = 0.005
"""Share of the log-loss that a bag must save: averaging always helps a little, and five boosters cost five times."""


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
    report: Callable[[str], None],
) -> CrossFit:
    """A fixed number of rounds on folds of their own: the folds that chose the settings don't judge them.

    The first repeat boosts half as long again, so that the curves show what more rounds would have done.
    """
    found = np.empty((repeats, data.rows))
    histories: list[dict[str, dict[str, list[float]]]] = []
    first_folds = evaluation_folds(data, folds=folds, seed=seed)
    for repeat in range(repeats):
        dealt = first_folds if repeat == 0 else evaluation_folds(data, folds=folds, seed=seed + 101 * repeat)
        for fold in range(folds):
            report(f"Checking on held-out customers, fold {repeat * folds + fold + 1} of {repeats * folds}")
            held = np.flatnonzero(dealt == fold)
            watch = repeat == 0
            split = make_split(data, np.flatnonzero(dealt != fold), held, settings.plan, seed=seed + fold)
            longest = rounds + rounds // 2 + 10 if watch and data.rows <= 100_000 else rounds
            boosted = boost(split, settings, rounds=longest, seed=seed + fold + 31 * repeat, watch=watch)
            found[repeat, held] = margins(boosted.booster, split.held_out_matrix, rounds=rounds)
            if watch:
                histories.append(boosted.history)
    return CrossFit(found, first_folds, tuple(histories))


def evaluation_folds(data: LearningData, *, folds: int, seed: int) -> NDArray[np.int8]:
    return assign_folds(data.churned, data.groups.of_row, folds=folds, seed=seed + 7919)


def cross_fit_linear(data: LearningData, folds: NDArray[np.int8], *, seed: int, penalty: float = 1.0) -> Floats:
    """Log-odds (n) of the spline logistic on the same folds."""
    found = np.empty(data.rows)
    for fold in range(int(folds.max()) + 1):
        held = folds == fold
        model = fit_linear(data.vocabulary, data.codes[~held], data.churned[~held], seed=seed, penalty=penalty)
        found[held] = model.explain(data.codes[held])[1]
    return found


def gains(better: Floats, usual: Floats, churned: NDArray[np.bool_]) -> bool:
    """Whether the first log-odds' log-loss is lower than the second's by more than its paired standard error."""
    won = _losses(usual, churned) - _losses(better, churned)
    return bool(won.mean() > won.std() / np.sqrt(len(won)))


def bag_gains(repeats: Floats, churned: NDArray[np.bool_]) -> bool:
    """Whether the mean of several models' log-odds beats them one by one: by more than its paired standard error,
    and by enough to be worth scoring several times as many trees."""
    single = np.mean([_losses(one, churned) for one in repeats], axis=0)
    won = single - _losses(repeats.mean(axis=0), churned)
    least = max(won.std() / np.sqrt(len(won)), WORTH_A_BAG * single.mean())
    return len(repeats) > 1 and bool(won.mean() > least)


def _losses(found: Floats, churned: NDArray[np.bool_]) -> Floats:
    return metrics.row_log_loss(metrics.sigmoid(found), churned)


def fit_platt(found: Floats, churned: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and shift of the log-odds with the lowest log-loss, by Newton's method (Platt 1999)."""
    weights = np.array([1.0, 0.0])
    design = np.stack([found, np.ones_like(found)], axis=1)
    for _ in range(50):
        probability = metrics.sigmoid(design @ weights)
        gradient = design.T @ (probability - churned)
        hessian = (design * (probability * (1.0 - probability))[:, None]).T @ design + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        weights = weights - step
        if np.abs(step).max() < 1e-10:
            break
    return float(weights[0]), float(weights[1])


def cross_fit_platt(found: Floats, churned: NDArray[np.bool_], folds: NDArray[np.int8]) -> Floats:
    """Log-odds scaled in each fold by what was learned on the others."""
    scaled = np.empty_like(found)
    for fold in range(int(folds.max()) + 1):
        held = folds == fold
        slope, shift = fit_platt(found[~held], churned[~held])
        scaled[held] = slope * found[held] + shift
    return scaled
