"""CatBoost's symmetric trees: all nodes of a level have one split. An optional library: `netone-churn[catboost]`."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.encoding import CategoricalEncoderPlan
from adapters.ml.scoring.scoring_model import StoredBooster
from adapters.ml.training.boosting import Boosted, History, Split, patience
from adapters.ml.tree_shap.catboost_trees import catboost_trees
from adapters.ml.tree_shap.forest import BoosterTrees

KEPT = ("features_info", "oblivious_trees", "scale_and_bias")
"""The parts of a model's JSON that are kept. Others hold times and random names, so that no two trainings are equal."""

MIN_SAMPLED = 100
"""Training rows from which each tree gets a sample. CatBoost refuses samples without rows of both classes."""


def is_installed() -> bool:
    return find_spec("catboost") is not None


@dataclass(frozen=True)
class CatBoostSettings:
    """Hyper-parameters. `rows` and `columns` are shares sampled per tree and per split."""

    depth: int = 6
    eta: float = 0.08
    l2: float = 3.0
    columns: float = 0.8
    rows: float = 0.8
    one_hot_up_to: int = 12

    @property
    def library(self) -> str:
        return "CatBoost"

    @property
    def plan(self) -> CategoricalEncoderPlan:
        return CategoricalEncoderPlan(self.one_hot_up_to)

    def encoded(self, one_hot_up_to: int) -> CatBoostSettings:
        return replace(self, one_hot_up_to=one_hot_up_to)

    def leaves(self, rounds: int) -> float:
        """Symmetric trees have few different splits, so that a tree costs as much as one of eight leaves."""
        return float(rounds * min(8, 2**self.depth))

    def boost(self, split: Split, *, rounds: int, seed: int, stop_early: bool = False, watch: bool = False) -> Boosted:
        import catboost

        training, held_out = _pools(split)
        parameters = self.in_catboost(rounds=rounds, seed=seed, threads=split.threads)
        if split.directions:  # CatBoost keeps them in symmetric trees of numeric columns, which these are
            parameters["monotone_constraints"] = list(split.directions)
        if stop_early:
            parameters |= {"od_type": "Iter", "od_wait": patience(self.eta)}
        if len(split.churned) < MIN_SAMPLED:
            parameters |= {"bootstrap_type": "No"}
            del parameters["subsample"]
        if watch:
            parameters["custom_metric"] = ["Accuracy:hints=skip_train~false"]
        model = catboost.CatBoost(parameters)
        model.fit(training, eval_set=held_out if stop_early or watch else None)
        best = model.get_best_iteration() + 1 if stop_early else rounds
        history = _history(model.get_evals_result()) if watch else {}
        return Boosted(CatBooster(model, split.matrix.shape[1]), best, history)

    def in_catboost(self, *, rounds: int, seed: int, threads: int) -> dict[str, Any]:
        """The parameters under CatBoost's names."""
        return {
            "loss_function": "Logloss",
            "iterations": rounds,
            "depth": self.depth,
            "learning_rate": self.eta,
            "l2_leaf_reg": self.l2,
            "rsm": self.columns,
            "bootstrap_type": "Bernoulli",
            "subsample": self.rows,
            "boosting_type": "Plain",
            "grow_policy": "SymmetricTree",
            "nan_mode": "Min",
            "border_count": 128,
            "random_seed": seed,
            "thread_count": threads,
            "use_best_model": False,
            "allow_writing_files": False,
            "logging_level": "Silent",
        }

    def parameters(self) -> dict[str, str]:
        return {
            "max_depth": str(self.depth),
            "learning_rate": f"{self.eta:g}",
            "l2": f"{self.l2:g}",
            "columns_per_split": f"{self.columns:g}",
            "rows_per_tree": f"{self.rows:g}",
            "one_hot_up_to": str(self.one_hot_up_to),
        }


def _history(figures: dict[str, dict[str, list[float]]]) -> History:
    return {
        part: {"logloss": figures[own]["Logloss"], "error": [1.0 - right for right in figures[own]["Accuracy"]]}
        for part, own in (("training", "learn"), ("held_out", "validation"))
    }


def _pools(split: Split) -> tuple[Any, Any]:
    """The rows as CatBoost takes them, made once for all settings; None for held-out rows if there are none."""
    import catboost

    if "catboost" not in split.made:
        training = catboost.Pool(split.matrix, split.churned.astype(np.int8))
        held_out = None
        if len(split.held_out_churned):
            held_out = catboost.Pool(split.held_out_matrix, split.held_out_churned.astype(np.int8))
        split.made["catboost"] = training, held_out
    made: tuple[Any, Any] = split.made["catboost"]
    return made


@dataclass(frozen=True)
class CatBooster:
    """Implements Booster."""

    model: Any
    columns: int

    def margins(self, matrix: NDArray[np.float32], *, rounds: int) -> NDArray[np.float64]:
        values = self.model.predict(matrix, prediction_type="RawFormulaVal", ntree_end=rounds, thread_count=1)
        return np.asarray(values, np.float64).reshape(-1)

    def trees(self, *, rounds: int) -> BoosterTrees:
        return catboost_trees(self.stored().content, columns=self.columns, rounds=rounds)

    def stored(self) -> StoredBooster:
        with tempfile.TemporaryDirectory(prefix="netone-trees-") as folder:
            file = Path(folder) / "trees.json"
            self.model.save_model(str(file), format="json")
            document = json.loads(file.read_bytes())
        return StoredBooster("json", json.dumps({name: document[name] for name in KEPT}).encode())
