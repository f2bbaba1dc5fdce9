"""Splits changes of risk into values and model: scores customers with both models on both values, as columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from adapters.intake.levels import LevelCaster
from adapters.ml.scoring.encoding import PREFIX
from adapters.ml.scoring.scorer import one_row
from adapters.ml.scoring.stored_batches import attributes_in
from adapters.ml.training.quality_metrics import sigmoid
from application.ports.columns import CustomerBatch, CustomerColumns
from application.ports.models import ExactScores, Scorer
from domain.comparison import comparable_columns
from domain.customer import Customer
from domain.risk_split import AttributeSums, PartSums, SplitSums, mean_slope
from domain.schema import CustomerSchema

Floats = NDArray[np.float64]
NOISE = 1e-14
"""What is left of differences that cancel."""


@dataclass(frozen=True, slots=True)
class _Effects:
    """One model's effects of the change of values, in probability: (n × attributes of its schema), in its order."""

    names: tuple[str, ...]
    parts: Floats


class ColumnarRiskSplitter:
    """Implements `application.ports.shared_customers.RiskSplitter`."""

    def of_customers(self, before: CustomerColumns, after: CustomerColumns, old: Scorer, new: Scorer) -> SplitSums:
        first, last = (attributes_in(part.data, part.attributes) for part in (before, after))
        change = after.data.column("probability").to_numpy() - before.data.column("probability").to_numpy()
        return _split(first, last, old, new, change)

    def of_customer(self, before: Customer, after: Customer, old: Scorer, new: Scorer, *, change: float) -> SplitSums:
        return _split(one_row(old.schema, before), one_row(new.schema, after), old, new, np.array([change]))


def _split(before: pa.RecordBatch, after: pa.RecordBatch, old: Scorer, new: Scorer, change: Floats) -> SplitSums:
    """`before` in the spelling of the old model, `after` in that of the new one."""
    if old.version == new.version:
        only = _effects(old.schema, old.exact(_batch(before)), old.exact(_batch(after)))
        return _sums(before, after, old.schema, (only,), np.zeros(len(change)), change, shared=old.schema.names)
    shared = comparable_columns(old.schema, new.schema)
    after_for_old = _translated(before, after, old.schema, shared)
    before_for_new = _translated(after, before, new.schema, shared)
    old_scores = old.exact(_batch(before)), old.exact(_batch(after_for_old))
    new_scores = new.exact(_batch(before_for_new)), new.exact(_batch(after))
    by_values = [sigmoid(own.margin) - sigmoid(was.margin) for was, own in zip(old_scores, new_scores, strict=True)]
    model: Floats = np.mean(by_values, axis=0)
    effects = _effects(old.schema, *old_scores), _effects(new.schema, *new_scores)
    return _sums(before_for_new, after, new.schema, effects, model, change, shared=shared, other=old.schema)


def _batch(data: pa.RecordBatch) -> CustomerBatch:
    return CustomerBatch(data.num_rows, data)


def _translated(
    own: pa.RecordBatch, other: pa.RecordBatch, schema: CustomerSchema, shared: Sequence[str]
) -> pa.RecordBatch:
    """The shared values of `other` in the spelling of the schema; all other columns as in `own`, whose schema it is."""
    columns = {name: own.column(name) for name in own.schema.names}
    for column in schema.columns:
        if column.name in shared and PREFIX + column.name in other.schema.names:
            values = other.column(PREFIX + column.name)
            columns[PREFIX + column.name] = (
                values if column.kind.is_number else LevelCaster(column).cast(_texts(values))
            )
    return pa.record_batch(columns)


def _effects(schema: CustomerSchema, before: ExactScores, after: ExactScores) -> _Effects:
    slopes = [mean_slope(*ends) for ends in zip(before.margin.tolist(), after.margin.tolist(), strict=True)]
    parts = np.array(slopes, np.float64)[:, None] * (after.contributions - before.contributions)
    return _Effects(schema.names, parts)


def _sums(
    before: pa.RecordBatch,
    after: pa.RecordBatch,
    schema: CustomerSchema,
    effects: Sequence[_Effects],
    model: Floats,
    change: Floats,
    *,
    shared: Sequence[str],
    other: CustomerSchema | None = None,
) -> SplitSums:
    """Mean effects over the models, summed over the customers; those of unchanged values together."""
    unchanged = sum(own.parts.sum(axis=1) for own in effects) / len(effects)
    attributes = {}
    for name in shared:
        changed = _changed(before, after, PREFIX + name)
        if changed.any():
            part = sum(own.parts[:, own.names.index(name)] for own in effects) / len(effects)
            part = np.where(changed, part, 0.0)
            unchanged = unchanged - part
            moved = _moved(before, after, PREFIX + name) if schema.column(name).kind.is_number else np.empty(0)
            attributes[name] = AttributeSums(_part(part, change), int(changed.sum()), float(moved.sum()), len(moved))
    unchanged = np.where(np.abs(unchanged) > NOISE, unchanged, 0.0)
    return SplitSums(
        customers=len(change),
        change=_part(change, change),
        attributes=attributes,
        unchanged=_part(unchanged, change),
        model=_part(model, change),
        only_old=tuple(name for name in other.names if name not in shared) if other else (),
        only_new=tuple(name for name in schema.names if name not in shared),
    )


def _part(values: Floats, change: Floats) -> PartSums:
    return PartSums(float(values.sum()), float(values @ values), float(values @ change))


def _texts(values: Any) -> Any:
    """Levels as a file has them: a missing one is an empty cell."""
    return pc.fill_null(values.cast(pa.string()), "").dictionary_encode()


def _changed(before: pa.RecordBatch, after: pa.RecordBatch, name: str) -> NDArray[np.bool_]:
    """Where a value is another one. Two missing values are equal."""
    old, new = _plain(before, name), _plain(after, name)
    if old is None or new is None:
        known = new if old is None else old
        absent: NDArray[np.bool_] = np.zeros(before.num_rows, np.bool_) if known is None else _is_known(known)
        return absent
    differ = pc.fill_null(pc.not_equal(old, new), False).to_numpy(zero_copy_only=False)
    changed: NDArray[np.bool_] = differ | (_is_known(old) != _is_known(new))
    return changed


def _is_known(column: Any) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = column.is_valid().to_numpy(zero_copy_only=False)
    return known


def _plain(batch: pa.RecordBatch, name: str) -> Any | None:
    """The column as numbers or texts, null where it is missing or no number; None where the file had no such column."""
    if name not in batch.schema.names:
        return None
    column = batch.column(name)
    if pa.types.is_floating(column.type):
        return pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))
    return column.cast(pa.string())


def _moved(before: pa.RecordBatch, after: pa.RecordBatch, name: str) -> Floats:
    """New number less old one, of the customers with two different ones."""
    old, new = _plain(before, name), _plain(after, name)
    if old is None or new is None:
        return np.empty(0)
    moves: Floats = new.to_numpy(zero_copy_only=False) - old.to_numpy(zero_copy_only=False)
    known: Floats = moves[np.isfinite(moves) & (moves != 0.0)]
    return known
