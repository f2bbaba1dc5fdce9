"""Checks the expected quality of later months against their truth: `python -m bench.expected_quality [--models 10]`.

Models are trained on generated customers. Each is then applied to ten months of other customers who leave by the same
mechanism: half of them like the training, half with more new customers, longer contracts or higher prices (covariate
shift). Prints for each figure in how many months the later truth lies in the 95% interval of the estimate.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from adapters.ml.sample_customers import MadeUpCustomers
from adapters.ml.training import quality_metrics
from adapters.ml.training.logistic_trainer import LogisticTrainer
from adapters.ml.training.ranking import Ranking
from adapters.ml.training.xgboost_trainer import XGBoostTrainer
from adapters.results.writing.score_totals import ScoreTotals
from application.ports.models import ThresholdChoice, TrainedModel, Trainer
from bench.contestants import batch_of, table_of
from domain.evaluation import Metric
from domain.expected_quality import expected_quality
from domain.model import Effort
from domain.training import TrainingRequest

MONTHS_EACH = 10
SPARE = 3
"""Times as many customers are generated as a month with covariate shift has."""
Shift = Callable[[pd.DataFrame], Any]
SHIFTS: dict[str, Shift] = {
    "many new customers": lambda frame: np.where(frame["tenure"].astype(float) < 12, 1.0, 0.3),
    "many long contracts": lambda frame: np.where(frame["Contract"] == "Month-to-month", 0.3, 1.0),
    "high prices": lambda frame: (frame["MonthlyCharges"].astype(float) / 120.0) ** 2,
    "fibre and electronic checks": lambda frame: (
        np.where(frame["InternetService"] == "Fiber optic", 1.0, 0.4)
        * np.where(frame["PaymentMethod"] == "Electronic check", 1.0, 0.5)
    ),
    "old customers": lambda frame: (1.0 + frame["tenure"].astype(float)) / 73.0,
}


def customers(rows: int, seed: int) -> pd.DataFrame:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "customers.csv"
        MadeUpCustomers().write(path, rows=rows, seed=seed)
        return pd.read_csv(path, dtype=str, keep_default_na=False)


def months(rows: int, seed: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """Months like the training, and as many of each kind of covariate shift, in turns."""
    for place in range(MONTHS_EACH):
        frame = customers(SPARE * rows, seed * 1_000 + place)
        if place % 2 == 0:
            yield "like the training", frame.iloc[:rows]
            continue
        name, weight = list(SHIFTS.items())[place // 2 % len(SHIFTS)]
        draw = np.random.default_rng([seed, place])
        yield name, frame.sample(rows, weights=pd.Series(weight(frame), frame.index), random_state=draw)


def learned(trainer: Trainer, rows: int, seed: int) -> TrainedModel:
    frame = customers(rows, seed)
    request = TrainingRequest(effort=Effort.LOW, target="Churn", known_before=tuple(frame.columns), seed=seed)
    return trainer.train(table_of(frame), request, ThresholdChoice(), progress=lambda _: None)


def estimated(model: TrainedModel, probability: NDArray[np.float64]) -> dict[str, Metric]:
    totals = ScoreTotals(model.threshold)
    totals.add(probability)
    expected = expected_quality(totals.bins(), threshold=model.threshold, held_out=model.evaluation)
    return expected.metrics if expected else {}


def observed(model: TrainedModel, probability: NDArray[np.float64], churned: NDArray[np.bool_]) -> dict[str, float]:
    figures = Ranking.of(probability, churned).figures(model.threshold)
    return figures | {
        "churn_rate": float(churned.mean()),
        "lift_10": quality_metrics.lift_10(probability, churned),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--models", type=int, default=10)
    arguments.add_argument("--rows", type=int, default=4_000, help="Customers of a training and of a month.")
    arguments.add_argument("--boosted", action="store_true", help="Boosted trees in place of logistic models.")
    options = arguments.parse_args()
    trainer: Trainer = XGBoostTrainer() if options.boosted else LogisticTrainer()
    inside: dict[str, list[bool]] = defaultdict(list)
    shifted: dict[str, list[bool]] = defaultdict(list)
    error: dict[str, list[float]] = defaultdict(list)
    width: dict[str, list[float]] = defaultdict(list)
    for seed in range(1, options.models + 1):
        model = learned(trainer, options.rows, seed)
        scoring = model.artefact.model
        for name, frame in months(options.rows, seed):
            codes = scoring.vocabulary.codes(batch_of(model.schema, frame))
            probability = quality_metrics.sigmoid(scoring.explain(codes)[1])
            truth = observed(model, probability, (frame["Churn"] == "Yes").to_numpy())
            for figure, metric in estimated(model, probability).items():
                assert metric.low is not None  # noqa: S101 - every estimate has an interval
                assert metric.high is not None  # noqa: S101
                within = metric.low <= truth[figure] <= metric.high
                (shifted if name in SHIFTS else inside)[figure].append(within)
                error[figure].append(metric.value - truth[figure])
                width[figure].append(metric.high - metric.low)
    print(f"{options.models * MONTHS_EACH} months of {options.rows} customers; {trainer.algorithm.value} models")
    print(f"{'figure':<11} {'inside':>9} {'like training':>14} {'shifted':>9} {'mean error':>11} {'width':>8}")
    for figure in error:
        both = inside[figure] + shifted[figure]
        print(
            f"{figure:<11} {sum(both):>5}/{len(both)} {sum(inside[figure]):>10}/{len(inside[figure])} "
            f"{sum(shifted[figure]):>6}/{len(shifted[figure])} {np.mean(np.abs(error[figure])):>11.4f} "
            f"{np.mean(width[figure]):>8.4f}"
        )


if __name__ == "__main__":
    main()
