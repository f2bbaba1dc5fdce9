"""Converts customers to a matrix, in the same way for training and scoring.

First every attribute becomes one float32 code: a number stays unchanged, a level becomes its index in the trained
vocabulary (with one more index for OTHER), a missing value becomes NaN. Then an encoder expands the codes into the
columns that trees split on. Levels are looked up once per distinct text of a batch, not once per row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.schema import Column, CustomerSchema

PREFIX = "a:"
"""Prefix of an attribute's column in a batch."""


@dataclass(frozen=True)
class Vocabulary:
    """The attributes in model order, each with its trained levels (none for a number)."""

    names: tuple[str, ...]
    levels: tuple[tuple[str, ...] | None, ...]

    @classmethod
    def of(cls, schema: CustomerSchema) -> Vocabulary:
        return cls(schema.names, tuple(_levels(column) for column in schema.columns))

    def codes(self, data: Any) -> NDArray[np.float32]:
        """An Arrow record batch or table with columns `a:<name>` → float32 (n, attributes)."""
        codes = np.full((data.num_rows, len(self.names)), np.nan, np.float32, order="F")
        present = set(data.schema.names)
        for place, (name, levels) in enumerate(zip(self.names, self.levels, strict=True)):
            if PREFIX + name in present:
                column = data.column(PREFIX + name)
                codes[:, place] = _numbers(column) if levels is None else _level_codes(column, levels)
        return codes

    def to_json(self) -> dict[str, Any]:
        return {"names": list(self.names), "levels": [None if own is None else list(own) for own in self.levels]}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Vocabulary:
        levels = tuple(None if own is None else tuple(own) for own in stored["levels"])
        return cls(tuple(stored["names"]), levels)


def _levels(column: Column) -> tuple[str, ...] | None:
    return None if column.kind.is_number else column.levels


def _whole(column: Any) -> Any:
    """Combine a column's chunks into one array with one dictionary."""
    import pyarrow as pa

    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _numbers(column: Any) -> NDArray[np.float32]:
    import pyarrow as pa

    numbers: NDArray[np.float32] = _whole(column).cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float32)
    numbers[np.isinf(numbers)] = np.nan
    return numbers


def _level_codes(column: Any, levels: Sequence[str]) -> NDArray[np.float32]:
    import pyarrow as pa

    array = _whole(column)
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    place = {level: float(code) for code, level in enumerate(levels)}
    texts = array.dictionary.to_pylist()
    text_codes = [np.nan if text is None else place.get(text, float(len(levels))) for text in texts]
    table = np.array([*text_codes, np.nan], np.float32)
    indices = array.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
    codes: NDArray[np.float32] = table[indices]
    return codes


