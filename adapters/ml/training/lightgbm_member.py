"""LightGBM's boosted trees: leaf by leaf, with the best thresholds or with random ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.encoding import CategoricalEncoderPlan
from adapters.ml.scoring.scoring_model import StoredBooster
from adapters.ml.training.boosting import Boosted, History, Split, patience
from adapters.ml.tree_shap.forest import BoosterTrees
from adapters.ml.tree_shap.lightgbm_trees import lightgbm_trees

NAMES = {"binary_error": "error", "binary_logloss": "logloss"}
"""The names of the figures by round."""


@dataclass(frozen=True)
class LightGBMSettings:
    """Hyper-parameters. `rows` and `columns` are shares sampled per tree, `columns_of_node` per split.

    With `random_thresholds`, each split tries one random threshold per column (extremely randomised trees).
    """

    most_leaves: int = 31
    depth: int = 8
    eta: float = 0.05
    child_rows: int = 20
    l2: float = 1.0
    columns: float = 0.7
    columns_of_node: float = 1.0
    rows: float = 0.8
    random_thresholds: bool = False
    one_hot_up_to: int = 12

    @property
    def library(self) -> str:
        return "LightGBM, random thresholds" if self.random_thresholds else "LightGBM"

    @property
    def plan(self) -> CategoricalEncoderPlan:
        return CategoricalEncoderPlan(self.one_hot_up_to)

    def encoded(self, one_hot_up_to: int) -> LightGBMSettings:
        return replace(self, one_hot_up_to=one_hot_up_to)

    def leaves(self, rounds: int) -> float:
        return float(rounds * min(2**self.depth, self.most_leaves))

    def boost(self, split: Split, *, rounds: int, seed: int, stop_early: bool = False, watch: bool = False) -> Boosted:
        import lightgbm

        training, held_out = _rows(split)
        recorded: History = {}
        callbacks = [lightgbm.record_evaluation(recorded)] if stop_early or watch else []
        if stop_early:
            callbacks.append(lightgbm.early_stopping(patience(self.eta), first_metric_only=True, verbose=False))
        watched = [(training, "training")] if watch else []
        watched += [(held_out, "held_out")] if stop_early or watch else []
        booster = lightgbm.train(
            self.in_lightgbm(seed=seed, threads=split.threads) | _constraints(split),
            training,
            num_boost_round=rounds,
            valid_sets=[own for own, _ in watched],
            valid_names=[name for _, name in watched],
            callbacks=callbacks,
        )
        history = {part: {NAMES[name]: own for name, own in figures.items()} for part, figures in recorded.items()}
        return Boosted(LightGBMBooster(booster), booster.best_iteration if stop_early else rounds, history)

    def in_lightgbm(self, *, seed: int, threads: int) -> dict[str, Any]:
        """The parameters under LightGBM's names."""
        return _of_rows(threads) | {
            "objective": "binary",
            "metric": ["binary_logloss", "binary_error"],
            "num_leaves": self.most_leaves,
            "max_depth": self.depth,
            "learning_rate": self.eta,
            "min_data_in_leaf": self.child_rows,
            "lambda_l2": self.l2,
            "feature_fraction": self.columns,
            "feature_fraction_bynode": self.columns_of_node,
            "bagging_fraction": self.rows,
            "bagging_freq": 1,
            "extra_trees": self.random_thresholds,
            "seed": seed,
        }

    def parameters(self) -> dict[str, str]:
        return {
            "max_leaves": str(self.most_leaves),
            "max_depth": str(self.depth),
            "learning_rate": f"{self.eta:g}",
            "min_rows_per_leaf": str(self.child_rows),
            "l2": f"{self.l2:g}",
            "columns_per_tree": f"{self.columns:g}",
            "columns_per_split": f"{self.columns_of_node:g}",
            "rows_per_tree": f"{self.rows:g}",
            "one_hot_up_to": str(self.one_hot_up_to),
        }


def _constraints(split: Split) -> dict[str, Any]:
    """The demanded directions, kept by the basic method, also with random thresholds.

    The basic method limits leaves as XGBoost does, which is proven and strict. The methods "intermediate" and
    "advanced" constrain less, but trees of the latter have broken a direction (lightgbm-org/LightGBM#5358 and #6155),
    and both are replaced by the basic one where columns are sampled for each split.
    """
    if not split.directions:
        return {}
    return {"monotone_constraints": list(split.directions), "monotone_constraints_method": "basic"}


def _of_rows(threads: int) -> dict[str, Any]:
    """What has to be equal for the rows and for every training on them."""
    return {
        "deterministic": True,
        "force_row_wise": True,
        "feature_pre_filter": False,
        "max_bin": 255,
        "num_threads": threads,
        "verbosity": -1,
    }


def _rows(split: Split) -> tuple[Any, Any]:
    """The rows as LightGBM takes them, made once for all settings; None for held-out rows if there are none."""
    import lightgbm

    if "lightgbm" not in split.made:
        own = _of_rows(split.threads)
        training = lightgbm.Dataset(split.matrix, split.churned.astype(np.float32), params=own).construct()
        held_out = None
        if len(split.held_out_churned):
            truth = split.held_out_churned.astype(np.float32)
            held_out = lightgbm.Dataset(split.held_out_matrix, truth, reference=training, params=own).construct()
        split.made["lightgbm"] = training, held_out
    made: tuple[Any, Any] = split.made["lightgbm"]
    return made


@dataclass(frozen=True)
class LightGBMBooster:
    """Implements Booster."""

    booster: Any

    def margins(self, matrix: NDArray[np.float32], *, rounds: int) -> NDArray[np.float64]:
        values = self.booster.predict(matrix, num_iteration=rounds, raw_score=True, num_threads=1)
        return np.asarray(values, np.float64).reshape(-1)

    def trees(self, *, rounds: int) -> BoosterTrees:
        return lightgbm_trees(self.booster.model_to_string(num_iteration=rounds).encode())

    def stored(self) -> StoredBooster:
        return StoredBooster("txt", self.booster.model_to_string().encode())
