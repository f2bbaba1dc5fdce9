"""Models in memory for use-case tests: one column decides, so that a test can say what comes out."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from application.ports.columns import CustomerBatch, ScoredBatch
from application.ports.intake import TrainingTable
from application.ports.models import (
    ExactScores,
    Explanation,
    HistoryOfRows,
    ModelRegistry,
    Scorer,
    ThresholdChoice,
    TrainedModel,
    Trainer,
)
from domain.attribute_curve import AttributeCurve
from domain.customer import Customer
from domain.errors import InvalidInput, ModelNotFound, ModelUnreadable
from domain.evaluation import ConfusionMatrix, Curve, Evaluation, Metric
from domain.label_columns import MONTH
from domain.model import Algorithm, LeftOut, ModelVersion
from domain.prediction import Reason
from domain.progress import Progress, TrainingStage
from domain.recognition import Recognised
from domain.schema import Column, ColumnKind, CustomerSchema
from domain.training import TrainingRequest
from domain.training_overlap import IdFingerprint
from domain.training_profile import TrainingProfile
from domain.vocabulary.spelling import normalise

FIGURES = "auc average_precision log_loss brier brier_skill accuracy precision recall f1 ece lift_10 empc empc_share"
LINE = Curve((0.0, 1.0), (0.0, 1.0))


@dataclass(frozen=True)
class LevelModel:
    """Log-odds per level of the first categorical attribute; everything else counts for nothing."""

    base: float
    decisive: int | None
    log_odds: dict[str, float]


@dataclass(frozen=True)
class FakeScorer:
    """Scores by one attribute's level. Fulfils the Scorer port."""

    version: str
    schema: CustomerSchema
    model: LevelModel
    profile: TrainingProfile | None = None
    known_ids: IdFingerprint | None = None

    def score(self, batch: CustomerBatch) -> ScoredBatch:
        contributions = np.zeros((batch.rows, len(self.schema.columns)), np.float32)
        if self.model.decisive is not None:
            name = f"a:{self.schema.columns[self.model.decisive].name}"
            levels = batch.data.column(name).to_pylist()
            contributions[:, self.model.decisive] = [self.model.log_odds.get(level, 0.0) for level in levels]
        margin = self.model.base + contributions.astype(np.float64).sum(axis=1)
        return ScoredBatch(
            rows=batch.rows,
            base_value=self.model.base,
            probability=1.0 / (1.0 + np.exp(-margin)),
            margin=margin,
            contributions=contributions,
            raises=_strongest(contributions),
            lowers=_strongest(-contributions),
        )

    def exact(self, batch: CustomerBatch) -> ExactScores:
        scored = self.score(batch)
        return ExactScores(scored.margin, scored.contributions.astype(np.float64))

    def explain(self, customer: Customer) -> Explanation:
        names = self.schema.names
        values = [customer.attributes.get(name) for name in names]
        shares = [0.0] * len(names)
        if self.model.decisive is not None:
            level = values[self.model.decisive]
            shares[self.model.decisive] = float(np.float32(self.model.log_odds.get(str(level), 0.0)))
        reasons = [Reason(name, value, share) for name, value, share in zip(names, values, shares, strict=True)]
        reasons.sort(key=lambda reason: -abs(reason.contribution))
        probability = float(1.0 / (1.0 + np.exp(-(self.model.base + sum(shares)))))
        return Explanation(probability, self.model.base, tuple(reasons))

    def curves(self) -> tuple[AttributeCurve, ...]:
        if self.model.decisive is None:
            return ()
        column = self.schema.columns[self.model.decisive]
        return (AttributeCurve(column.name, levels=tuple(self.model.log_odds.items())),)


def _strongest(contributions: Any) -> Any:
    order = np.argsort(-contributions, axis=1, kind="stable")[:, :3].astype(np.int16)
    picked = np.where(np.take_along_axis(contributions, order.astype(int), axis=1) > 0, order, -1)
    return np.pad(picked, ((0, 0), (0, 3 - picked.shape[1])), constant_values=-1).astype(np.int16)