@dataclass(frozen=True)
class CategoricalEncoder:
    """Converts codes to matrix columns: a number stays one column, a level is looked up in a table.

    `tables[j]` is float32 (levels + 2, width): one row per level, then OTHER, then missing; None for a number.
    `fill[j]` replaces a missing number if no number was missing in training (NaN: keep it missing).
    """

    tables: tuple[NDArray[np.float32] | None, ...]
    fill: tuple[float, ...]

    @property
    def attribute_of_column(self) -> list[int]:
        """The attribute that each matrix column belongs to."""
        widths = [1 if table is None else table.shape[1] for table in self.tables]
        return [attribute for attribute, width in enumerate(widths) for _ in range(width)]

    def matrix(self, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """codes float32 (n, attributes) → float32 (n, columns), in column-major order."""
        matrix = np.empty((len(codes), len(self.attribute_of_column)), np.float32, order="F")
        first = 0
        for attribute, table in enumerate(self.tables):
            if table is None:
                matrix[:, first] = _filled(codes[:, attribute], self.fill[attribute])
                first += 1
            else:
                rows = _rows_of(codes[:, attribute], len(table))
                for column in table.T:
                    np.take(column, rows, out=matrix[:, first], mode="clip")
                    first += 1
        return matrix

    def to_json(self) -> dict[str, Any]:
        return {"tables": [_table_out(table) for table in self.tables], "fill": [_number_out(x) for x in self.fill]}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> CategoricalEncoder:
        fill = tuple(np.nan if x is None else float(x) for x in stored["fill"])
        return cls(tuple(_table_in(table) for table in stored["tables"]), fill)


def _filled(numbers: NDArray[np.float32], fill: float) -> NDArray[np.float32]:
    return numbers if np.isnan(fill) else np.where(np.isnan(numbers), np.float32(fill), numbers)


def _rows_of(codes: NDArray[np.float32], rows: int) -> NDArray[np.intp]:
    """Table rows of level codes. The last row is for missing values."""
    return np.where(np.isnan(codes), rows - 1, codes).astype(np.intp)


def _number_out(number: float) -> float | None:
    return None if np.isnan(number) else float(number)


def _table_out(table: NDArray[np.float32] | None) -> list[list[float | None]] | None:
    return None if table is None else [[_number_out(x) for x in row] for row in table.tolist()]


def _table_in(stored: list[list[float | None]] | None) -> NDArray[np.float32] | None:
    return None if stored is None else np.array([[np.nan if x is None else x for x in row] for row in stored], "f4")


@dataclass(frozen=True)
class CategoricalEncoderPlan:
    """One-hot columns for up to `one_hot_up_to` levels; for more, one column of target statistics (log-odds of churn).

    The statistics are smoothed towards the overall rate with the weight of `smoothing` customers.
    """

    one_hot_up_to: int = 12
    smoothing: float = 20.0

    def fit(self, vocabulary: Vocabulary, codes: NDArray[np.float32], churned: NDArray[np.bool_]) -> CategoricalEncoder:
        """Fit the encoder on the given rows. Within a fold, pass only the fold's training rows."""
        tables, fill = [], []
        for attribute, levels in enumerate(vocabulary.levels):
            own = codes[:, attribute]
            tables.append(None if levels is None else self._table(len(levels), own, churned))
            fill.append(float(np.median(own)) if levels is None and len(own) and not np.isnan(own).any() else np.nan)
        return CategoricalEncoder(tuple(tables), tuple(fill))

    def fit_matrix(
        self, vocabulary: Vocabulary, codes: NDArray[np.float32], churned: NDArray[np.bool_], *, seed: int
    ) -> tuple[CategoricalEncoder, NDArray[np.float32]]:
        """The encoder and the training matrix. The statistics of a row do not use its own label."""
        treatment = self.fit(vocabulary, codes, churned)
        matrix = treatment.matrix(codes)
        statistics = [j for j, levels in enumerate(vocabulary.levels) if levels is not None and self._is_wide(levels)]
        if statistics:
            part = np.random.default_rng(seed).permutation(len(codes)) % 5
            column_of = {attribute: column for column, attribute in enumerate(treatment.attribute_of_column)}
            for attribute in statistics:
                own, rows = codes[:, attribute], len(vocabulary.levels[attribute] or ()) + 2
                for fold in range(5):
                    inside = part != fold
                    table = self.statistics(rows - 2, own[inside], churned[inside])
                    matrix[~inside, column_of[attribute]] = table[_rows_of(own[~inside], rows), 0]
        return treatment, matrix

    def _is_wide(self, levels: Sequence[str]) -> bool:
        return len(levels) > max(2, self.one_hot_up_to)

    def _table(self, levels: int, codes: NDArray[np.float32], churned: NDArray[np.bool_]) -> NDArray[np.float32]:
        if levels <= 2:
            return self._two_levels(levels, codes)
        return self._one_hot(levels, codes) if levels <= self.one_hot_up_to else self.statistics(levels, codes, churned)

    def _two_levels(self, levels: int, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """One column: 0, 1; OTHER in between if it was in training, otherwise the more frequent level."""
        counts = np.bincount(_rows_of(codes, levels + 2), minlength=levels + 2)
        other = 0.5 if counts[levels] else float(np.argmax(counts[:levels])) if levels else 0.0
        missing = np.nan if counts[-1] else other
        return np.array([*range(levels), other, missing], np.float32)[:, None]

    def _one_hot(self, levels: int, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """A column per level, and one for OTHER if it was in training; otherwise OTHER is the most frequent level."""
        counts = np.bincount(_rows_of(codes, levels + 2), minlength=levels + 2)
        learned = bool(counts[levels])
        table = np.zeros((levels + 2, levels + learned), np.float32)
        table[np.arange(levels + learned), np.arange(levels + learned)] = 1.0
        if not learned:
            table[levels] = (counts[:levels] >= 0.5 * max(1, len(codes))).astype(np.float32)
        table[-1] = np.nan if counts[-1] else table[levels]
        return table

    def statistics(self, levels: int, codes: NDArray[np.float32], churned: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Smoothed log-odds of churn per level. Levels without customers, also OTHER, get the mean."""
        rows = _rows_of(codes, levels + 2)
        customers = np.bincount(rows, minlength=levels + 2)
        leavers = np.bincount(rows, weights=churned, minlength=levels + 2)
        mean = (churned.sum() + 0.5) / (len(churned) + 1.0)
        rate = (leavers + self.smoothing * mean) / (customers + self.smoothing)
        table: NDArray[np.float32] = np.log(rate / (1.0 - rate)).astype(np.float32)[:, None]
        if not customers[-1]:
            table[-1] = table[levels]
        else:
            table[-1] = np.nan
        return table
