"""Compares the counted cost of reasons with measured CPU time, for models of every kind. Prints a table.

    python -m bench.shap_cost [--rows 65536]

The factors in `adapters/ml/tree_shap/grouping.py` and `adapters/ml/training/linear.py` come from here.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.encoding import CategoricalEncoder, Vocabulary
from adapters.ml.training.boosting import Member, Split
from adapters.ml.training.lightgbm_member import LightGBMSettings
from adapters.ml.training.linear import fit_linear, scoring_microseconds
from adapters.ml.training.xgboost_member import XGBoostSettings
from adapters.ml.tree_shap.explainer import TreeExplainer
from bench.shap import COLUMNS, cpu_seconds, customers

MODELS: tuple[tuple[Member, int], ...] = (
    (XGBoostSettings(depth=2), 150),
    (XGBoostSettings(depth=3), 300),
    (XGBoostSettings(depth=4), 300),
    (XGBoostSettings(depth=6), 100),
    (XGBoostSettings(depth=6), 500),
    (XGBoostSettings(depth=8, most_leaves=24), 200),
    (LightGBMSettings(most_leaves=8, depth=6), 300),
    (LightGBMSettings(most_leaves=31), 200),
    (LightGBMSettings(most_leaves=31, random_thresholds=True), 300),
    (LightGBMSettings(most_leaves=80, depth=10), 150),
)


def measured(matrix: NDArray[np.float32], churned: NDArray[np.bool_], rows: int) -> Iterator[tuple[str, float, float]]:
    """Name, counted and measured microseconds per row."""
    encoder = CategoricalEncoder((None,) * COLUMNS, (np.nan,) * COLUMNS)
    split = Split(encoder, matrix, churned, matrix[:0], churned[:0])
    asked, _ = customers(rows, seed=1)
    for member, rounds in MODELS:
        booster = member.boost(split, rounds=rounds, seed=1).booster
        explainer = TreeExplainer.of([booster.trees(rounds=rounds)], attribute_of_column=range(COLUMNS))
        explainer.explain(asked[:1000])
        taken = _median_cpu(explainer.explain, asked)
        name = f"{member.library} {member.parameters().get('max_leaves', '')} {rounds} × {member.leaves(1):.0f} leaves"
        yield name, explainer.plan.microseconds_per_row, taken / rows * 1e6
    vocabulary = Vocabulary(tuple(map(str, range(COLUMNS))), (None,) * COLUMNS)
    linear = fit_linear(vocabulary, matrix[:5000], churned[:5000], seed=1)
    taken = _median_cpu(linear.explain, asked)
    yield "splines of 19 numbers", scoring_microseconds(vocabulary), taken / rows * 1e6


def _median_cpu(explain: Callable[[NDArray[np.float32]], Any], asked: NDArray[np.float32]) -> float:
    return statistics.median(cpu_seconds(lambda: explain(asked)) for _ in range(3))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--rows", type=int, default=65_536)
    options = arguments.parse_args()
    matrix, churned = customers(20_000, seed=0)
    for name, counted, taken in measured(matrix, churned > 0.5, options.rows):
        print(f"{name:<50} counted {counted:7.2f}  measured {taken:7.2f} µs per row", flush=True)


if __name__ == "__main__":
    main()
