"""Compares the cost of exact reasons with XGBoost's reasons and with bare prediction. Prints one JSON object.

It measures CPU time on one thread. The three take turns, so that a busy machine slows all of them. The median counts.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from adapters.ml.tree_shap.explainer import TreeExplainer
from adapters.ml.tree_shap.strongest import strongest

COLUMNS = 19
CONTRIBS_ROWS = 1_000


def customers(rows: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Months, a monthly charge (2 % missing), their product, and sixteen coded contract attributes."""
    random = np.random.default_rng(seed)
    matrix = np.empty((rows, COLUMNS), np.float32)
    matrix[:, 0] = random.integers(0, 73, rows)
    matrix[:, 1] = np.round(random.gamma(4, 18, rows), 2)
    matrix[:, 2] = matrix[:, 0] * matrix[:, 1] * random.uniform(0.9, 1.1, rows)
    for column in range(3, COLUMNS):
        matrix[:, column] = random.integers(0, 2 + column % 4, rows)
    effects = random.permutation(np.linspace(-0.6, 0.6, COLUMNS - 3))
    log_odds = -0.5 - 0.04 * matrix[:, 0] + 0.012 * matrix[:, 1] + matrix[:, 3:] @ effects
    churned = random.uniform(size=rows) < 1 / (1 + np.exp(-log_odds - 0.4 * matrix[:, 4] * matrix[:, 5]))
    matrix[random.uniform(size=rows) < 0.02, 1] = np.nan
    return matrix, churned.astype(np.float32)


def cpu_seconds(work: Callable[[], Any]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def measured(depth: int, trees: int, *, rows: int, training_rows: int, repeats: int) -> dict[str, Any]:
    matrix, churned = customers(training_rows, seed=0)
    parameters = {"objective": "binary:logistic", "max_depth": depth, "eta": 0.05, "nthread": 1}
    booster = xgb.train(parameters, xgb.DMatrix(matrix, churned, nthread=1), trees)
    document = bytes(booster.save_raw("json"))
    built: list[TreeExplainer] = []
    build = cpu_seconds(lambda: built.append(TreeExplainer.build([document], attribute_of_column=range(COLUMNS))))
    explainer = built[0]
    first_call = cpu_seconds(lambda: explainer.explain(matrix[:1_000]))
    scored, _ = customers(rows, seed=1)
    few = xgb.DMatrix(scored[:CONTRIBS_ROWS], nthread=1)
    contributions = explainer.explain(scored)[0]
    times: dict[str, list[float]] = {"reasons_and_margin": [], "strongest": [], "predict": [], "pred_contribs": []}
    for _ in range(repeats):
        times["reasons_and_margin"].append(cpu_seconds(lambda: explainer.explain(scored)) / rows)
        times["strongest"].append(cpu_seconds(lambda: strongest(contributions)) / rows)
        times["predict"].append(cpu_seconds(lambda: booster.inplace_predict(scored)) / rows)
        own = cpu_seconds(lambda: booster.predict(few, pred_contribs=True))
        times["pred_contribs"].append(own / CONTRIBS_ROWS)
    expected = booster.predict(few, pred_contribs=True)[:, :-1]
    return {
        "depth": depth,
        "trees": trees,
        "rows": rows,
        "cpu_us_per_row": {name: round(statistics.median(taken) * 1e6, 3) for name, taken in times.items()},
        "cpu_us_per_row_best": {name: round(min(taken) * 1e6, 3) for name, taken in times.items()},
        "largest_difference": float(np.abs(contributions[:CONTRIBS_ROWS] - expected).max()),
        "build_cpu_s": round(build, 3),
        "first_call_1000_rows_cpu_s": round(first_call, 4),
        "table_mb": round(explainer.plan.table_bytes / 1e6, 1),
        "trees_without_table": len(explainer.plan.walked),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=262_144)
    arguments.add_argument("--repeats", type=int, default=5)
    options = arguments.parse_args()
    shallow = measured(3, 300, rows=options.rows, training_rows=20_000, repeats=options.repeats)
    deep = measured(6, 500, rows=options.rows // 8, training_rows=100_000, repeats=options.repeats)
    print(json.dumps({"depth 3, 300 trees": shallow, "depth 6, 500 trees": deep}))


if __name__ == "__main__":
    main()
