"""Scores customers with one model version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.scoring.attribute_curves import curves_of
from adapters.ml.scoring.encoding import PREFIX
from adapters.ml.scoring.scoring_model import ScoringModel
from adapters.ml.training.quality_metrics import sigmoid
from adapters.ml.tree_shap.strongest import strongest
from application.ports.columns import CustomerBatch, ScoredBatch
from application.ports.models import ExactScores, Explanation
from domain.attribute_curve import AttributeCurve
from domain.customer import Customer, Value
from domain.prediction import REASONS_KEPT, Reason
from domain.schema import Column, CustomerSchema
from domain.training_overlap import IdFingerprint
from domain.training_profile import TrainingProfile


@dataclass(frozen=True)
class FileScorer:
    """Implements Scorer. Thread-safe, because nothing changes after loading."""

    version: str
    schema: CustomerSchema
    profile: TrainingProfile | None
    model: ScoringModel
    known_ids: IdFingerprint | None = None

    def score(self, batch: CustomerBatch) -> ScoredBatch:
        contributions, margins = self.model.explain(self.model.vocabulary.codes(batch.data))
        contributions32 = contributions.astype(np.float32)
        reasons = strongest(contributions32.astype(np.float64), REASONS_KEPT)
        return ScoredBatch(
            rows=batch.rows,
            base_value=self.model.base_value,
            probability=sigmoid(margins),
            margin=margins,
            contributions=contributions32,
            raises=reasons.raises.astype(np.int16),
            lowers=reasons.lowers.astype(np.int16),
        )

    def exact(self, batch: CustomerBatch) -> ExactScores:
        contributions, margins = self.model.explain(self.model.vocabulary.codes(batch.data))
        return ExactScores(margins, contributions)

    def explain(self, customer: Customer) -> Explanation:
        scored = self.score(CustomerBatch(1, one_row(self.schema, customer)))
        values: NDArray[np.float32] = scored.contributions[0]
        order = np.argsort(-np.abs(values), kind="stable")
        reasons = tuple(
            Reason(self.schema.columns[place].name, _value(self.schema.columns[place], customer), float(values[place]))
            for place in order
        )
        return Explanation(float(scored.probability[0]), scored.base_value, reasons)

    def curves(self) -> tuple[AttributeCurve, ...]:
        return curves_of(self.model, self.schema)


def one_row(schema: CustomerSchema, customer: Customer) -> Any:
    """The customer as an Arrow record batch of one row. Attributes that the customer lacks are missing."""
    import pyarrow as pa

    names, arrays = [], []
    for column in schema.columns:
        value = _value(column, customer)
        names.append(PREFIX + column.name)
        if column.kind.is_number:
            arrays.append(pa.array([value], pa.float64()))
        else:
            text = pa.array([None if value is None else _as_level(column, value)], pa.string())
            arrays.append(text.dictionary_encode())
    return pa.RecordBatch.from_arrays(arrays, names=names)


def _value(column: Column, customer: Customer) -> Value:
    value = customer.attributes.get(column.name)
    if not column.kind.is_number or value is None:
        return value
    number = float(value)
    return None if np.isnan(number) else number


def _as_level(column: Column, value: Value) -> str:
    if isinstance(value, bool):
        return column.levels[int(value)] if len(column.levels) == 2 else str(value)
    return str(value)
