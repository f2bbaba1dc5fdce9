"""Trains a neural additive model with Keras. It is stored as arrays, and scored without Keras."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.formatting.figures import number
from adapters.ml.detection.labelled_file import detect
from adapters.ml.registry.library_versions import library_versions
from adapters.ml.scoring.additive import AdditiveModel
from adapters.ml.scoring.scoring_model import Artefact, ScoringModel
from adapters.ml.training import quality_metrics
from adapters.ml.training.calibration import Calibrated, calibrated, calibration_of
from adapters.ml.training.cross_fitting import cross_fit_linear
from adapters.ml.training.evaluation import evaluate, forward_in_time, scored
from adapters.ml.training.history_gain import with_history
from adapters.ml.training.learning_data import LearningData, learning_data, with_importance
from adapters.ml.training.month_levels import with_levels
from adapters.ml.training.neural.fitting import FittedAdditive, fit_additive
from adapters.ml.training.neural.keras_runtime import keras_versions, repeatable_keras
from adapters.ml.training.neural.networks import MEMBERS, NetworkSettings
from adapters.ml.training.selection import gains
from adapters.ml.training.training_notes import method_words, platt_note, testing_notes
from adapters.ml.training.validation import Division, evaluation_divisions
from adapters.ml.training.xgboost_trainer import LARGE, importance
from application.ports.intake import TrainingTable
from application.ports.models import HistoryOfRows, ThresholdChoice, TrainedModel
from domain.model import Algorithm, Effort
from domain.progress import Progress, TrainingStage
from domain.recognition import Recognised
from domain.training import TrainingRequest

Floats = NDArray[np.float64]
SETTINGS = (
    NetworkSettings(),
    NetworkSettings(dropout=0.1),
    NetworkSettings(hidden=(64, 32)),
    NetworkSettings(hidden=(16,), decay=0.1),
)
"""In the order in which they are tried; the lowest effort uses the first without a comparison."""
TRIED = {Effort.LOW: 1, Effort.NORMAL: 2, Effort.HIGH: 4}
"""Settings that are compared."""
COMPARED_FOLDS = 2
"""Folds on which settings are compared."""
Report = Callable[[Progress], None]


class NeuralTrainer:
    """Implements Trainer. The same seed gives the same model, to the byte."""

    algorithm = Algorithm.NEURAL

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
        with repeatable_keras(request.seed) as keras:
            training = _Training(keras, data, request.seed, progress)
            settings = training.best_settings(request.effort)
            folds = 3 if data.rows > LARGE else 5
            divisions = evaluation_divisions(data, folds=folds, repeats=1, seed=request.seed)
            division = with_levels(data, divisions, seed=request.seed)[0]
            plan = _plan(training.cross_fitted(settings, division), settings, data.churned[division.rows], division)
            progress(Progress(TrainingStage.FITTING_BASELINE))
            splines = cross_fit_linear(data, division, seed=request.seed)
            beside = partial(training.margins_of, plan)
            forward = forward_in_time(data, plan.held_out, beside, folds=folds, seed=request.seed)
            progress(Progress(TrainingStage.LEARNING))
            learned = training.learn(data, plan)
        model = _model(data, learned)
        evaluation = evaluate(
            data,
            scored(data, plan.held_out, splines),
            choice,
            method=_method(len(SETTINGS[: TRIED[request.effort]]), division),
            seed=request.seed,
            forward=forward,
        )
        notes = (*testing_notes(data, plan.held_out, evaluation), *_notes(plan, learned, data.vocabulary.names))
        return TrainedModel(
            algorithm=self.algorithm,
            schema=with_importance(data.schema, importance(data, model, seed=request.seed)),
            evaluation=evaluation,
            threshold=evaluation.threshold,
            rows=data.rows,
            churned=int(data.churned.sum()),
            left_out=detected.left_out,
            notes=(*detected.notes, *notes),
            parameters=_parameters(plan, learned),
            libraries=library_versions() | keras_versions(),
            artefact=Artefact(model, (), request.seed, data.profile, data.id_hashes, data.months is not None),
        )


@dataclass(frozen=True)
class _Plan:
    """What the held-out customers decided: settings, whether pairs pay, and the calibration."""

    settings: NetworkSettings
    pairs: bool
    held_out: Calibrated


@dataclass(frozen=True)
class _Training:
    keras: Any
    data: LearningData
    seed: int
    report: Report

    def best_settings(self, effort: Effort) -> NetworkSettings:
        """The settings with the lowest held-out log-loss, on other folds than those of the evaluation."""
        tried = SETTINGS[: TRIED[effort]]
        if len(tried) == 1:
            return tried[0]
        division = evaluation_divisions(self.data, folds=5, repeats=1, seed=self.seed + 13)[0]
        compared = division.fold_of < COMPARED_FOLDS
        churned = self.data.churned[division.rows[compared]]
        losses = []
        for place, settings in enumerate(tried):
            step = Progress(TrainingStage.TRYING_SETTINGS, done=place, of=len(tried))
            margins = self._margins(settings, division, [step] * COMPARED_FOLDS, pairs=False)[0]
            losses.append(quality_metrics.log_loss(quality_metrics.sigmoid(margins[compared]), churned))
        return tried[int(np.argmin(losses))]

    def cross_fitted(self, settings: NetworkSettings, division: Division) -> tuple[Floats, Floats]:
        """Held-out log-odds (n) of the tested rows: without pairs, and with them."""
        count = len(division.folds)
        steps = [Progress(TrainingStage.CHECKING, done=fold, of=count) for fold in range(count)]
        return self._margins(settings, division, steps, pairs=True)

    def _margins(
        self, settings: NetworkSettings, division: Division, steps: Sequence[Progress], *, pairs: bool
    ) -> tuple[Floats, Floats]:
        """There is a step for each fold that is held out; the rows of other folds stay 0."""
        alone, paired = np.zeros(len(division.rows)), np.zeros(len(division.rows))
        for place, (fold, step) in enumerate(zip(division.folds, steps, strict=False)):
            held, codes = division.places(fold), self.data.codes[fold.held_out]
            fitted = self._fit(self.data.only(fold.training), settings, seed=self.seed + place, pairs=pairs, step=step)
            alone[held] = fitted.alone.explain(codes)[1]
            paired[held] = (fitted.paired or fitted.alone).explain(codes)[1]
        return alone, paired

    def margins_of(self, plan: _Plan, division: Division) -> Floats:
        """Held-out log-odds (n) of the plan on another division, without calibration."""
        return self.cross_fitted(plan.settings, division)[plan.pairs]

    def learn(self, data: LearningData, plan: _Plan) -> AdditiveModel:
        """The final model of the rows, scaled as planned."""
        step = Progress(TrainingStage.LEARNING)
        fitted = self._fit(data, plan.settings, seed=self.seed, pairs=plan.pairs, step=step)
        model = fitted.paired if plan.pairs and fitted.paired is not None else fitted.alone
        return model.scaled(plan.held_out.slope, plan.held_out.shift)

    def _fit(
        self, data: LearningData, settings: NetworkSettings, *, seed: int, pairs: bool, step: Progress
    ) -> FittedAdditive:
        return fit_additive(self.keras, data, settings, seed=seed, pairs=pairs, each_epoch=lambda: self.report(step))


def _plan(
    margins: tuple[Floats, Floats], settings: NetworkSettings, churned: NDArray[np.bool_], division: Division
) -> _Plan:
    """Pairs are used only where the held-out log-loss gains more than its paired standard error."""
    alone, paired = margins
    pairs = gains(paired[division.shown], alone[division.shown], churned[division.shown])
    chosen = (paired if pairs else alone)[None]
    final = calibrated(chosen, churned, division)
    slope, shift = (1.0, 0.0) if final is chosen else calibration_of(chosen[0], churned, division)
    return _Plan(settings, pairs, Calibrated(division, chosen[0], final[0], slope, shift))


def _model(data: LearningData, learned: AdditiveModel) -> ScoringModel:
    return ScoringModel(data.vocabulary, additive=learned)


def _method(tried: int, division: Division) -> str:
    compared = (
        f" The {number(tried)} settings tried were compared on other folds of the same customers." if tried > 1 else ""
    )
    return f"{method_words(division)}{compared}"


def _notes(plan: _Plan, learned: AdditiveModel, names: tuple[str, ...]) -> list[str]:
    notes = [f"Each attribute has {MEMBERS} small networks, which are averaged."]
    if plan.pairs and learned.pairs:
        pairs = ", ".join(f"{names[pair.first]} with {names[pair.second]}" for pair in learned.pairs)
        notes.append(
            f"Pairs of attributes have networks too, because held-out log-loss gained more than its standard error: "
            f"{pairs}. Half of what a pair adds counts for each of the two."
        )
    notes.extend(platt_note(plan.held_out))
    return notes


def _parameters(plan: _Plan, learned: AdditiveModel) -> dict[str, str]:
    settings = plan.settings
    return {
        "networks_per_attribute": str(MEMBERS),
        "hidden_units": settings.words,
        "learning_rate": f"{settings.rate:g}",
        "weight_decay": f"{settings.decay:g}",
        "dropout": f"{settings.dropout:g}",
        "pairs": str(len(learned.pairs)),
        "microseconds_per_customer": f"{learned.microseconds:.2g}",
        "platt_slope": f"{plan.held_out.slope:.6g}",
        "platt_shift": f"{plan.held_out.shift:.6g}",
    }
