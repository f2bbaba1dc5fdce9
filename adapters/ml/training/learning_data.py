"""Converts an analysed file to training data. Attributes are cast and encoded as in scoring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from adapters.intake.id_hashes import IdHasher, with_months
from adapters.ml.detection.attribute_column import AttributeColumn
from adapters.ml.detection.labelled_file import Detected
from adapters.ml.detection.text_columns import TextColumn
from adapters.ml.scoring.encoding import PREFIX, Vocabulary
from adapters.ml.training.folds import Groups, group_rows
from adapters.results.grouping.training_profile import profile_of
from domain.curve_demand import CurveDemand
from domain.history_kind import HistoryGain
from domain.schema import Column, CustomerSchema
from domain.training_profile import TrainingProfile


@dataclass(frozen=True)
class LearningData:
    """`codes` float32 (n, attributes) · `churned` bool (n) · `months` "YYYY-MM" (n) or None · `id_hashes` uint64."""

    schema: CustomerSchema
    vocabulary: Vocabulary
    codes: NDArray[np.float32]
    churned: NDArray[np.bool_]
    groups: Groups
    months: NDArray[Any] | None
    profile: TrainingProfile
    id_hashes: NDArray[np.uint64] | None = None
    """One per distinct customer, or per customer and month; of all rows also in a subset."""
    history: HistoryGain | None = None
    """What attributes of earlier months gained; None where none were tried."""
    demands: tuple[CurveDemand, ...] = ()
    """What is trained on these rows keeps these directions: boosters and splines take them from here."""

    @property
    def directions(self) -> tuple[int, ...]:
        """1, −1 or 0 (free) per attribute, as `Direction.sign`; empty without demands."""
        signs = {own.column: own.direction.sign for own in self.demands}
        return tuple(signs.get(name, 0) for name in self.vocabulary.names) if signs else ()

    @property
    def rows(self) -> int:
        return len(self.churned)

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> LearningData:
        """A subset of the rows, by mask or row numbers.

        Schema, vocabulary, group numbers and profile remain those of all rows.
        """
        groups = replace(self.groups, of_row=self.groups.of_row[chosen])
        months = None if self.months is None else self.months[chosen]
        return replace(self, codes=self.codes[chosen], churned=self.churned[chosen], groups=groups, months=months)


def learning_data(detected: Detected) -> LearningData:
    schema = _schema(detected)
    vocabulary = Vocabulary.of(schema)
    batch = arrow_batch(detected)
    codes = vocabulary.codes(batch)
    groups = group_rows(codes, detected.churned, *detected.ids)
    profile = profile_of(batch, schema)
    hashes = _id_hashes(detected)
    return LearningData(
        schema,
        vocabulary,
        codes,
        detected.churned,
        groups,
        detected.months,
        profile,
        hashes,
        demands=detected.demands,
    )


def _id_hashes(detected: Detected) -> NDArray[np.uint64] | None:
    ids = detected.customers
    if ids is None or not ids.filled or _are_row_numbers(ids):
        return None
    import pyarrow as pa

    known = ids.codes >= 0
    hashes = IdHasher()(pa.array(ids.values, pa.string()))[ids.codes[known]]
    if detected.months is not None:
        hashes = with_months(hashes, pa.array([month or None for month in detected.months[known]], pa.string()))
    return np.unique(hashes)


def _are_row_numbers(ids: TextColumn) -> bool:
    """Whether the ids only count the rows. Another file's rows have the same numbers and are other customers."""
    first = ids.values[0]
    return first in ("0", "1") and all(text == str(int(first) + at) for at, text in enumerate(ids.values))


def arrow_batch(detected: Detected) -> Any:
    """The attributes as `a:<name>` columns of an Arrow record batch, cast like a file to score."""
    import pyarrow as pa

    columns = {PREFIX + own.name: _arrow_column(own) for own in detected.attributes}
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _arrow_column(attribute: AttributeColumn) -> Any:
    import pyarrow as pa

    column = attribute.text
    if attribute.kind.is_number:
        return pa.array(column.as_numbers(), from_pandas=True)
    indices = pa.array(column.codes, mask=column.codes < 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array(column.values, pa.string()))


def _schema(detected: Detected) -> CustomerSchema:
    return CustomerSchema(
        columns=tuple(_column(own) for own in detected.attributes),
        id_column=detected.id_column,
        target_column=detected.target.column,
        positive_value=detected.target.positive,
        further_positive=detected.target.further,
        negative_value=detected.target.negative,
        tenure_column=detected.tenure_column,
        tenure_unit=detected.tenure_unit if detected.tenure_column else None,
        revenue_column=detected.revenue_column,
        month_column=detected.month_column,
        reference_date=detected.reference_date,
    )


def _column(attribute: AttributeColumn) -> Column:
    column = attribute.text
    if attribute.kind.is_number:
        numbers = column.as_numbers()
        return Column(
            attribute.name,
            attribute.kind,
            minimum=float(np.nanmin(numbers)),
            maximum=float(np.nanmax(numbers)),
            missing_rate=max(attribute.missing_rate, float(np.isnan(numbers).mean())),
            typical=typical_number(numbers),
            date_form=attribute.date_form,
            unit=None if column.unit is None else column.unit.name,
            percent_signs=column.has_percent_signs,
        )
    return Column(
        attribute.name,
        attribute.kind,
        levels=attribute.levels,
        missing_rate=attribute.missing_rate,
        typical=_most_frequent(column),
    )


def typical_number(numbers: NDArray[Any]) -> str:
    """The median as a column stores it."""
    return f"{float(np.nanmedian(numbers)):.12g}"


def _most_frequent(column: TextColumn) -> str:
    return column.values[int(np.argmax(column.counts))]


def with_importance(schema: CustomerSchema, importance: Mapping[str, float]) -> CustomerSchema:
    """The schema with every attribute's share (0…1) of the total influence in training."""
    total = sum(importance.values()) or 1.0
    columns = tuple(replace(column, importance=importance[column.name] / total) for column in schema.columns)
    return replace(schema, columns=columns)