@dataclass
class FakeTrainer:
    """Learns the churn rate per level of one column. Fulfils the Trainer port; the target is Yes/No or 1/0."""

    algorithm: Algorithm = Algorithm.XGBOOST
    requests: list[TrainingRequest] = field(default_factory=list)
    known: list[Recognised | None] = field(default_factory=list)

    def recognise(self, table: TrainingTable, request: TrainingRequest) -> Recognised:
        target, positive, negative, churned = self._target(table, request)
        id_column = request.id_column or next((n for n in table.header if normalise(n).endswith("id")), None)
        return Recognised(
            target=target,
            positive=positive,
            negative=negative,
            id_column=id_column,
            month_column=MONTH if MONTH in table.header else None,
            attributes=tuple(name for name in table.header if name not in (target, id_column, MONTH)),
            left_out=() if id_column is None else (LeftOut(id_column, "names the customer"),),
            rows=len(churned),
            churned=sum(churned),
        )

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
        self.requests.append(request)
        self.known.append(known)
        seen = known or self.recognise(table, request)
        churned = self._target(table, request)[3]
        schema = self._schema(table, seen)
        progress(Progress(TrainingStage.LEARNING))
        model = _learn(table, schema, churned)
        threshold = 0.5 if choice.target is None else choice.target
        evaluation = made_up_evaluation(rows=len(churned), churned=sum(churned), threshold=threshold)
        return TrainedModel(
            algorithm=self.algorithm,
            schema=schema,
            evaluation=evaluation,
            threshold=threshold,
            rows=len(churned),
            churned=sum(churned),
            left_out=seen.left_out,
            notes=(),
            parameters={"seed": str(request.seed)},
            libraries={},
            artefact=model,
        )

    def _target(self, table: TrainingTable, request: TrainingRequest) -> tuple[str, str, str, list[bool]]:
        name = request.target or next((n for n in table.header if normalise(n) in ("churn", "churned", "exited")), None)
        if name is None:
            raise InvalidInput("The file has no column that says who left. Name the target column.", field="target")
        if name not in table.header:
            raise InvalidInput(f"The file has no column {name!r}.", field="target")
        values = [str(value).strip() for value in table.data.iloc[:, table.header.index(name)]]
        positive = request.positive or next((v for v in ("Yes", "yes", "1", "True") if v in values), None)
        others = sorted(set(values) - {positive})
        if positive not in values or not others:
            raise InvalidInput(f"The column {name!r} does not hold customers who left and who stayed.", field="target")
        return name, str(positive), others[0], [value == positive for value in values]

    def _schema(self, table: TrainingTable, seen: Recognised) -> CustomerSchema:
        columns = tuple(_column(name, table) for name in seen.attributes)
        names = {normalise(column.name): column.name for column in columns if column.kind is ColumnKind.NUMERIC}
        return CustomerSchema(
            columns=columns,
            id_column=seen.id_column,
            target_column=seen.target,
            month_column=seen.month_column,
            positive_value=seen.positive,
            negative_value=seen.negative,
            tenure_column=names.get("tenure"),
            revenue_column=names.get("monthlycharges"),
        )


def _column(name: str, table: TrainingTable) -> Column:
    values = [str(value).strip() for value in table.data.iloc[:, table.header.index(name)].dropna()]
    numbers = [number for value in values if (number := _number(value)) is not None]
    if len(numbers) > 0.9 * len(values):
        low, high = min(numbers), max(numbers)
        return Column(name, ColumnKind.NUMERIC, minimum=low, maximum=high, importance=0.01)
    levels = sorted(set(values), key=lambda level: (-values.count(level), level))
    if {level.casefold() for level in levels} == {"yes", "no"}:
        return Column(name, ColumnKind.BOOLEAN, tuple(sorted(levels)), importance=0.01)
    return Column(name, ColumnKind.CATEGORICAL, tuple(levels), importance=0.01)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _learn(table: TrainingTable, schema: CustomerSchema, churned: list[bool]) -> LevelModel:
    base = _log_odds(sum(churned), len(churned))
    categorical = [place for place, column in enumerate(schema.columns) if column.kind is ColumnKind.CATEGORICAL]
    if not categorical:
        return LevelModel(base, None, {})
    column = schema.columns[categorical[0]]
    values = [str(value).strip() for value in table.data.iloc[:, table.header.index(column.name)]]
    log_odds = {}
    for level in column.levels:
        left = [gone for value, gone in zip(values, churned, strict=True) if value == level]
        log_odds[level] = _log_odds(sum(left), len(left)) - base
    return LevelModel(base, categorical[0], log_odds)


def _log_odds(churned: int, of: int) -> float:
    rate = (churned + 0.5) / (of + 1.0)
    return math.log(rate / (1.0 - rate))


def made_up_evaluation(*, rows: int = 100, churned: int = 25, threshold: float = 0.5, auc: float = 0.8) -> Evaluation:
    """An evaluation with every figure there, for tests that don't look at quality."""
    figures = {name: Metric(0.5, 0.4, 0.6) for name in FIGURES.split()} | {"auc": Metric(auc, auc - 0.02, auc + 0.02)}
    matrix = ConfusionMatrix(churned, 0, 0, rows - churned)
    return Evaluation(
        "Made up for a test.", rows, churned, threshold, figures, matrix, LINE, LINE, LINE, LINE, LINE, ()
    )


@dataclass
class InMemoryModelRegistry:
    """Fulfils the ModelRegistry port for models of the FakeTrainer. `damaged` names versions that can't be read."""

    kept: dict[str, FakeScorer] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)

    def save(self, version: ModelVersion, model: TrainedModel) -> None:
        self.kept[version.id] = FakeScorer(version.id, model.schema, copy.deepcopy(model.artefact))

    def scorer(self, version_id: str) -> FakeScorer:
        if version_id in self.damaged:
            raise ModelUnreadable(version_id, "its files are damaged or incomplete.")
        if version_id not in self.kept:
            raise ModelNotFound(version_id)
        return self.kept[version_id]

    def verify(self, version_id: str) -> None:
        if version_id not in self.kept:
            raise ModelNotFound(version_id)

    def discard(self, version_id: str) -> None:
        self.kept.pop(version_id, None)

    def versions(self) -> tuple[str, ...]:
        return tuple(sorted(self.kept, key=lambda name: (len(name), name)))


if TYPE_CHECKING:

    def _fulfils(own: FakeScorer) -> Scorer:
        return own

    _trainer: Trainer = FakeTrainer()
    _registry: ModelRegistry = InMemoryModelRegistry()
