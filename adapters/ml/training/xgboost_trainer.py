"""The default trainer: boosted trees with hyper-parameter search, held-out evaluation, and scaling if it helps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from adapters.formatting.figures import number
from adapters.ml.detection.labelled_file import detect
from adapters.ml.registry.library_versions import library_versions
from adapters.ml.scoring.scoring_model import Artefact, ScoringModel
from adapters.ml.training.cross_fitting import cross_fit_linear, cross_fit_trees
from adapters.ml.training.demands import kept_demands
from adapters.ml.training.ensemble import EnsemblePlan, choose_ensemble, cross_fit_plan, learn, of_plan
from adapters.ml.training.evaluation import evaluate, forward_in_time, scored
from adapters.ml.training.history_gain import with_history
from adapters.ml.training.learning_data import LearningData, learning_data, with_importance
from adapters.ml.training.month_levels import with_levels
from adapters.ml.training.search import Found, search
from adapters.ml.training.training_notes import ensemble_notes, ensemble_parameters, method_words, testing_notes
from adapters.ml.training.validation import Division, evaluation_divisions
from application.ports.intake import TrainingTable
from application.ports.models import HistoryOfRows, ThresholdChoice, TrainedModel
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
        history: HistoryOfRows | None = None,
    ) -> TrainedModel:
        progress(Progress(TrainingStage.INSPECTING_COLUMNS))
        detected, seed = detect(table, request, known), request.seed
        data = with_history(learning_data(detected), detected, table, history, seed=seed)
        found = search(data, effort=request.effort, seed=seed, report=progress)
        cross = cross_fit_trees(data, found.tuned, _divisions(data, request), seed=seed, report=progress)
        progress(Progress(TrainingStage.FITTING_BASELINE))
        splines = cross_fit_linear(data, cross.division, seed=seed)
        plan = choose_ensemble(found.tuned, cross, splines, data)

        def log_odds(division: Division, data: LearningData = data) -> Floats:
            return cross_fit_plan(data, plan, division, seed=seed, report=progress)

        kept = kept_demands(data, cross.division, of_plan(plan, found.tuned, cross, splines), log_odds)
        forward = forward_in_time(data, plan.held_out, log_odds, folds=_folds(data), seed=seed)
        progress(Progress(TrainingStage.LEARNING))
        artefact, plan = _learned(data, plan, seed=seed)
        evaluation = evaluate(
            data,
            scored(data, plan.held_out, splines),
            choice,
            method=_method(found, plan),
            seed=seed,
            forward=forward,
            histories=cross.histories[found.tuned.index(plan.main.tuned)],
            chosen_round=plan.main.tuned.rounds,
            kept=kept,
        )
        return TrainedModel(
            algorithm=self.algorithm,
            schema=with_importance(data.schema, importance(data, artefact.model, seed=seed)),
            evaluation=evaluation,
            threshold=evaluation.threshold,
            rows=data.rows,
            churned=int(data.churned.sum()),
            left_out=detected.left_out,
            notes=(*detected.notes, *testing_notes(data, plan.held_out, evaluation), *ensemble_notes(plan)),
            parameters=ensemble_parameters(plan, trials=found.trials),
            libraries=library_versions(part.tuned.member.library for part in plan.parts),
            artefact=artefact,
        )


def _learned(data: LearningData, plan: EnsemblePlan, *, seed: int) -> tuple[Artefact, EnsemblePlan]:
    """The model, and the plan with its cost."""
    artefact = learn(data, plan, seed=seed)
    return artefact, plan.costing(artefact.model)


def _folds(data: LearningData) -> int:
    return 3 if data.rows > LARGE else 5


def _divisions(data: LearningData, request: TrainingRequest) -> list[Division]:
    """Several of a file with few rows, to decide whether averaged boosters are worth their cost."""
    repeats = REPEATS[request.effort] if data.rows <= REPEATED_ROWS else 1
    divisions = evaluation_divisions(data, folds=_folds(data), repeats=repeats, seed=request.seed)
    return with_levels(data, divisions, seed=request.seed)


def importance(data: LearningData, model: ScoringModel, *, seed: int) -> dict[str, float]:
    """Mean absolute contribution per attribute over the training rows (a seeded sample of many)."""
    rows = np.arange(data.rows)
    if data.rows > IMPORTANCE_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(data.rows, IMPORTANCE_ROWS, replace=False))
    mean = np.abs(model.explain(data.codes[rows])[0]).mean(axis=0)
    return dict(zip(data.vocabulary.names, mean.tolist(), strict=True))


def _method(found: Found, plan: EnsemblePlan) -> str:
    averaged = " Several repeats are averaged in log-odds, as the model averages its boosters."
    return (
        f"{method_words(plan.held_out.division)} "
        f"The {found.trials} settings tried were compared on other folds ({number(found.rows)} customers), so these "
        f"folds did not choose them; the same customers did, which can flatter the figures very slightly."
        f"{averaged if plan.main.boosters > 1 else ''}"
    )
