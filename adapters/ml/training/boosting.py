"""Trains one booster: settings, matrices and trees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.encoding import CategoricalEncoder, CategoricalEncoderPlan
from adapters.ml.training.learning_data import LearningData

ONE_THREAD_CELLS = 6_000_000
"""Matrix cells up to which one thread is used, because more threads would mostly wait for each other. The number
depends only on the data: another number of threads sums in another order and gives a different model."""
BINS = 256


@dataclass(frozen=True)
class Settings:
    """Hyper-parameters. `rows` and `columns` are shares sampled per tree, `columns_of_node` per split."""

    depth: int = 3
    eta: float = 0.08
    child_weight: float = 5.0
    l1: float = 0.01
    l2: float = 3.0
    gamma: float = 0.0
    columns: float = 0.7
    columns_of_node: float = 1.0
    rows: float = 0.8
    one_hot_up_to: int = 12

    @property
    def plan(self) -> CategoricalEncoderPlan:
        return CategoricalEncoderPlan(self.one_hot_up_to)

    def scoring_cost(self, rounds: int) -> float:
        """The number of leaves. The cost of predictions and reasons grows with it."""
        return float(rounds * 2**self.depth)

    def parameters(self, *, base_rate: float, seed: int, threads: int) -> dict[str, Any]:
        return {
            "objective": "binary:logistic",
            "tree_method": "hist",
            "max_bin": BINS,
            "max_depth": self.depth,
            "eta": self.eta,
            "min_child_weight": self.child_weight,
            "alpha": self.l1,
            "lambda": self.l2,
            "gamma": self.gamma,
            "colsample_bytree": self.columns,
            "colsample_bynode": self.columns_of_node,
            "subsample": self.rows,
            "base_score": base_rate,
            "eval_metric": ["error", "logloss"],
            "seed": seed,
            "nthread": threads,
            "verbosity": 0,
        }


@dataclass(frozen=True)
class Split:
    """Training and held-out rows as XGBoost matrices, for one encoding of the categorical columns."""

    treatment: CategoricalEncoder
    training: Any
    held_out: Any
    held_out_matrix: NDArray[np.float32]
    held_out_rows: NDArray[np.intp]
    base_rate: float
    threads: int


def make_split(
    data: LearningData, training: NDArray[np.intp], held: NDArray[np.intp], plan: CategoricalEncoderPlan, *, seed: int
) -> Split:
    """Split the rows. The encoder is fitted on the training rows only."""
    import xgboost

    treatment, matrix = plan.fit_matrix(data.vocabulary, data.codes[training], data.churned[training], seed=seed)
    threads = threads_for(matrix)
    train = xgboost.QuantileDMatrix(matrix, data.churned[training], max_bin=BINS, nthread=threads)
    held_matrix = treatment.matrix(data.codes[held])
    held_out = None
    if len(held):
        held_out = xgboost.QuantileDMatrix(held_matrix, data.churned[held], ref=train, max_bin=BINS, nthread=threads)
    rate = float(data.churned[training].mean())
    return Split(treatment, train, held_out, held_matrix, held, rate, threads)


def threads_for(matrix: NDArray[np.float32]) -> int:
    return 1 if matrix.size <= ONE_THREAD_CELLS else 2


@dataclass(frozen=True)
class Boosted:
    """A booster, the best round on held-out rows, and error and log-loss by round."""

    booster: Any
    best_round: int
    history: dict[str, dict[str, list[float]]]


def boost(
    split: Split, settings: Settings, *, rounds: int, seed: int, stop_early: bool = False, watch: bool = False
) -> Boosted:
    """Boost for a number of rounds, or stop early when the held-out log-loss no longer improves.

    With `watch`, figures of the training rows are recorded too.
    """
    import xgboost

    history: dict[str, dict[str, list[float]]] = {}
    evals = ([(split.training, "training")] if watch else []) + (
        [(split.held_out, "held_out")] if stop_early or watch else []
    )
    booster = xgboost.train(
        settings.parameters(base_rate=split.base_rate, seed=seed, threads=split.threads),
        split.training,
        num_boost_round=rounds,
        evals=evals,
        early_stopping_rounds=int(10 + 1.5 / settings.eta) if stop_early else None,
        evals_result=history,
        verbose_eval=False,
    )
    best = booster.best_iteration + 1 if stop_early else rounds
    return Boosted(booster, best, history)


def margins(booster: Any, matrix: NDArray[np.float32], *, rounds: int) -> NDArray[np.float64]:
    """Log-odds float64 (n) of the first rounds' trees."""
    values = booster.inplace_predict(matrix, iteration_range=(0, rounds), predict_type="margin")
    return np.asarray(values, np.float64).reshape(-1)
