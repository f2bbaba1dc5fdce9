"""XGBoost's boosted trees: level by level, or leaf by leaf where the loss falls most."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.encoding import CategoricalEncoderPlan
from adapters.ml.scoring.scoring_model import StoredBooster
from adapters.ml.training.boosting import Boosted, History, Split, patience
from adapters.ml.tree_shap.forest import BoosterTrees
from adapters.ml.tree_shap.xgboost_trees import xgboost_trees

BINS = 256


@dataclass(frozen=True)
class XGBoostSettings:
    """Hyper-parameters. `rows` and `columns` are shares sampled per tree, `columns_of_node` per split.

    With `most_leaves`, trees grow leaf by leaf up to that number; otherwise level by level up to `depth`.
    """

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
    most_leaves: int = 0

    @property
    def library(self) -> str:
        return "XGBoost"

    @property
    def plan(self) -> CategoricalEncoderPlan:
        return CategoricalEncoderPlan(self.one_hot_up_to)

    def encoded(self, one_hot_up_to: int) -> XGBoostSettings:
        return replace(self, one_hot_up_to=one_hot_up_to)

    def leaves(self, rounds: int) -> float:
        return float(rounds * min(2**self.depth, self.most_leaves or np.inf))

    def boost(self, split: Split, *, rounds: int, seed: int, stop_early: bool = False, watch: bool = False) -> Boosted:
        import xgboost

        training, held_out = _matrices(split)
        history: History = {}
        evals = ([(training, "training")] if watch else []) + ([(held_out, "held_out")] if stop_early or watch else [])
        booster = xgboost.train(
            self.in_xgboost(base_rate=split.base_rate, seed=seed, threads=split.threads) | constraints(split),
            training,
            num_boost_round=rounds,
            evals=evals,
            early_stopping_rounds=patience(self.eta) if stop_early else None,
            evals_result=history,
            verbose_eval=False,
        )
        return Boosted(XGBooster(booster), booster.best_iteration + 1 if stop_early else rounds, history)

    def in_xgboost(self, *, base_rate: float, seed: int, threads: int) -> dict[str, Any]:
        """The parameters under XGBoost's names."""
        by_loss = {"grow_policy": "lossguide", "max_leaves": self.most_leaves} if self.most_leaves else {}
        return by_loss | {
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

    def parameters(self) -> dict[str, str]:
        by_loss = {"max_leaves": str(self.most_leaves)} if self.most_leaves else {}
        return by_loss | {
            "max_depth": str(self.depth),
            "learning_rate": f"{self.eta:g}",
            "min_child_weight": f"{self.child_weight:g}",
            "l1": f"{self.l1:g}",
            "l2": f"{self.l2:g}",
            "gamma": f"{self.gamma:g}",
            "columns_per_tree": f"{self.columns:g}",
            "columns_per_split": f"{self.columns_of_node:g}",
            "rows_per_tree": f"{self.rows:g}",
            "one_hot_up_to": str(self.one_hot_up_to),
        }


def constraints(split: Split) -> dict[str, str]:
    """Such as "(0,1,-1)". XGBoost limits the leaves below a split on such a column to its own side of the split's mean,
    in both of its ways to grow trees."""
    return {"monotone_constraints": f"({','.join(map(str, split.directions))})"} if split.directions else {}


def _matrices(split: Split) -> tuple[Any, Any]:
    """The rows as XGBoost takes them, made once for all settings; None for held-out rows if there are none."""
    import xgboost

    if "xgboost" not in split.made:
        threads = split.threads
        training = xgboost.QuantileDMatrix(split.matrix, split.churned, max_bin=BINS, nthread=threads)
        held_out = None
        if len(split.held_out_churned):
            held_out = xgboost.QuantileDMatrix(
                split.held_out_matrix, split.held_out_churned, ref=training, max_bin=BINS, nthread=threads
            )
        split.made["xgboost"] = training, held_out
    made: tuple[Any, Any] = split.made["xgboost"]
    return made


@dataclass(frozen=True)
class XGBooster:
    """Implements Booster."""

    booster: Any

    def margins(self, matrix: NDArray[np.float32], *, rounds: int) -> NDArray[np.float64]:
        values = self.booster.inplace_predict(matrix, iteration_range=(0, rounds), predict_type="margin")
        return np.asarray(values, np.float64).reshape(-1)

    def trees(self, *, rounds: int) -> BoosterTrees:
        booster = self.booster if rounds >= self.booster.num_boosted_rounds() else self.booster[:rounds]
        return xgboost_trees(bytes(booster.save_raw("json")))

    def stored(self) -> StoredBooster:
        return StoredBooster("ubj", bytes(self.booster.save_raw("ubj")))
