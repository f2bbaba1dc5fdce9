"""The default trainer: boosted trees, searched, evaluated on held-out customers, scaled where that helps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from adapters.ml import metrics
from adapters.ml.cross_fitting import cross_fit_linear, cross_fit_trees
from adapters.ml.detection import detect
from adapters.ml.evaluation import evaluate, figures_with_intervals
from adapters.ml.learning_data import LearningData, learning_data, with_importance
from adapters.ml.libraries import library_versions
from adapters.ml.recipe import BAG, Shape, decide_shape, learn
from adapters.ml.scoring_model import ScoringModel
from adapters.ml.search import Chosen, search
from adapters.ml.training_notes import grouping_notes
from application.ports.intake import TrainingTable
from application.ports.models import Recognised, ThresholdChoice, TrainedModel
from domain.evaluation import Metric
from domain.model import Algorithm, Effort
from domain.run import Progress
from domain.training import TrainingRequest

Floats = NDArray[np.float64]
LARGE = 200_000
"""Rows from which three folds tell as much as five."""
REPEATS = {Effort.LOW: 1, Effort.NORMAL: 3, Effort.HIGH: 5}
REPEATED_ROWS = 60_000
"""Rows up to which the evaluation is repeated, to see whether a bag pays."""
IMPORTANCE_ROWS = 20_000


class XGBoostTrainer:
    """Fulfils the Trainer port. One seed gives one model, to the byte, whatever else the machine does."""

    algorithm = Algorithm.XGBOOST

    def recognise(self, table: TrainingTable, request: TrainingRequest) -> Recognised:
        return detect(table, request).recognised()

    def train(
        self,
        table: TrainingTable,
        request: TrainingRequest,
        choice: ThresholdChoice,
        *,
        progress: Callable[[Progress], None],
    ) -> TrainedModel:
        def report(stage: str) -> None:
            progress(Progress(stage, rows=table.rows, of=table.rows))

        report("Looking at the columns")
        detected = detect(table, request)
        data = learning_data(detected)
        chosen = search(data, effort=request.effort, seed=request.seed, report=report)
        folds = 3 if data.rows > LARGE else 5
        repeats = REPEATS[request.effort] if data.rows <= REPEATED_ROWS else 1
        cross = cross_fit_trees(
            data, chosen.settings, rounds=chosen.rounds, folds=folds, repeats=repeats, seed=request.seed, report=report
        )
        report("Fitting the logistic baseline")
        splines = cross_fit_linear(data, cross.folds, seed=request.seed)
        shape = decide_shape(cross, splines, data)
        report("Learning from all customers")
        artefact = learn(data, chosen, shape, seed=request.seed)
        evaluation = evaluate(
            data,
            metrics.sigmoid(shape.margins),
            cross.folds,
            choice,
            method=_method(chosen, shape, folds),
            seed=request.seed,
            baseline=metrics.sigmoid(splines),
            histories=cross.histories,
            chosen_round=chosen.rounds,
            out_of_time=_out_of_time(data, chosen, shape, seed=request.seed),
        )
        return TrainedModel(
            algorithm=self.algorithm,
            schema=with_importance(data.schema, importance(data, artefact.model, seed=request.seed)),
            evaluation=evaluation,
            threshold=evaluation.threshold,
            rows=data.rows,
            churned=int(data.churned.sum()),
            left_out=detected.left_out,
            notes=(*detected.notes, *grouping_notes(data.groups), *_notes(shape)),
            parameters=_parameters(chosen, shape),
            libraries=library_versions(),
            artefact=artefact,
        )


def importance(data: LearningData, model: ScoringModel, *, seed: int) -> dict[str, float]:
    """Mean absolute contribution per attribute over the training rows (a seeded sample of many)."""
    rows = np.arange(data.rows)
    if data.rows > IMPORTANCE_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(data.rows, IMPORTANCE_ROWS, replace=False))
    mean = np.abs(model.explain(data.codes[rows])[0]).mean(axis=0)
    return dict(zip(data.vocabulary.names, mean.tolist(), strict=True))


def _out_of_time(data: LearningData, chosen: Chosen, shape: Shape, *, seed: int) -> dict[str, Metric] | None:
    """Trained on the earlier months, tested on the last; None with fewer than three months or one class."""
    if data.months is None:
        return None
    months = sorted(set(data.months.tolist()) - {""})
    if len(months) < 3:
        return None
    last, earlier = data.months == months[-1], (data.months < months[-1]) & (data.months != "")
    if min(data.churned[last].sum(), (~data.churned[last]).sum(), data.churned[earlier].sum()) < 5:
        return None
    model = learn(data.only(earlier), chosen, shape, seed=seed).model
    found = metrics.sigmoid(model.explain(data.codes[last])[1])
    return figures_with_intervals(found, data.churned[last], 0.5, folds=None, seed=seed)


def _method(chosen: Chosen, shape: Shape, folds: int) -> str:
    averaged = " Several repeats are averaged in log-odds, as the model averages its boosters." if shape.bag else ""
    return (
        f"{folds}-fold cross-validation: every customer is scored by models that did not learn from them. "
        f"The {chosen.trials} settings tried were compared on other folds ({chosen.rows:,} customers), so these folds "
        f"did not choose them; the same customers did, which can flatter the figures very slightly.{averaged}"
    )


def _notes(shape: Shape) -> list[str]:
    notes = []
    if shape.bag:
        notes.append(f"{BAG} boosters are averaged: held-out log-loss gained more than its standard error.")
    if shape.splines:
        notes.append(
            f"A logistic model with splines has {shape.splines:.0%} of the log-odds beside the trees: held-out "
            "log-loss gained more than its standard error."
        )
    if shape.scaled:
        notes.append(
            f"Log-odds are scaled by {shape.slope:.3f} and moved by {shape.shift:+.3f}, which calibrates held-out "
            "customers better."
        )
    return notes


def _parameters(chosen: Chosen, shape: Shape) -> dict[str, str]:
    settings = chosen.settings
    return {
        "rounds": str(chosen.rounds),
        "max_depth": str(settings.depth),
        "learning_rate": f"{settings.eta:g}",
        "min_child_weight": f"{settings.child_weight:g}",
        "l1": f"{settings.l1:g}",
        "l2": f"{settings.l2:g}",
        "gamma": f"{settings.gamma:g}",
        "columns_per_tree": f"{settings.columns:g}",
        "columns_per_split": f"{settings.columns_of_node:g}",
        "rows_per_tree": f"{settings.rows:g}",
        "one_hot_up_to": str(settings.one_hot_up_to),
        "boosters": str(BAG if shape.bag else 1),
        "spline_share": f"{shape.splines:g}",
        "platt_slope": f"{shape.slope:.6g}",
        "platt_shift": f"{shape.shift:.6g}",
        "trials": str(chosen.trials),
    }
