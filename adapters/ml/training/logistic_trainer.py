"""Trains a logistic regression with splines, whose reasons are exact by construction."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from adapters.ml.detection.labelled_file import detect
from adapters.ml.registry.library_versions import library_versions
from adapters.ml.scoring.scoring_model import Artefact, ScoringModel
from adapters.ml.training import quality_metrics
from adapters.ml.training.cross_fitting import cross_fit_linear, evaluation_folds
from adapters.ml.training.evaluation import evaluate
from adapters.ml.training.learning_data import LearningData, learning_data, with_importance
from adapters.ml.training.linear import KNOTS, fit_linear, scoring_microseconds
from adapters.ml.training.training_notes import grouping_notes
from adapters.ml.training.xgboost_trainer import importance
from application.ports.intake import TrainingTable
from application.ports.models import ThresholdChoice, TrainedModel
from domain.model import Algorithm, Effort
from domain.progress import Progress, TrainingStage
from domain.recognition import Recognised
from domain.training import TrainingRequest

FOLDS = 5
PENALTIES = {Effort.LOW: (1.0,), Effort.NORMAL: (0.3, 1.0, 5.0, 25.0), Effort.HIGH: (0.1, 0.3, 1.0, 3.0, 10.0, 50.0)}


class LogisticTrainer:
    """Implements Trainer."""

    algorithm = Algorithm.LOGISTIC

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
        penalty = _best_penalty(data, request, progress)
        progress(Progress(TrainingStage.CHECKING))
        folds = evaluation_folds(data, folds=FOLDS, seed=request.seed)
        held_out = quality_metrics.sigmoid(cross_fit_linear(data, folds, seed=request.seed, penalty=penalty))
        progress(Progress(TrainingStage.LEARNING))
        linear = fit_linear(data.vocabulary, data.codes, data.churned, seed=request.seed, penalty=penalty)
        model = ScoringModel(data.vocabulary, linear=linear)
        evaluation = evaluate(data, held_out, folds, choice, method=_method(), seed=request.seed)
        return TrainedModel(
            algorithm=self.algorithm,
            schema=with_importance(data.schema, importance(data, model, seed=request.seed)),
            evaluation=evaluation,
            threshold=evaluation.threshold,
            rows=data.rows,
            churned=int(data.churned.sum()),
            left_out=detected.left_out,
            notes=(*detected.notes, *grouping_notes(data.groups)),
            parameters=_parameters(penalty, data),
            libraries=library_versions(),
            artefact=Artefact(model, (), request.seed, data.profile, data.id_hashes, data.months is not None),
        )


def _parameters(penalty: float, data: LearningData) -> dict[str, str]:
    cost = scoring_microseconds(data.vocabulary)
    return {"penalty": f"{penalty:g}", "spline_knots": str(KNOTS), "microseconds_per_customer": f"{cost:.2g}"}


def _best_penalty(data: LearningData, request: TrainingRequest, report: Callable[[Progress], None]) -> float:
    """The ridge penalty with the lowest held-out log-loss, on other folds than those of the evaluation."""
    penalties = PENALTIES[request.effort]
    if len(penalties) == 1:
        return penalties[0]
    folds = evaluation_folds(data, folds=FOLDS, seed=request.seed + 13)
    losses = []
    for place, penalty in enumerate(penalties):
        report(Progress(TrainingStage.TRYING_SETTINGS, done=place, of=len(penalties)))
        probability = quality_metrics.sigmoid(cross_fit_linear(data, folds, seed=request.seed, penalty=penalty))
        losses.append(quality_metrics.log_loss(probability, data.churned))
    return penalties[int(np.argmin(losses))]


def _method() -> str:
    return (
        f"{FOLDS}-fold cross-validation: every customer is scored by models that did not learn from them. "
        "The penalty was chosen on other folds of the same customers."
    )
