"""Trains a logistic regression with splines, whose reasons are exact by construction."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from adapters.ml.detection.labelled_file import detect
from adapters.ml.registry.library_versions import library_versions
from adapters.ml.scoring.scoring_model import Artefact, ScoringModel
from adapters.ml.training import quality_metrics
from adapters.ml.training.calibration import Calibrated, calibrated, calibration_of
from adapters.ml.training.cross_fitting import cross_fit_linear
from adapters.ml.training.demands import kept_demands, must_keep_demands
from adapters.ml.training.evaluation import evaluate, forward_in_time, scored
from adapters.ml.training.history_gain import with_history
from adapters.ml.training.learning_data import LearningData, learning_data, with_importance
from adapters.ml.training.linear import KNOTS, fit_linear, scoring_microseconds
from adapters.ml.training.month_levels import with_levels
from adapters.ml.training.training_notes import method_words, testing_notes
from adapters.ml.training.validation import Division, evaluation_divisions
from adapters.ml.training.xgboost_trainer import importance
from application.ports.intake import TrainingTable
from application.ports.models import HistoryOfRows, ThresholdChoice, TrainedModel
from domain.model import Algorithm, Effort
from domain.progress import Progress, TrainingStage
from domain.recognition import Recognised
from domain.training import TrainingRequest

Floats = NDArray[np.float64]
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
        history: HistoryOfRows | None = None,
    ) -> TrainedModel:
        progress(Progress(TrainingStage.INSPECTING_COLUMNS))
        detected = detect(table, request, known)
        data = with_history(learning_data(detected), detected, table, history, seed=request.seed)
        penalty = _best_penalty(data, request, progress)
        progress(Progress(TrainingStage.CHECKING))
        divisions = evaluation_divisions(data, folds=FOLDS, repeats=1, seed=request.seed)
        division = with_levels(data, divisions, seed=request.seed)[0]

        def log_odds(division: Division, data: LearningData = data) -> Floats:
            return cross_fit_linear(data, division, seed=request.seed, penalty=penalty)

        held_out = _calibrated(data, division, log_odds(division))
        kept = kept_demands(data, division, held_out.raw, log_odds)
        forward = forward_in_time(data, held_out, log_odds, folds=FOLDS, seed=request.seed)
        progress(Progress(TrainingStage.LEARNING))
        model = _learned(data, held_out, penalty, seed=request.seed)
        method = f"{method_words(division)} The penalty was chosen on other folds of the same customers."
        evaluation = evaluate(
            data, scored(data, held_out), choice, method=method, seed=request.seed, forward=forward, kept=kept
        )
        return TrainedModel(
            algorithm=self.algorithm,
            schema=with_importance(data.schema, importance(data, model, seed=request.seed)),
            evaluation=evaluation,
            threshold=evaluation.threshold,
            rows=data.rows,
            churned=int(data.churned.sum()),
            left_out=detected.left_out,
            notes=(*detected.notes, *testing_notes(data, held_out, evaluation)),
            parameters=_parameters(penalty, data, held_out),
            libraries=library_versions(),
            artefact=Artefact(model, (), request.seed, data.profile, data.id_hashes, data.months is not None),
        )


def _learned(data: LearningData, held_out: Calibrated, penalty: float, *, seed: int) -> ScoringModel:
    linear = fit_linear(
        data.vocabulary, data.codes, data.churned, seed=seed, penalty=penalty, directions=data.directions
    )
    model = ScoringModel(
        data.vocabulary, linear=linear.scaled(held_out.slope, held_out.shift) if held_out.is_forward else linear
    )
    must_keep_demands(data, model, seed=seed)
    return model


def _calibrated(data: LearningData, division: Division, raw: Floats) -> Calibrated:
    """Only a test forward in time calibrates: a logistic model's level is that of its training rows."""
    if not division.months:
        return Calibrated(division, raw, raw, 1.0, 0.0)
    churned = data.churned[division.rows]
    final, (slope, shift) = calibrated(raw[None], churned, division)[0], calibration_of(raw, churned, division)
    return Calibrated(division, raw, final, slope, shift)


def _parameters(penalty: float, data: LearningData, held_out: Calibrated) -> dict[str, str]:
    cost = scoring_microseconds(data.vocabulary)
    parameters = {"penalty": f"{penalty:g}", "spline_knots": str(KNOTS), "microseconds_per_customer": f"{cost:.2g}"}
    if not held_out.is_forward:
        return parameters
    slope, shift = f"{held_out.slope:.6g}", f"{held_out.shift:.6g}"
    return parameters | {"recalibration_slope": slope, "recalibration_shift": shift}


def _best_penalty(data: LearningData, request: TrainingRequest, report: Callable[[Progress], None]) -> float:
    """The ridge penalty with the lowest held-out log-loss, on other folds than those of the evaluation."""
    penalties = PENALTIES[request.effort]
    if len(penalties) == 1:
        return penalties[0]
    division = evaluation_divisions(data, folds=FOLDS, repeats=1, seed=request.seed + 13)[0]
    churned = data.churned[division.rows]
    losses = []
    for place, penalty in enumerate(penalties):
        report(Progress(TrainingStage.TRYING_SETTINGS, done=place, of=len(penalties)))
        margins = cross_fit_linear(data, division, seed=request.seed, penalty=penalty)
        losses.append(quality_metrics.log_loss(quality_metrics.sigmoid(margins), churned))
    return penalties[int(np.argmin(losses))]
