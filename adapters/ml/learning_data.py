"""A detected file as the trainers take it: attributes as an Arrow batch, through the same path that scoring takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.ml.casting import TextColumn
from adapters.ml.detection import AttributeColumn, Detected
from adapters.ml.encoding import PREFIX, Vocabulary
from adapters.ml.folds import Groups, group_rows
from adapters.results.profile import TrainingProfile, profile_of
from domain.schema import Column, ColumnKind, CustomerSchema


@dataclass(frozen=True)
class LearningData:
    """`codes` float32 (n, attributes) · `churned` bool (n) · `months` "YYYY-MM" (n) or None."""

    schema: CustomerSchema
    vocabulary: Vocabulary
    codes: NDArray[np.float32]
    churned: NDArray[np.bool_]
    groups: Groups
    months: NDArray[Any] | None
    profile: TrainingProfile

    @property
    def rows(self) -> int:
        return len(self.churned)

    def only(self, chosen: NDArray[np.bool_]) -> LearningData:
        """Some of the rows; schema, vocabulary, group numbers and profile stay those of all."""
        groups = replace(self.groups, of_row=self.groups.of_row[chosen])
        months = None if self.months is None else self.months[chosen]
        return replace(self, codes=self.codes[chosen], churned=self.churned[chosen], groups=groups, months=months)


def learning_data(detected: Detected) -> LearningData:
    schema = _schema(detected)
    vocabulary = Vocabulary.of(schema)
    batch = arrow_batch(detected)
    codes = vocabulary.codes(batch)
    groups = group_rows(codes, detected.churned, detected.ids)
    profile = profile_of(batch, schema)
    return LearningData(schema, vocabulary, codes, detected.churned, groups, detected.months, profile)


def arrow_batch(detected: Detected) -> Any:
    """The attributes as `a:<name>` columns of an Arrow record batch, cast as the intake casts a file to score."""
    import pyarrow as pa

    columns = {PREFIX + own.name: _arrow_column(own) for own in detected.attributes}
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _arrow_column(attribute: AttributeColumn) -> Any:
    import pyarrow as pa

    column = attribute.text
    if attribute.kind is ColumnKind.NUMERIC:
        return pa.array(column.as_numbers(), from_pandas=True)
    indices = pa.array(column.codes, mask=column.codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(column.values, pa.string()))


def _schema(detected: Detected) -> CustomerSchema:
    return CustomerSchema(
        columns=tuple(_column(own) for own in detected.attributes),
        id_column=detected.id_column,
        target_column=detected.target.column,
        positive_value=detected.target.positive,
        negative_value=detected.target.negative,
        tenure_column=detected.tenure_column,
        revenue_column=detected.revenue_column,
        month_column=detected.month_column,
    )


def _column(attribute: AttributeColumn) -> Column:
    column = attribute.text
    if attribute.kind is ColumnKind.NUMERIC:
        numbers = column.as_numbers()
        return Column(
            attribute.name,
            attribute.kind,
            minimum=float(np.nanmin(numbers)),
            maximum=float(np.nanmax(numbers)),
            missing_rate=float(np.isnan(numbers).mean()),
            typical=f"{float(np.nanmedian(numbers)):.12g}",
        )
    return Column(
        attribute.name,
        attribute.kind,
        levels=attribute.levels,
        missing_rate=1.0 - column.filled / len(column.codes),
        typical=_most_frequent(column),
    )


def _most_frequent(column: TextColumn) -> str:
    return column.values[int(np.argmax(column.counts))]


def with_importance(schema: CustomerSchema, importance: Mapping[str, float]) -> CustomerSchema:
    """The schema with every attribute's share (0…1) of all influence in training."""
    total = sum(importance.values()) or 1.0
    columns = tuple(replace(column, importance=importance[column.name] / total) for column in schema.columns)
    return replace(schema, columns=columns)
