"""The default trainer: boosted trees with hyper-parameter search, held-out evaluation, and scaling if it helps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from adapters.formatting.figures import number, percent
from adapters.ml.detection.labelled_file import detect
from adapters.ml.registry.library_versions import library_versions
from adapters.ml.scoring.scoring_model import ScoringModel
from adapters.ml.training import quality_metrics
from adapters.ml.training.cross_fitting import CrossFit, cross_fit_linear, cross_fit_trees
from adapters.ml.training.ensemble import BAG, EnsemblePlan, choose_ensemble, learn
from adapters.ml.training.evaluation import evaluate, figures_with_intervals
from adapters.ml.training.learning_data import LearningData, learning_data, with_importance
from adapters.ml.training.search import Chosen, search
from adapters.ml.training.training_notes import grouping_notes
from application.ports.intake import TrainingTable
from application.ports.models import ThresholdChoice, TrainedModel
from domain.evaluation import Metric
from domain.model import Algorithm, Effort
from domain.progress import Progress, TrainingStage
from domain.recognition import Recognised
from domain.training import TrainingRequest

Floats = NDArray[np.float64]
LARGE = 200_000
"""Rows from which three folds are as informative as five."""
REPEATS = {Effort.LOW: 1, Effort.NORMAL: 3, Effort.HIGH: 5}
REPEATED_ROWS = 60_000
"""Rows up to which the evaluation is repeated, to decide whether a bag is worth its cost."""
IMPORTANCE_ROWS = 20_000


class XGBoostTrainer:
    """Implements Trainer. The same seed gives the same model, to the byte."""

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
        known: Recognised | None = None,
    ) -> TrainedModel:
        progress(Progress(TrainingStage.INSPECTING_COLUMNS))
        detected = detect(table, request, known)
        data = learning_data(detected)
        chosen = search(data, effort=request.effort, seed=request.seed, report=progress)
        folds = 3 if data.rows > LARGE else 5
        cross = _cross_fitted(data, chosen, request, folds, progress)
        progress(Progress(TrainingStage.FITTING_BASELINE))
        splines = cross_fit_linear(data, cross.folds, seed=request.seed)
        plan = choose_ensemble(cross, splines, data)
        progress(Progress(TrainingStage.LEARNING))
        artefact = learn(data, chosen, plan, seed=request.seed)
        evaluation = evaluate(
            data,
            quality_metrics.sigmoid(plan.margins),
            cross.folds,
            choice,
            method=_method(chosen, plan, folds),
            seed=request.seed,
            baseline=quality_metrics.sigmoid(splines),
            histories=cross.histories,
            chosen_round=chosen.rounds,
            out_of_time=_out_of_time(data, chosen, plan, seed=request.seed),
        )
        return TrainedModel(
            algorithm=self.algorithm,
            schema=with_importance(data.schema, importance(data, artefact.model, seed=request.seed)),
            evaluation=evaluation,
            threshold=evaluation.threshold,
            rows=data.rows,
            churned=int(data.churned.sum()),
            left_out=detected.left_out,
            notes=(*detected.notes, *grouping_notes(data.groups), *_notes(plan)),
            parameters=_parameters(chosen, plan),
            libraries=library_versions(),
            artefact=artefact,
        )


def _cross_fitted(
    data: LearningData, chosen: Chosen, request: TrainingRequest, folds: int, report: Callable[[Progress], None]
) -> CrossFit:
    """Predictions for customers of the other folds, repeated with other folds where there are few rows."""
    return cross_fit_trees(
        data,
        chosen.settings,
        rounds=chosen.rounds,
        folds=folds,
        repeats=REPEATS[request.effort] if data.rows <= REPEATED_ROWS else 1,
        seed=request.seed,
        report=report,
    )


def importance(data: LearningData, model: ScoringModel, *, seed: int) -> dict[str, float]:
    """Mean absolute contribution per attribute over the training rows (a seeded sample of many)."""
    rows = np.arange(data.rows)
    if data.rows > IMPORTANCE_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(data.rows, IMPORTANCE_ROWS, replace=False))
    mean = np.abs(model.explain(data.codes[rows])[0]).mean(axis=0)
    return dict(zip(data.vocabulary.names, mean.tolist(), strict=True))


def _out_of_time(data: LearningData, chosen: Chosen, plan: EnsemblePlan, *, seed: int) -> dict[str, Metric] | None:
    """Figures on the last month after training on earlier ones; None with fewer than three months or one class."""
    if data.months is None:
        return None
    months = sorted(set(data.months.tolist()) - {""})
    if len(months) < 3:
        return None
    last, earlier = data.months == months[-1], (data.months < months[-1]) & (data.months != "")
    if min(data.churned[last].sum(), (~data.churned[last]).sum(), data.churned[earlier].sum()) < 5:
        return None
    model = learn(data.only(earlier), chosen, plan, seed=seed).model
    probability = quality_metrics.sigmoid(model.explain(data.codes[last])[1])
    return figures_with_intervals(probability, data.churned[last], 0.5, folds=None, seed=seed)


def _method(chosen: Chosen, plan: EnsemblePlan, folds: int) -> str:
    averaged = " Several repeats are averaged in log-odds, as the model averages its boosters." if plan.bag else ""
    return (
        f"{folds}-fold cross-validation: every customer is scored by models that did not learn from them. "
        f"The {chosen.trials} settings tried were compared on other folds ({number(chosen.rows)} customers), so these "
        f"folds did not choose them; the same customers did, which can flatter the figures very slightly.{averaged}"
    )


def _notes(plan: EnsemblePlan) -> list[str]:
    notes = []
    if plan.bag:
        notes.append(f"{BAG} boosters are averaged: held-out log-loss gained more than its standard error.")
    if plan.splines:
        notes.append(
            f"A logistic model with splines has {percent(plan.splines, decimals=0)} of the log-odds, the trees the "
            "rest: held-out log-loss gained more than its standard error."
        )
    if plan.scaled:
        notes.append(
            f"Log-odds are scaled by {number(plan.slope, decimals=3)} and moved by {number(plan.shift, decimals=3)}, "
            "which calibrates held-out customers better."
        )
    return notes


def _parameters(chosen: Chosen, plan: EnsemblePlan) -> dict[str, str]:
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
        "boosters": str(BAG if plan.bag else 1),
        "spline_share": f"{plan.splines:g}",
        "platt_slope": f"{plan.slope:.6g}",
        "platt_shift": f"{plan.shift:.6g}",
        "trials": str(chosen.trials),
    }
